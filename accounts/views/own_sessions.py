"""Where one is signed in, and signing out there."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actions import desks
from accounts.requests import StaffRequest


@require_GET
def show(request: StaffRequest) -> HttpResponse:
    context = {"desks": desks.desks_of(request.member), "here": desks.name_of(request.session)}
    return render(request, "accounts/sessions.html", context)


@require_POST
def end(request: StaffRequest) -> HttpResponse:
    """Sign out in one place, or everywhere else."""
    name, here = request.POST.get("name", ""), desks.name_of(request.session)
    if name == here:
        return redirect("settings-sessions")  # one leaves one's own desk by signing out there
    member = request.member
    is_done = desks.sign_out_at(member, name) if name else desks.sign_out_everywhere(member, but=here)
    if is_done:
        messages.success(request, _("Signed out there."))
    else:
        messages.info(request, _("That session was over already."))
    return redirect("settings-sessions")
