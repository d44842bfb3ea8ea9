"""The gateway: the only room that knows Twilio."""

from messaging.twilio.doors import Door, door_of, door_to, forget_doors, held_door, is_signed
from messaging.twilio.gateway import (
    OPTED_OUT,
    Ambiguous,
    Busy,
    GatewayError,
    Listed,
    Refused,
    Sent,
    send_text,
    texts_sent_to,
)
from messaging.twilio.holdings import calls_received, erase_text, texts_received
from messaging.twilio.media import Gone, TooLarge, fetch_file, files_of
from messaging.twilio.numbers import Addresses, addresses_at_twilio, set_addresses
from messaging.twilio.posts import BadPost, CallPost, InboundText, StatusPost

__all__ = [
    "OPTED_OUT",
    "Addresses",
    "Ambiguous",
    "BadPost",
    "Busy",
    "CallPost",
    "Door",
    "GatewayError",
    "Gone",
    "InboundText",
    "Listed",
    "Refused",
    "Sent",
    "StatusPost",
    "TooLarge",
    "addresses_at_twilio",
    "calls_received",
    "door_of",
    "door_to",
    "erase_text",
    "fetch_file",
    "files_of",
    "forget_doors",
    "held_door",
    "is_signed",
    "send_text",
    "set_addresses",
    "texts_received",
    "texts_sent_to",
]
