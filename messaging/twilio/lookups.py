"""What the carriers say a number is."""

from twilio.base.exceptions import TwilioException, TwilioRestException

from messaging.twilio.doors import Door
from messaging.twilio.gateway import TOO_MANY, UNREADABLE, Busy, client_of

MOBILE = ("mobile", "nonFixedVoip")  # a phone of one person; a fixed line may be a family's


def is_mobile(door: Door, number: str) -> bool:
    """Whether a number is a mobile phone as far as Twilio knows. Raises `Busy` when it cannot be asked now."""
    try:
        found = client_of(door).lookups.v2.phone_numbers(number).fetch(fields="line_type_intelligence")
        kind = (found.line_type_intelligence or {}).get("type")
    except TwilioRestException as error:
        if error.status >= 500 or error.status in (401, 403, TOO_MANY):
            raise Busy from None
        return False
    except (TwilioException, *UNREADABLE):
        raise Busy from None
    return kind in MOBILE
