"""A colleague has lost every way of signing in: opening a recovery, agreeing, handing out its link. For admins."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import recovering
from accounts.actions.recovering import NotForOneself, NotTheSame, OpenAlready, RecoveryRefused, WorksElsewhere
from accounts.forms import InviteForm, RecoveryForm
from accounts.models import Membership, Recovery
from accounts.requests import StaffRequest
from accounts.roles import Permission
from accounts.views.staff import LOG_STOPPED, membership_or_404, page
from audit.fresh import Why, needs_fresh_factor
from audit.sealing import LogStopped

UNPROCESSABLE = 422
REFUSALS: dict[type[Exception], Promise] = {
    OpenAlready: _("A recovery of this person is under way already: it stands at the top of this page."),
    NotForOneself: _("Nobody recovers their own account. Another admin has to do this."),
    NotTheSame: _(
        "Somebody else has to agree, who worked here a day before it was opened already. Without a second admin it"
        " takes the day."
    ),
    WorksElsewhere: _(
        "This account cannot be recovered from here. Whoever runs the server can do it: bin/manage recover_admin."
    ),
    LogStopped: LOG_STOPPED,
}
CHANGED_MEANWHILE = _("That was cancelled, used or decided meanwhile. This page shows how it stands now.")


@needs_fresh_factor(Why.STAFF)
@require_http_methods(["GET", "POST"])
def begin(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The page that says what a recovery is and asks why, and the act."""
    colleague = membership_or_404(request, pk)
    form = RecoveryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            recovering.open_recovery(colleague, by=request.member, reason=form.cleaned_data["reason"])
            messages.success(request, _("The recovery is opened. This person and the admins are told."))
        except (RecoveryRefused, LogStopped) as refusal:
            messages.error(request, words_for(refusal))
        return redirect("staff")
    here = Membership.objects.current().who_may(Permission.STAFF).filter(center=request.member.center_id)
    others = here.exclude(staff__in=[request.member.staff_id, colleague.staff_id])
    context = {"form": form, "colleague": colleague, "has_second_admin": others.exists()}
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "accounts/staff_recovery.html", context, status=status)


@needs_fresh_factor(Why.STAFF)
@require_POST
def agree(request: StaffRequest, pk: UUID) -> HttpResponse:
    try:
        recovering.agree(_recovery_or_404(request, pk), by=request.member)
        messages.success(request, _("Agreed. A link can be made now."))
    except (RecoveryRefused, LogStopped) as refusal:
        messages.error(request, words_for(refusal))
    return redirect("staff")


@needs_fresh_factor(Why.STAFF)
@require_POST
def cancel(request: StaffRequest, pk: UUID) -> HttpResponse:
    try:
        recovering.cancel(_recovery_or_404(request, pk), by=request.member)
        messages.success(request, _("Cancelled. Nothing has changed about how this person signs in."))
    except RecoveryRefused as refusal:
        messages.error(request, words_for(refusal))
    return redirect("staff")


@needs_fresh_factor(Why.STAFF)
@require_POST
def link(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Make the link. It is shown this once, to be handed over in person."""
    try:
        made = recovering.make_link(_recovery_or_404(request, pk), by=request.member)
    except (RecoveryRefused, LogStopped) as refusal:
        messages.error(request, words_for(refusal))
        return redirect("staff")
    return page(request, InviteForm(), status=201, recovery_link=made)


def words_for(refusal: Exception) -> str:
    return str(REFUSALS.get(type(refusal), CHANGED_MEANWHILE))


def _recovery_or_404(request: StaffRequest, pk: UUID) -> Recovery:
    return get_object_or_404(Recovery, pk=pk, center=request.member.center_id)
