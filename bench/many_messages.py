"""Fills a database with conversations, as `python -m bench.many_messages FIRST LAST` in the owner's environment.

Every row is what the product itself would write: made from its models, sealed by its fields under a key of the
conversation's own, with one entry in the log for each message. Only the doors are left out, and the rows travel by
COPY, which row-level security keeps for whoever owns the server: `BENCH_DSN`.

Of a hundred conversations 70 are done, 12 wait, 6 have a reply that failed, 12 are open and answered. Two have 108
messages and the others 8, so a hundred conversations hold a thousand. One person is new: she holds sixty of the
latest thousand, however many there are.
"""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import django
import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from messaging.twilio import Door

EACH, LONG_ONES, LONG = 8, (92, 98), 108
BATCH = 200  # conversations a transaction
NEW_ONES, OF_LATEST = (1, 2, 3, 89, 91, 93), 1000  # what the newcomer holds
APART = timedelta(minutes=7)  # between the last words of one conversation and of the next
WORDS = "I have a question about this week, and I would rather write than call if that is all right with you. "


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from audit.context import Actor, acting
    from tenancy.scope import in_center

    first, last = map(int, sys.argv[1:3])
    with acting(Actor.command("bench")), psycopg.connect(os.environ["BENCH_DSN"]) as connection:
        center = _center()
        for number in range(first, last, BATCH):
            with in_center(center.door.center_id), connection.transaction(), connection.cursor() as cursor:
                _allow_pauses()
                for rows in _tables(center, range(number, min(number + BATCH, last))):
                    _copy(cursor, rows)
    return 0


