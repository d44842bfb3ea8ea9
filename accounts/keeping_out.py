"""What the gate answers whoever has signed in and sees nothing: elsewhere, at a locked desk, outside her hours, or
without the passkey that her role needs."""

import time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.models import Device

from accounts import sessions
from accounts.confirming import ask_again
from accounts.models import Membership, Passkey, RecoverySet
from accounts.networks import admits
from accounts.places import client_address
from accounts.roles import ADDING_A_PASSKEY, BEFORE_A_PASSKEY, FROM_ANYWHERE, OUTSIDE_HOURS
from audit.events import Event
from audit.fresh import Why
from audit.record import record

NOTED_EVERY = 300  # seconds: addresses can be changed faster than anybody reads
WHILE_LOCKED = ("confirm", "confirm-passkey", "confirm-passkey-options")


def kept_out(request: HttpRequest, member: Membership) -> HttpResponse | None:
    """The answer to somebody who is kept out, for whichever reason comes first; None for whoever is not."""
    reasons = (if_elsewhere, if_locked, if_off_shift, if_without_passkey)
    return next((answer for reason in reasons if (answer := reason(request, member))), None)


def if_elsewhere(request: HttpRequest, member: Membership) -> HttpResponse | None:
    """From a network that her center does not list: a plain refusal, on the record once in a few minutes."""
    address = client_address(request)
    if admits(member.center.networks, address):
        return None
    if time.time() - int(request.session.get(sessions.ELSEWHERE, 0)) > NOTED_EVERY:
        request.session[sessions.ELSEWHERE] = int(time.time())
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
    return _led_to(request, reverse("off-shift"))


def lacks_passkey(device_id: str, member: Membership) -> bool:
    """Whether somebody whose role needs a passkey came in by something else.

    device_id    what django-otp calls the device that opened the session
    """
    return member.must_use_passkey(timezone.now()) and not is_of_kind(device_id, Passkey)


def if_without_passkey(request: HttpRequest, member: Membership) -> HttpResponse | None:
    """Whoever has a passkey is asked for it; whoever has none, or came in by a recovery code, adds one.

    Nothing else opens. Outside her hours she sees their page, as everybody does.
    """
    device_id = device_of(request)
    if not lacks_passkey(device_id, member) or not member.standing(timezone.now()).is_on:
        return None
    has_lost_it = is_of_kind(device_id, RecoverySet)
    may_add = has_lost_it or not Passkey.objects.filter(user=member.staff, confirmed=True).exists()
    if _route(request) in (BEFORE_A_PASSKEY | ADDING_A_PASSKEY if may_add else BEFORE_A_PASSKEY):
        return None
    if may_add:
        return _led_to(request, reverse("passkey-new"))
    return ask_again(request, Why.PASSKEY, keep=False)


def device_of(request: HttpRequest) -> str:
    """What opened the session of a request."""
    return str(request.session.get(DEVICE_ID_SESSION_KEY, ""))


def is_of_kind(device_id: str, kind: type[Device]) -> bool:
    return device_id.startswith(kind.model_label() + "/")


def _led_to(request: HttpRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = address
        return response
    return redirect(address)


def _route(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
