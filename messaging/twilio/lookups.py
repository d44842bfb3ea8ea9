"""What the carriers say a number is."""

from twilio.base.exceptions import TwilioException, TwilioRestException

from messaging.twilio.doors import Door
from messaging.twilio.gateway import UNREADABLE, Busy, client_of

NOT_FOUND = 404
MOBILE = ("mobile", "nonFixedVoip")  # a phone of one person; a fixed line may be a family's


def is_mobile(door: Door, number: str) -> bool | None:
    """Whether a number is a mobile phone; None when Twilio does not know. Raises `Busy` when it cannot be asked."""
    try:
        found = client_of(door).lookups.v2.phone_numbers(number).fetch(fields="line_type_intelligence")
        kind = (found.line_type_intelligence or {}).get("type")
    except TwilioRestException as error:
        if error.status == NOT_FOUND:
            return None
        raise Busy from None
    except (TwilioException, *UNREADABLE):
        raise Busy from None
    return kind in MOBILE if kind else None
