"""The gateway: the only room that knows Twilio."""

from messaging.twilio.call_posts import DialPost, LegPost, RecordingPost, parent_sid
from messaging.twilio.doors import Door, door_of, door_to, forget_doors, held_door, is_signed
from messaging.twilio.gateway import (
    OPTED_OUT,
    AccountRefused,
    Ambiguous,
    Busy,
    GatewayError,
    Listed,
    Refused,
    Sent,
    send_text,
    texts_sent_to,
)
from messaging.twilio.holdings import calls_received, erase_recording, erase_text, recordings_made, texts_received
from messaging.twilio.lookups import is_mobile
from messaging.twilio.media import Gone, TooLarge, fetch_file, fetch_recording, files_of
from messaging.twilio.numbers import Addresses, addresses_at_twilio, set_addresses
from messaging.twilio.posts import CALL, BadPost, CallPost, InboundText, StatusPost

__all__ = [
    "CALL",
    "OPTED_OUT",
    "AccountRefused",
    "Addresses",
    "Ambiguous",
    "BadPost",
    "Busy",
    "CallPost",
    "DialPost",
    "Door",
    "GatewayError",
    "Gone",
    "InboundText",
    "LegPost",
    "Listed",
    "RecordingPost",
    "Refused",
    "Sent",
    "StatusPost",
    "TooLarge",
    "addresses_at_twilio",
    "calls_received",
    "door_of",
    "door_to",
    "erase_recording",
    "erase_text",
    "fetch_file",
    "fetch_recording",
    "files_of",
    "forget_doors",
    "held_door",
    "is_mobile",
    "is_signed",
    "parent_sid",
    "recordings_made",
    "send_text",
    "set_addresses",
    "texts_received",
    "texts_sent_to",
]
