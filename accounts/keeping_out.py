"""What the gate answers whoever has signed in and sees nothing: elsewhere, at a locked desk, outside her hours."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts import sessions
from accounts.confirming import ask_again
from accounts.models import Membership
from accounts.networks import admits
from accounts.places import client_address
from accounts.roles import FROM_ANYWHERE, OUTSIDE_HOURS
from audit.events import Event
from audit.fresh import Why
from audit.record import record

WHILE_LOCKED = ("confirm", "confirm-passkey", "confirm-passkey-options")


def kept_out(request: HttpRequest, member: Membership) -> HttpResponse | None:
    """The answer to somebody who is kept out, for whichever reason comes first; None for whoever is not."""
    return if_elsewhere(request, member) or if_locked(request, member) or if_off_shift(request, member)


def if_elsewhere(request: HttpRequest, member: Membership) -> HttpResponse | None:
    """From a network that her center does not list: a plain refusal, on the record once for each address."""
    address = client_address(request)
    if admits(member.center.networks, address):
        request.session.pop(sessions.ELSEWHERE, None)
        return None
    if request.session.get(sessions.ELSEWHERE) != address:
        request.session[sessions.ELSEWHERE] = address
        record(Event.NETWORK_REFUSED, subject=member.staff)
    if _route(request) in FROM_ANYWHERE:
        return None
    return render(request, "accounts/elsewhere.html", {"address": address}, status=403)


def if_locked(request: HttpRequest, member: Membership) -> HttpResponse | None:
    """What a locked session answers, whatever is asked: the page that asks for a factor. None for that page itself.

    A form that was posted waits, sealed: whoever comes back loses nothing.
    """
    if not sessions.is_locked(request.session, after=member.center.idle_seconds):
        return None
    if sessions.LOCKED not in request.session:
        sessions.lock(request.session)
        record(Event.SESSION_LOCKED)
    route = _route(request)
    return None if route in WHILE_LOCKED else ask_again(request, Why.LOCKED, keep=route != "lock")


def if_off_shift(request: HttpRequest, member: Membership) -> HttpResponse | None:
    """Outside her hours everything leads to the page that says when the next ones begin; by the server's clock."""
    if member.standing(timezone.now()).is_on:
        request.session.pop(sessions.OFF_SHIFT, None)
        return None
    if sessions.OFF_SHIFT not in request.session:
        sessions.note_off_shift(request.session)
        record(Event.OFF_SHIFT, subject=member.staff)
    if _route(request) in OUTSIDE_HOURS:
        return None
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = reverse("off-shift")
        return response
    return redirect("off-shift")


def _route(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
