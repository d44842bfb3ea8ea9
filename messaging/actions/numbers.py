"""What a telephone number tells by itself."""

import phonenumbers
from phonenumbers import PhoneNumberType

from messaging.models import Conversation

# The United States with their territories, and Canada. Other countries and islands share their "+1" (OUT-10).
NEAR = ("US", "CA", "PR", "VI", "GU", "AS", "MP")
OF_PEOPLE = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def is_near(address: str) -> bool:
    """Whether a number in E.164 is one that people have in the US or Canada: no premium, foreign or free one."""
    try:
        number = phonenumbers.parse(address, None)
    except phonenumbers.NumberParseException:
        return False
    is_of_people = phonenumbers.number_type(number) in OF_PEOPLE
    return is_of_people and phonenumbers.region_code_for_number(number) in NEAR


def in_e164(typed: str) -> str:
    """A number as it is kept; without a country it is taken for one of the United States. ValueError: it is none."""
    try:
        number = phonenumbers.parse(typed, "US")
    except phonenumbers.NumberParseException:
        raise ValueError("This is no phone number.") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("This is no phone number.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def whole_number(conversation: Conversation) -> str:
    """The number as people read it aloud: with spaces, and with its country. What is no number stays as it came."""
    address = conversation.epoch.number.address
    try:
        number = phonenumbers.parse(address, None)
    except phonenumbers.NumberParseException:
        return address
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
