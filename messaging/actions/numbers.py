import phonenumbers

from messaging.models import Conversation


def whole_number(conversation: Conversation) -> str:
    """The number as people read it aloud: with spaces, and with its country. What is no number stays as it came."""
    address = conversation.epoch.number.address
    try:
        number = phonenumbers.parse(address, None)
    except phonenumbers.NumberParseException:
        return address
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
