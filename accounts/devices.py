"""Browsers that people have signed in with before. A cookie says so: signed, random, and holding nothing else.

A browser has one, whoever signs in at it; what is kept is a hash of it together with whose address, so rows of
two people at one desk cannot be told to be of one desk.
"""

import secrets
from hashlib import sha256

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.actions.known_devices import LASTS, is_known, note_device
from accounts.models import KnownDevice, Staff
from encryption.blind_index import email_index

SALT = "accounts.device"


def known_device(request: HttpRequest, email: str) -> str | None:
    """What stands for this browser, if somebody has signed in at it as this address within ninety days."""
    token = _token(request)
    if token is None:
        return None
    digest = _digest(token, email_index(email))
    return digest.hex() if is_known(digest) else None


def device_of(request: HttpRequest, staff: Staff) -> KnownDevice | None:
    """This browser as somebody's who is signed in at it; None where it keeps no cookie."""
    token = _token(request)
    digest = _digest(token, bytes(staff.email_index)) if token else None
    return KnownDevice.objects.filter(digest=digest).first() if digest else None


def remember(request: HttpRequest, response: HttpResponse, staff: Staff) -> None:
    """Both factors have passed in this browser: know it from now on. Of one more than before, she is told."""
    token = _token(request) or secrets.token_hex(32)
    note_device(staff, _digest(token, bytes(staff.email_index)))
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(token, salt=SALT),
        max_age=LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _token(request: HttpRequest) -> str | None:
    try:
        token: str = signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    return token


def _digest(token: str, index: bytes) -> bytes:
    return sha256(bytes.fromhex(token) + index).digest()
