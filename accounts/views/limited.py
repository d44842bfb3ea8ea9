"""Doors that take so many tries and no more: what is counted at each, and the page that says when to come again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode

from accounts.actions.attempts import Bucket, Charge, TooMany, charge, failures_since
from accounts.actions.watching import note_breaker
from accounts.devices import known_device
from accounts.hashers import STRANGERS, Busy
from accounts.limits import BREAKER, Door
from accounts.models import Staff
from accounts.places import place_of, site_of
from accounts.requests import View, wanted_address
from encryption.blind_index import email_index

BUSY_SECONDS = 5
LOOK_AGAIN = 1.0  # seconds for which a process believes what it knows of the breaker
_looked = (0.0, False)


def limited(view: View) -> View:
    """Answer with a plain page where a door takes no more tries (429), or too many passwords wait (503)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TooMany as refusal:
            return _later(request, "accounts/locked_out.html", 429, refusal.seconds)
        except Busy:
            return busy(request)

    return guarded


@contextmanager
def password_try(request: HttpRequest, email: str) -> Iterator[Charge]:
    """A try with a password, counted. Raises `TooMany`; what could not be looked at (`Busy`) is not counted.

    On a device that this address was signed in with before, nothing counts that strangers do elsewhere.
    """
    index = email_index(email).hex()
    if device := known_device(request, email):
        with _counted(charge(Bucket(Door.PASSWORD_DEVICE, (device,)), account=_account(index))) as counted:
            yield counted
        return
    place = place_of(request)
    everywhere = Bucket(Door.PASSWORD_ACCOUNT, (index,))
    here, anybody = Bucket(Door.PASSWORD_HERE, (index, place)), Bucket(Door.PASSWORD_PLACE, (place,))
    site = Bucket(Door.PASSWORD_SITE, (site_of(request),))
    with STRANGERS.turn():  # first: whoever finds no turn costs nothing else
        refuse_strangers()
        with _counted(charge(here, everywhere, anybody, site, account=_account(index))) as counted:
            yield counted


def code_try(request: HttpRequest, staff: Staff) -> Charge:
    """A try with a code, counted against the person, or against the device that is known as hers. Raises `TooMany`."""
    device = known_device(request, staff.email)
    bucket = Bucket(Door.CODE_DEVICE, (device,)) if device else Bucket(Door.CODE, (str(staff.pk),))
    return charge(bucket, account=_account(bytes(staff.email_index).hex()))


def own_password_try(staff: Staff) -> Charge:
    """A try with somebody's present password. Raises `TooMany`."""
    return charge(Bucket(Door.PASSWORD_OWN, (str(staff.pk),)))


def miss(door: Door, about: str) -> None:
    """Count what led nowhere. Raises `TooMany` where that has happened too often: then nothing more is written."""
    charge(Bucket(door, (about,)))


def refuse_strangers() -> None:
    """While passwords fail everywhere, only who is known comes in. Raises `TooMany`."""
    global _looked
    until, is_open = _looked
    if time.monotonic() > until:
        most, within = BREAKER
        is_open = failures_since(Door.PASSWORD_PLACE, timezone.now() - within) >= most
        _looked = time.monotonic() + LOOK_AGAIN, is_open
        if is_open:
            note_breaker()
    if is_open:
        raise TooMany(BREAKER[1])


def forget_breaker() -> None:
    """Have the next try look again."""
    global _looked
    _looked = (0.0, False)


@contextmanager
def _counted(counted: Charge) -> Iterator[Charge]:
    try:
        yield counted
    except Busy:
        counted.undone()
        raise


def busy(request: HttpRequest) -> HttpResponse:
    """The page for whoever found no turn."""
    return _later(request, "accounts/busy.html", 503, BUSY_SECONDS)


def _account(index: str) -> UUID:
    """What stands for an address in jobs and rows, whether or not anybody has it."""
    return Bucket(Door.PASSWORD_ACCOUNT, (index,)).key


def _form_of(request: HttpRequest) -> str:
    """The page that holds the form which was posted, on its way to where it was."""
    kept = {"why": request.POST.get("why"), "next": wanted_address(request)}
    query = urlencode({name: value for name, value in kept.items() if value})
    return request.path.removesuffix("passkey/") + ("?" + query if query else "")


def _later(request: HttpRequest, page: str, status: int, seconds: int) -> HttpResponse:
    context = {"seconds": seconds, "minutes": -(-seconds // 60), "back": _form_of(request)}
    response = render(request, page, context, status=status)
    response["Retry-After"] = str(seconds)
    return response
