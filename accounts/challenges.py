"""The challenge that a key signs: random, for one purpose and one person, good once and for five minutes.

It travels in a signed cookie, so that asking for one writes nothing; what is written is that it was used.
"""

import secrets
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

from django.conf import settings
from django.core import signing
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse

from accounts.ceremonies import NotAccepted
from accounts.models import SpentChallenge, Staff

LASTS = timedelta(minutes=5)
SIZE = 32  # bytes


class Purpose(StrEnum):
    SIGN_IN = "sign-in"  # nobody is known yet
    SECOND_STEP = "second-step"  # after the password
    NEW_KEY = "new-key"
    CONFIRM = "confirm"  # somebody who has signed in proves herself again


def new_challenge() -> bytes:
    return secrets.token_bytes(SIZE)


def give(response: HttpResponse, challenge: bytes, purpose: Purpose, staff: Staff | None = None) -> None:
    """Have the browser keep a challenge until it is answered."""
    response.set_cookie(
        _cookie(purpose),
        signing.dumps(challenge.hex(), salt=_salt(purpose, staff)),
        max_age=LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def given(request: HttpRequest, purpose: Purpose, staff: Staff | None = None) -> bytes:
    """The challenge that was given to this browser for this. Raises `NotAccepted`. Nothing is written."""
    try:
        kept = signing.loads(request.COOKIES.get(_cookie(purpose), ""), salt=_salt(purpose, staff), max_age=LASTS)
    except signing.BadSignature as problem:
        raise NotAccepted from problem
    return bytes.fromhex(kept)


def spend(challenge: bytes) -> None:
    """Use a challenge up that a key has answered. Raises `NotAccepted` the second time, and ends the transaction.

    Of two uses at the same moment the digest's unique row lets one through. What proves nothing spends nothing, so
    a flood of it fills no table.
    """
    try:
        SpentChallenge.objects.create(digest=sha256(challenge).digest())
    except IntegrityError as problem:
        raise NotAccepted from problem


def _cookie(purpose: Purpose) -> str:
    return f"{settings.CHALLENGE_COOKIE_NAME}-{purpose}"


def _salt(purpose: Purpose, staff: Staff | None) -> str:
    return f"accounts.challenge.{purpose}.{staff.pk if staff else 'nobody'}"