def _allow_pauses() -> None:
    """The product's own connection waits in its transaction while rows are made."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


@dataclass(frozen=True)
class Center:
    """Whom the conversations belong to: `busy` people hold all but a few, and `newcomer` those."""

    door: "Door"
    busy: list[UUID]
    newcomer: UUID
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def holder(self, number: int) -> UUID:
        is_new = number < OF_LATEST and number % 100 in NEW_ONES
        return self.newcomer if is_new else self.busy[number % len(self.busy)]


def _center() -> Center:
    from accounts.models import Membership
    from messaging.models import Line
    from messaging.twilio import door_to
    from tenancy.scope import in_platform

    with in_platform():
        *busy, newcomer = Membership.objects.current().order_by("started_at").values_list("staff_id", flat=True)
        return Center(door_to(Line.objects.get()), busy, newcomer)


def _tables(center: Center, numbers: range) -> Iterable[list[Any]]:
    """The rows of these conversations, table by table, in the order in which they refer to one another."""
    from encryption.keystore import wrapping_key

    tables: dict[type, list[Any]] = {}
    parent = wrapping_key(center.door.center_id)
    for number in numbers:
        for row in _conversation(center, number, parent):
            tables.setdefault(type(row), []).append(row)
    return tables.values()


def _conversation(center: Center, number: int, parent: Any) -> Iterable[Any]:
    from encryption.cache import KEYS
    from encryption.models import Key
    from encryption.scope import SealScope
    from encryption.wrapping import new_key
    from messaging.models import Client, Conversation, NumberEpoch
    from tenancy.ids import uuid7

    here, epoch = center.door.center_id, uuid7()
    row, key = new_key(SealScope(here, epoch), Key.Purpose.EPOCH, parent)
    KEYS.put((here, Key.Purpose.EPOCH, epoch), key)
    phone = _phone(here, f"+1615{number:07d}")
    client = Client(center_id=here, epoch=epoch)
    yield from (row, phone, client, NumberEpoch(id=epoch, center_id=here, number=phone, client=client))
    conversation = Conversation(center_id=here, client=client, epoch_id=epoch, line_id=center.door.line_id)
    conversation.sequence = LONG if number % 100 in LONG_ONES else EACH
    conversation.last_words = WORDS[:60]
    conversation.last_entry_at = center.now - APART * (number + 1)
    conversation.heard_at = center.now  # so that none of them ends by silence while it is measured
    kept = list(_state(center, conversation, number))
    yield from (conversation, *kept)
    yield from _entries(center, conversation)


def _phone(center: UUID, address: str) -> Any:
    from encryption.blind_index import phone_index
    from messaging.models import PhoneNumber

    return PhoneNumber(center_id=center, address=address, index=phone_index(center, address))


def _state(center: Center, conversation: Any, number: int) -> Iterable[Any]:
    """How it stands, who has it, and the rows that say so."""
    from messaging.models import Closure, FollowUp, FollowUpKind, Outcome

    place, at, here = number % 100, conversation.last_entry_at, center.door.center_id
    holder = center.holder(number)
    if place < 70:
        conversation.assignee_id = holder
        conversation.closed_at = conversation.answered_at = at
        yield Closure(conversation=conversation, center_id=here, outcome=Outcome.ANSWERED, closed_at=at)
        return
    conversation.assignee_id = holder if place % 2 else None
    kind = FollowUpKind.PROMISE
    if place < 82:
        conversation.waiting_since, kind = at, FollowUpKind.REPLY
    elif place < 88:
        conversation.failed_at, kind = at, FollowUpKind.FAILED
    yield FollowUp(center_id=here, conversation=conversation, kind=kind, due_at=at, owner_id=conversation.assignee_id)


def _entries(center: Center, conversation: Any) -> Iterable[Any]:
    from django.contrib.contenttypes.models import ContentType

    from audit.events import Event
    from audit.models import LogEntry
    from messaging.models import Message, NumberEpoch

    about = {"conversation_id": conversation.pk, "client_id": conversation.client_id}
    here, action = conversation.center_id, LogEntry.Action.UPDATE
    kinds = {model: ContentType.objects.get_for_model(model) for model in (Message, NumberEpoch)}
    began = {"content_type": kinds[NumberEpoch], "object_pk": str(conversation.epoch_id)}
    yield LogEntry(event=Event.NUMBER_EPOCH_STARTED, action=action, center_id=here, **began, **about)
    for sequence in range(1, conversation.sequence + 1):
        message = _message(Message, center, conversation, sequence)
        yield message
        said = {"content_type": kinds[Message], "object_pk": str(message.pk)}
        event = Event.MESSAGE_RECEIVED if sequence % 2 else Event.MESSAGE_SENT
        yield LogEntry(event=event, action=action, center_id=here, **said, **about)


def _message(model: Any, center: Center, conversation: Any, sequence: int) -> Any:
    inbound = sequence % 2
    return model(
        center_id=conversation.center_id,
        conversation=conversation,
        epoch=conversation.epoch_id,
        line_id=center.door.line_id,
        sequence=sequence,
        direction="in" if inbound else "out",
        body=WORDS[: 20 + sequence * 9 % 80],
        status="received" if inbound else "delivered",
        author_id=None if inbound else center.busy[0],
        twilio_sid=f"SM{conversation.pk.hex[-16:]}{sequence:016x}",
        created_at=conversation.last_entry_at - timedelta(minutes=conversation.sequence - sequence),
    )


def _copy(cursor: "psycopg.Cursor[Any]", rows: list[Any]) -> None:
    from audit.fill import complete
    from audit.models import LogEntry

    if isinstance(rows[0], LogEntry):
        for row in rows:
            complete(LogEntry, row)
    meta = rows[0]._meta
    columns = sql.SQL(", ").join(sql.Identifier(each.column) for each in meta.concrete_fields)
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(meta.db_table), columns)
    with cursor.copy(command) as copying:
        for row in rows:
            copying.write_row([_stored(each, row) for each in meta.concrete_fields])


def _stored(column: Any, row: Any) -> Any:
    """What Django would send for this column; a moment that it would set itself stays where it was put."""
    from django.db import connection

    placed = row.__dict__.get(column.attname) if getattr(column, "auto_now_add", False) else None
    value = placed or column.pre_save(row, add=True)
    return column.get_db_prep_save(value, connection) if isinstance(value, dict) else value


if __name__ == "__main__":
    sys.exit(main())
