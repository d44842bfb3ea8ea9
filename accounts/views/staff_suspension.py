"""Suspending a colleague, and taking her up again: for admins."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actions import suspending
from accounts.actions.people import LastAdmin
from accounts.requests import StaffRequest
from accounts.views.staff import LAST_ADMIN, LOG_STOPPED, membership_or_404
from audit.fresh import Why, needs_fresh_factor
from audit.sealing import LogStopped


@needs_fresh_factor(Why.STAFF)
@require_POST
def suspend(request: StaffRequest, pk: UUID) -> HttpResponse:
    try:
        if suspending.suspend(membership_or_404(request, pk), by=request.member):
            messages.success(request, _("Suspended. What this person held went back to everybody."))
    except suspending.NotOneself:
        messages.error(request, _("You cannot suspend yourself. Nothing was changed."))
    except LastAdmin:
        messages.error(request, LAST_ADMIN)
    except LogStopped:
        messages.error(request, LOG_STOPPED)
    return redirect("staff-person", pk)


@needs_fresh_factor(Why.STAFF)
@require_POST
def resume(request: StaffRequest, pk: UUID) -> HttpResponse:
    try:
        if suspending.resume(membership_or_404(request, pk), by=request.member):
            messages.success(request, _("Taken up again. This person signs in as before."))
    except LogStopped:
        messages.error(request, LOG_STOPPED)
    return redirect("staff-person", pk)
