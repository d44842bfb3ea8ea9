"""The gateway: the only room that knows Twilio."""

from messaging.twilio.doors import Door, door_of, door_to, forget_doors, is_signed
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
from messaging.twilio.posts import BadPost, CallPost, InboundText, StatusPost

__all__ = [
    "OPTED_OUT",
    "Ambiguous",
    "BadPost",
    "Busy",
    "CallPost",
    "Door",
    "GatewayError",
    "InboundText",
    "Listed",
    "Refused",
    "Sent",
    "StatusPost",
    "door_of",
    "door_to",
    "forget_doors",
    "is_signed",
    "send_text",
    "texts_sent_to",
]
