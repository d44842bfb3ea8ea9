"""For whoever works in several centers: which of them this session is for. Nothing of the others is reachable."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import sessions
from accounts.actions import signing
from accounts.requests import StaffRequest


@require_GET
def choose(request: StaffRequest) -> HttpResponse:
    context = {"places": signing.places_of(request.member.staff), "here": request.member.center_id}
    return render(request, "accounts/centers.html", context)


@require_POST
def enter(request: StaffRequest) -> HttpResponse:
    """Leave this center for another one, under a new session key: what was open here closes."""
    try:
        wanted = forms.UUIDField().clean(request.POST.get("center", ""))
    except forms.ValidationError:
        wanted = None
    if wanted not in signing.centers_of(request.member.staff):
        messages.error(request, _("You do not work there, or no longer. You are still where you were."))
        return redirect("centers")
    sessions.move(request.session, wanted)
    signing.note_entering(request.member.staff, wanted)
    return redirect("inbox")
