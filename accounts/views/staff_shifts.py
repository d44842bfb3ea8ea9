"""The hours in which a colleague may come in, and making today's longer: for admins."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import sessions
from accounts.actions import shifts
from accounts.actions.people import LastAdmin
from accounts.confirming import ask_again
from accounts.requests import StaffRequest
from accounts.roster_forms import ExtendForm, RosterForm
from accounts.views.staff import LAST_ADMIN, LOG_STOPPED, UNPROCESSABLE, membership_or_404
from audit.fresh import Why, needs_fresh_factor
from audit.sealing import LogStopped


@needs_fresh_factor(Why.STAFF)
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, pk: UUID) -> HttpResponse:
    member = membership_or_404(request, pk)
    hours = member.bound_by.hours if member.bound_by else None
    form = RosterForm(request.POST or None, hours=hours, today=timezone.localdate())
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            shifts.set_hours(member, form.hours, by=request.member)
            messages.success(request, _("The hours are saved."))
            return redirect("staff-person", pk)
        except LastAdmin:
            problem = str(LAST_ADMIN)
        except LogStopped:
            problem = str(LOG_STOPPED)
    status = UNPROCESSABLE if request.method == "POST" else 200
    context = {"form": form, "colleague": member, "problem": problem, "center": request.member.center}
    return render(request, "accounts/staff_shifts.html", context, status=status)


@require_POST
def extend(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One click, without a fresh factor: a conversation must not be cut off. It is on the log.

    Whoever makes her own hours longer proves herself: the desk may have been left open for somebody else.
    """
    if pk == request.member.pk and not sessions.is_fresh(request.session):
        return ask_again(request, Why.STAFF)
    member, form = membership_or_404(request, pk), ExtendForm(request.POST)
    if form.is_valid():
        try:
            until = shifts.extend(member, form.cleaned_data["longer"] or None, by=request.member)
            messages.success(request, _longer(timezone.localtime(until)))
        except shifts.NotBound:
            messages.info(request, _("This person comes in at any hour."))
    return redirect("staff-person", pk)


def _longer(until: datetime) -> str:
    clock = {"clock": date_format(until, "TIME_FORMAT")}
    if until.date() == timezone.localdate():
        return _("Longer for today: until %(clock)s") % clock
    return _("Longer: until tomorrow, %(clock)s") % clock
