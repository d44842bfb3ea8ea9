"""Where a colleague is signed in, and signing her out there: for admins."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actions import desks
from accounts.requests import StaffRequest
from accounts.views.staff import membership_or_404
from audit.fresh import Why, needs_fresh_factor


@require_GET
def show(request: StaffRequest, pk: UUID) -> HttpResponse:
    member = membership_or_404(request, pk)
    context = {"desks": desks.desks_of(member), "here": desks.name_of(request.session), "colleague": member}
    return render(request, "accounts/staff_sessions.html", context)


@needs_fresh_factor(Why.STAFF)
@require_POST
def end(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Sign her out in one place, or everywhere. An admin's own session stays: she signs out by herself."""
    member, name, here = membership_or_404(request, pk), request.POST.get("name", ""), desks.name_of(request.session)
    if name and name != here:
        is_done = desks.sign_out_at(member, name)
    else:
        is_done = not name and desks.sign_out_everywhere(member, but=here)
    if is_done:
        messages.success(request, _("Signed out there."))
    else:
        messages.info(request, _("That session was over already."))
    return redirect("staff-sessions", pk)
