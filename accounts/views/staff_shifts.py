"""The hours in which a colleague may come in, and making today's longer: for admins."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import shifts
from accounts.actions.people import LastAdmin
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
            shifts.set_hours(member, form.hours)
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
    """One click, without a fresh factor: a conversation must not be cut off. It is on the log."""
    member, form = membership_or_404(request, pk), ExtendForm(request.POST)
    if form.is_valid():
        try:
            until = shifts.extend(member, form.cleaned_data["longer"] or None)
            clock = date_format(timezone.localtime(until), "TIME_FORMAT")
            messages.success(request, _("Longer for today: until %(clock)s") % {"clock": clock})
        except shifts.NotBound:
            messages.info(request, _("This person comes in at any hour."))
    return redirect("staff-person", pk)
