"""The two ceremonies of WebAuthn: making a key, and proving it. Only this module knows the library.

Everything that a browser sends is checked here against our own challenge, host and origins; a person
must have been verified by her device (a finger, a face, a PIN). Nothing here touches the database.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AttestationObject,
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

PATIENCE = 120_000  # milliseconds that the browser waits for the person
LONGEST_ID = 1023  # bytes, WebAuthn level 2, section 4
LONGEST_KEY = 2048
# What the library and those below it raise on bytes that make no sense; all of it is the sender's mistake.
SENSELESS = (
    WebAuthnException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


class NotAccepted(Exception):
    """What the browser sent proves nothing: altered, for another place, too late, or not understood."""


class NewKey(NamedTuple):
    """A key that was just made, as we keep it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


class Answer(NamedTuple):
    """What a browser answered to `request_options`: whose key it claims to be, and all of it, not yet believed."""

    credential_id: bytes
    handle: bytes | None
    whole: AuthenticationCredential


def creation_options(handle: bytes, *, name: str, challenge: bytes, known: Iterable[bytes]) -> str:
    """What the browser needs to make a key, as JSON.

    handle   random bytes that stand for the person; her key gives them back when it signs her in
    name     what her device shows in its list of keys
    known    ids of her keys, so that one device is not registered twice
    """
    options = generate_registration_options(
        rp_id=settings.PASSKEY_HOST,
        rp_name="Quietline",
        user_id=handle,
        user_name=name,
        challenge=challenge,
        timeout=PATIENCE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_described(known),
    )
    return options_to_json(options)


def request_options(challenge: bytes, *, allowed: Iterable[bytes] = ()) -> str:
    """What the browser needs to prove a key, as JSON. Without ids it offers every key for this place."""
    options = generate_authentication_options(
        rp_id=settings.PASSKEY_HOST,
        challenge=challenge,
        timeout=PATIENCE,
        allow_credentials=_described(allowed),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def new_key(answer: str, challenge: bytes) -> NewKey:
    """The key in an answer to `creation_options`. Raises `NotAccepted`."""
    try:
        credential = parse_registration_credential_json(answer)
        _refuse_attestation(parse_attestation_object(credential.response.attestation_object))
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=settings.PASSKEY_HOST,
            expected_origin=settings.STAFF_ORIGINS,
            require_user_verification=True,
        )
    except SENSELESS as problem:
        raise NotAccepted from problem
    if len(made.credential_id) > LONGEST_ID or len(made.credential_public_key) > LONGEST_KEY:
        raise NotAccepted
    return NewKey(made.credential_id, made.credential_public_key, made.sign_count)


def parse(answer: str) -> Answer:
    """An answer taken apart. Raises `NotAccepted`."""
    try:
        whole = parse_authentication_credential_json(answer)
    except SENSELESS as problem:
        raise NotAccepted from problem
    return Answer(whole.raw_id, whole.response.user_handle, whole)


def proved(answer: Answer, challenge: bytes, *, public_key: bytes) -> int:
    """The key's counter in an answer that this key has signed. Raises `NotAccepted`.

    The counter is judged by the caller, who knows the last one: here, only the signature makes it believable.
    """
    try:
        verified = verify_authentication_response(
            credential=answer.whole,
            expected_challenge=challenge,
            expected_rp_id=settings.PASSKEY_HOST,
            expected_origin=settings.STAFF_ORIGINS,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except SENSELESS as problem:
        raise NotAccepted from problem
    return verified.new_sign_count


def _refuse_attestation(made: AttestationObject) -> None:
    """We ask who made the device no more than browsers tell by themselves: certificates are not even read."""
    is_self_signed = made.fmt == AttestationFormat.PACKED and made.att_stmt.x5c is None
    if made.fmt != AttestationFormat.NONE and not is_self_signed:
        raise NotAccepted


def _described(ids: Iterable[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one) for one in ids]
