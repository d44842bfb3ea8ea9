"""The product without the log's part of a text: the difference is what auditing costs. Only the bench serves it."""

from config.wsgi import application

# isort: split
from messaging.actions import inbound
from messaging.models import Conversation, Message
from messaging.twilio import InboundText
from tenancy.trips import insertion_of, update_of, write_together

__all__ = ["application"]


def _write(row: Conversation, message: Message, text: InboundText) -> None:
    write_together(insertion_of(message), update_of(row, *inbound.CHANGED))


inbound._write = _write
