"""Coming in with a passkey: alone, or after the password. A browser asks for a challenge, then posts the answer."""

from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import ceremonies, challenges
from accounts.actions import passkeys, signing
from accounts.actions.passkeys import KeyCopied
from accounts.ceremonies import NotAccepted
from accounts.challenges import Purpose
from accounts.forms import AnswerForm, CodeForm, SignInForm
from accounts.limits import Door
from accounts.models import Passkey, Staff
from accounts.places import place_of
from accounts.views.limited import limited, miss
from accounts.views.signing import REFUSED, enter, first_step, second_step
from accounts.ways import ways_of
from audit.events import Event

UNAUTHORIZED = 401
NOT_ACCEPTED = _("That passkey was not accepted. Please try again, or sign in another way.")
COPIED = _(
    "This passkey was used somewhere else in between, so it may have been copied. It is shut and opens nothing any"
    " more. Sign in another way, remove it in your settings, and tell an admin of your center."
)


class Proof(NamedTuple):
    """A key that has proved itself, and where its owner works: nowhere is no proof."""

    passkey: Passkey
    centers: list[UUID]


@login_not_required  # whoever signs in with a passkey alone is nobody yet
@require_POST
def sign_in_options(request: HttpRequest) -> HttpResponse:
    """Ask for any passkey of this place: no list of keys, so nothing tells who exists."""
    return options(Purpose.SIGN_IN, allowed=[])


@login_not_required  # the passkey is both factors: something she has, and her finger, face or PIN
@sensitive_post_parameters()
@require_POST
@limited
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone."""
    try:
        proof = proof_in(request, Purpose.SIGN_IN)
    except (NotAccepted, KeyCopied) as problem:
        return first_step(request, SignInForm(), problem=str(words_for(problem)), status=REFUSED)
    return enter(request, proof.passkey, Event.PASSKEY_USED, proof.centers)


@login_not_required  # the password has passed, the second factor has not
@require_POST
def second_step_options(request: HttpRequest) -> HttpResponse:
    staff = request.user
    if not isinstance(staff, Staff):
        return HttpResponse(status=UNAUTHORIZED)
    return options(Purpose.SECOND_STEP, staff, allowed=ways_of(staff).usable_passkeys)


@login_not_required  # the password has passed, the second factor has not
@sensitive_post_parameters()
@require_POST
@limited
def confirm_second_step(request: HttpRequest) -> HttpResponse:
    """The second step, by a passkey of the person whose password has passed."""
    staff = request.user
    if not isinstance(staff, Staff):
        return redirect("sign-in")
    try:
        proof = proof_in(request, Purpose.SECOND_STEP, staff)
        return enter(request, proof.passkey, Event.PASSKEY_USED, proof.centers)
    except (NotAccepted, KeyCopied) as problem:
        return second_step(request, CodeForm(), problem=str(words_for(problem)), status=REFUSED)


def options(purpose: Purpose, staff: Staff | None = None, *, allowed: list[Passkey]) -> HttpResponse:
    """A challenge, and which keys may answer it: all of this place, or only these."""
    challenge = challenges.new_challenge()
    ids = [bytes(passkey.credential_id) for passkey in allowed]
    response = HttpResponse(ceremonies.request_options(challenge, allowed=ids), content_type="application/json")
    challenges.give(response, challenge, purpose, staff)
    return response


def proof_in(request: HttpRequest, purpose: Purpose, staff: Staff | None = None) -> Proof:
    """What a posted answer proves. Raises as `passkeys.prove` does, and `TooMany`.

    A key cannot be guessed, so one that proves itself always opens; refusals are counted and on the record, up to a
    limit of their own.
    """
    form = AnswerForm(request.POST)
    try:
        challenge = challenges.given(request, purpose, staff)
        if not form.is_valid():
            raise NotAccepted
        passkey = passkeys.prove(form.cleaned_data["credential"], challenge, staff=staff)
        centers = signing.centers_of(passkey.user)
        if not centers:
            raise NotAccepted
    except NotAccepted:
        miss(Door.PASSKEY, str(staff.pk) if staff else place_of(request))
        signing.note(Event.PASSKEY_REFUSED, staff)
        raise
    return Proof(passkey, centers)


def words_for(problem: NotAccepted | KeyCopied) -> Promise:
    return COPIED if isinstance(problem, KeyCopied) else NOT_ACCEPTED
