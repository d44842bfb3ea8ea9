"""`record()`: one line in the log, in the transaction of the act it tells of."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.utils import timezone

from audit.context import current_actor
from audit.events import READS, Event
from audit.facts import Fact, checked, commitment
from audit.fill import complete
from audit.models import Disclosure, LogEntry
from tenancy.ids import INSTALLATION
from tenancy.scope import current_center

SAME_READ = timedelta(minutes=5)


class OutsideTransaction(Exception):
    """An entry and its act must be committed together, so there has to be a transaction."""


def record(
    event: Event,
    *,
    subject: models.Model | None = None,
    center: UUID | None = None,
    conversation: UUID | None = None,
    client: UUID | None = None,
    facts: Mapping[str, Fact] | None = None,
    personal: Mapping[str, str] | None = None,
    epoch: UUID | None = None,
) -> LogEntry:
    """Write one entry, and so make it part of the act: neither is kept without the other.

    subject   the row that it is about; only its model and key are kept
    center    default: that of the running scope; `INSTALLATION` for no center at all
    facts     ids, counts and codes under short names; words raise `UnsafeFact`
    personal  values the log may only commit to: sealed beside it, under `epoch` if given
    raises    `OutsideTransaction`
    """
    commitments = {name: commitment(value) for name, value in (personal or {}).items()}
    said = checked(facts or {}) | {name: one.text for name, one in commitments.items()}
    entry = _entry(event, subject, center, conversation, client, said)
    entry.save(force_insert=True)
    for name, one in commitments.items():
        opening = {"salt": one.salt.hex(), "value": (personal or {})[name]}
        Disclosure.objects.create(entry=entry, center_id=entry.center_id, epoch=epoch, fact=name, opening=opening)
    return entry


def entry_of(
    event: Event,
    *,
    subject: models.Model,
    conversation: UUID | None = None,
    client: UUID | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> LogEntry:
    """An entry as `record` writes it, complete and not yet written.

    For an act that writes its rows together (`tenancy.trips`): the caller writes it with them, in the same transaction.
    """
    entry = _entry(event, subject, None, conversation, client, checked(facts or {}))
    complete(LogEntry, entry)
    return entry


def _entry(
    event: Event,
    subject: models.Model | None,
    center: UUID | None,
    conversation: UUID | None,
    client: UUID | None,
    facts: dict[str, Fact],
) -> LogEntry:
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{event} must be recorded in the transaction of its act.")
    where = center or current_center()
    return LogEntry(
        event=event,
        action=LogEntry.Action.ACCESS if event in READS else LogEntry.Action.UPDATE,
        content_type=ContentType.objects.get_for_model(subject) if subject else None,
        object_pk=str(subject.pk) if subject else "",
        center_id=None if where == INSTALLATION else where,
        conversation_id=conversation,
        client_id=client,
        facts=facts,
    )


def record_read(
    subject: models.Model | None = None,
    *,
    event: Event = Event.CONVERSATION_OPENED,
    conversation: UUID | None = None,
    client: UUID | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> LogEntry | None:
    """Record that the actor read something; None if the log already says so for the last five minutes."""
    if not _is_news(event, subject, conversation, client):
        return None
    return record(event, subject=subject, conversation=conversation, client=client, facts=facts)


def _is_news(event: Event, subject: models.Model | None, *ids: UUID | None) -> bool:
    """One upsert by unique key: of two reads at the same moment only one gets its row back.

    Looking for the last entry in the log instead would let both through, and cost more as it grows.
    """
    about = (event, subject._meta.label if subject else "", subject.pk if subject else "", *ids)
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_reading AS r (center_id, reader, what, at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (reader, what) DO UPDATE SET at = EXCLUDED.at WHERE r.at <= %s RETURNING 1",
            [
                current_center(),
                current_actor().staff_id or INSTALLATION,
                sha256("|".join(map(str, about)).encode()).digest(),
                now,
                now - SAME_READ,
            ],
        )
        return cursor.fetchone() is not None
