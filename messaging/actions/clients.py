"""From a number to the conversation that is held with whoever it reaches now."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS

from accounts.models import Center
from audit.events import Event
from audit.record import record
from encryption.blind_index import phone_index
from encryption.keystore import create_epoch_key
from messaging.models import Client, Conversation, NumberEpoch, PhoneNumber
from messaging.twilio import Door
from tenancy.ids import uuid7
from tenancy.trips import Row, Statement

# In the order of the columns of `Conversation`: `from_db` goes by it.
FOUND = ["id", "center_id", "client_id", "epoch_id", "line_id", "assignee_id", "sequence"]
FOUND += ["last_entry_at", "waiting_since", "answered_at", "closed_at", "failed_at"]
FOUND += ["heard_at", "ended_at", "created_at"]


@dataclass(frozen=True)
class Answer:
    """What the database knows of a text that has come in, once nobody else can write to its conversation."""

    row: Conversation | None  # the conversation with its number, locked
    is_owed: bool  # whether it owes her a reply
    known: UUID | None  # the message, when the line has this text already


def question_of(door: Door, address: str, sid: str) -> Statement:
    """Asks for the conversation with a number, by unique indexes alone. See migrations 0007 and 0029."""
    index = phone_index(door.center_id, address)
    return Statement("SELECT * FROM messaging_hear(%s, %s, %s, %s)", [door.center_id, index, door.line_id, sid])


def answer_in(rows: list[Row], center_id: UUID) -> Answer:
    """What `question_of` found."""
    *found, language, number_id, is_owed, known = rows[0]
    row = _conversation(found, center_id, language, number_id) if found[0] else None
    return Answer(row, bool(is_owed), known)


def _conversation(found: list[Any], center_id: UUID, language: str, number_id: UUID) -> Conversation:
    """The rows of one conversation. What was not asked for is fetched when somebody reads it."""
    row = Conversation.from_db(DEFAULT_DB_ALIAS, FOUND, [found[0], center_id, *found[1:]])
    client = {"id": row.client_id, "center_id": center_id, "language": language}
    row.client = Client.from_db(DEFAULT_DB_ALIAS, list(client), list(client.values()))
    epoch = {"id": row.epoch_id, "center_id": center_id, "number_id": number_id, "client_id": row.client_id}
    row.epoch = NumberEpoch.from_db(DEFAULT_DB_ALIAS, list(epoch), list(epoch.values()))
    return row


def find_conversation(door: Door, address: str) -> Conversation | None:
    """The conversation with this number, its row locked. One query, by unique indexes alone."""
    conversations = Conversation.objects.select_for_update(of=("self",)).select_related(
        "epoch__number", "client", "center"
    )
    return conversations.filter(
        epoch__number__center=door.center_id,
        epoch__number__index=phone_index(door.center_id, address),
        epoch__ended_at=None,
        ended_at=None,  # of the locked row: it may have ended while this waited for the lock
    ).first()


def begin_conversation(door: Door, address: str, *, is_textable: bool, language: str | None = None) -> Conversation:
    """Begin a conversation with a number, its row locked; or come second, and find the one begun meanwhile.

    Two first texts of one number at the same moment meet at the number's row.

    language    the client's, as far as it is known; by default the center's
    """
    number, _ = PhoneNumber.objects.get_or_create(
        center_id=door.center_id,
        index=phone_index(door.center_id, address),
        defaults={"address": address, "is_textable": is_textable},
    )
    PhoneNumber.objects.select_for_update().get(pk=number.pk)
    return find_conversation(door, address) or _begin(door, number, language)


def locked_with_number(conversation: Conversation) -> Conversation:
    """The conversation, locked after its number: nobody begins another one with that number meanwhile."""
    PhoneNumber.objects.select_for_update().get(epochs=conversation.epoch_id)
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("epoch__number", "client", "center")
    return rows.get(pk=conversation.pk)


def begin_with_withheld(door: Door, call_sid: str) -> Conversation:
    """A conversation with somebody who withheld her number: of one call alone, and never to be texted."""
    index = phone_index(door.center_id, f"withheld {call_sid}")
    number, _ = PhoneNumber.objects.get_or_create(
        center_id=door.center_id, index=index, defaults={"address": "withheld", "is_textable": False}
    )
    return _begin(door, number, None)


def _begin(door: Door, number: PhoneNumber, language: str | None) -> Conversation:
    """An empty conversation with a client of whom nothing is known."""
    return begin_unknown(number, Center.objects.get(pk=door.center_id), language=language, line_id=door.line_id)


def begin_unknown(number: PhoneNumber, center: Center, *, language: str | None, **held: Any) -> Conversation:
    """A new epoch of a number with a client of whom nothing is known. No epoch of it is open.

    held    the line of the conversation, and whoever holds it, if anybody does
    """
    epoch_id = uuid7()
    create_epoch_key(center.pk, epoch_id)
    client = Client.objects.create(center=center, epoch=epoch_id, language=language or center.language)
    return _begin_with(number, client, epoch_id, **held)


def begin_epoch(number: PhoneNumber, client: Client, *, line_id: UUID, assignee_id: UUID | None) -> Conversation:
    """A new epoch of a number with somebody who is known, its conversation empty, under a key of its own.

    The caller holds the number's lock, and no epoch of it is open.
    """
    epoch_id = uuid7()
    create_epoch_key(client.center_id, epoch_id)
    return _begin_with(number, client, epoch_id, line_id=line_id, assignee_id=assignee_id)


def _begin_with(number: PhoneNumber, client: Client, epoch_id: UUID, **held: Any) -> Conversation:
    epoch = NumberEpoch.objects.create(id=epoch_id, center=client.center, number=number, client=client)
    conversation = Conversation.objects.create(center=client.center, client=client, epoch=epoch, **held)
    record(Event.NUMBER_EPOCH_STARTED, subject=epoch, conversation=conversation.pk, client=client.pk)
    return conversation
