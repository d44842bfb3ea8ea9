"""Which addresses Twilio calls for a line's number: read back, and set."""

from dataclasses import asdict, dataclass
from typing import Any

from twilio.base.exceptions import TwilioException

from messaging.twilio.doors import Door
from messaging.twilio.gateway import UNAUTHORIZED, UNREADABLE, AccountRefused, Busy, client_of


@dataclass(frozen=True)
class Addresses:
    """The addresses of one number, by the names that Twilio's API has for them. Methods are always POST."""

    sms_url: str
    sms_fallback_url: str
    voice_url: str
    voice_fallback_url: str
    status_callback: str


def addresses_at_twilio(door: Door) -> Addresses | None:
    """What is set now; None when the account does not hold this number.

    Raises `Busy`, and `AccountRefused` where Twilio does not take our credentials.
    """
    number = _number(door)
    return None if number is None else _addresses(number)


def set_addresses(door: Door, wanted: Addresses) -> Addresses | None:
    """Set all of them, and return what Twilio then says is set. Raises `Busy`."""
    number = _number(door)
    if number is None:
        return None
    methods = {name.replace("_url", "_method"): "POST" for name in asdict(wanted) if name.endswith("_url")}
    try:
        number.update(**asdict(wanted), **methods, status_callback_method="POST")
    except (TwilioException, *UNREADABLE):
        raise Busy from None
    return addresses_at_twilio(door)


def _number(door: Door) -> Any:
    try:
        found = client_of(door).incoming_phone_numbers.list(phone_number=door.number, limit=2)
    except TwilioException as error:
        raise (AccountRefused(UNAUTHORIZED) if _is_unauthorized(error) else Busy()) from None
    except UNREADABLE:
        raise Busy from None
    return next((number for number in found if number.phone_number == door.number), None)


def _is_unauthorized(error: TwilioException) -> bool:
    """For a list the SDK raises no `TwilioRestException`: the answer itself is the last argument."""
    return bool(error.args) and getattr(error.args[-1], "status_code", None) == UNAUTHORIZED


def _addresses(number: Any) -> Addresses:
    return Addresses(**{name: getattr(number, name) or "" for name in Addresses.__dataclass_fields__})
