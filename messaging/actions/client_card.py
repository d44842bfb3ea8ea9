"""What she told us about herself: changed by whoever may read the conversation, with what stood there before kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import Membership, Staff
from audit.events import Event
from audit.record import record
from encryption.errors import SealError
from encryption.prefetch import prefetch_keys
from encryption.templatetags.sealed import unsealed
from messaging.actions.search.texts import forget_heads
from messaging.actions.thread_events import add_event
from messaging.bell import ring
from messaging.models import Client, ClientChange, ClientTag, Conversation, EventKind, Tag

SEALED = frozenset({"name", "safe_times", "note"})  # NULL where she said nothing
TAGS = "tags"  # beside her columns: the ids of the tags that are on her, as text, in order
SHOWN = 20  # of the changes, the newest first


class ChangedMeanwhile(Exception):
    """A colleague was first, with the same.

    mine    what this person changed herself, by the names of Client's columns
    both    those that the colleague changed as well
    """

    def __init__(self, mine: Mapping[str, str] | None = None, both: Sequence[str] = ()) -> None:
        super().__init__()
        self.mine, self.both = dict(mine or {}), both


@dataclass(frozen=True)
class PastChange:
    """One change as its history shows it."""

    by: Staff
    at: datetime
    version: int
    before: tuple[tuple[str, str], ...] | None  # None where it cannot be opened


@transaction.atomic
def change_card(conversation: Conversation, values: Mapping[str, str], *, seen: int, by: Membership) -> None:
    """Change what is known of a client: of `values` only what this person changed herself.

    values    by the names of Client's columns; "" forgets
    seen      the version of the client that the page showed
    raises    ChangedMeanwhile, where a colleague has changed the same since; SealError, where what stands there cannot
              be opened, or nothing can be sealed any more
    """
    row, client = _locked(conversation)
    change_client(row, client, _own_changes(client, values, seen), by=by, what=EventKind.CARD)


@transaction.atomic
def set_tag(conversation: Conversation, tag: Tag, *, on: bool, by: Membership) -> None:
    """Put a tag on her, or take it off."""
    row, client = _locked(conversation)
    others = [pk for pk in _tags_on(client) if pk != str(tag.pk)]
    wanted = sorted([*others, str(tag.pk)]) if on else others
    change_client(row, client, {TAGS: wanted}, by=by, what=EventKind.TAGGED)


@transaction.atomic
def undo_last_change(conversation: Conversation, *, seen: int, by: Membership) -> None:
    """Put back what stood before the last change: a change like any other. Raises `ChangedMeanwhile`, SealError."""
    row, client = _locked(conversation)
    last = ClientChange.objects.filter(client=client, version=seen).first()
    if last is None or client.version != seen:
        raise ChangedMeanwhile
    change_client(row, client, last.before, by=by, what=EventKind.CARD)


@transaction.atomic
def name_client(conversation: Conversation, *, name: str, by: Membership) -> None:
    """Keep the first name that a client gave, sealed; an empty one forgets it. Raises SealError."""
    row, client = _locked(conversation)
    change_client(row, client, {"name": name}, by=by, what=EventKind.NAMED)


def change_client(
    row: Conversation, client: Client, values: Mapping[str, Any], *, by: Membership, what: EventKind
) -> dict[str, Any]:
    """Write what differs, keep what stood there, and return it. The caller holds the locks of both rows."""
    before = {name: old for name, old in told_by(client, values).items() if old != values[name]}
    if not before:
        return {}
    columns = [name for name in before if name != TAGS]
    for name in columns:
        setattr(client, name, values[name] or (None if name in SEALED else ""))
    if TAGS in before:
        _write_tags(client, {UUID(pk) for pk in values[TAGS]}, by)
    client.version += 1
    client.save(update_fields=[*columns, "version"])
    _keep(client, before, by)
    if {"name", TAGS} & before.keys():
        forget_heads(client)
    add_event(row, what, by=by)
    row.save(update_fields=["sequence"])
    for name in before:
        record(Event.CLIENT_CHANGED, subject=client, conversation=row.pk, client=client.pk, facts={"field": name})
    _ring_all(row, client)
    return before


def lock_conversations(*pks: UUID) -> dict[UUID, Conversation]:
    """Several conversations, locked in the order of their ids, so that nobody waits for somebody who waits for him."""
    rows = Conversation.objects.select_for_update(of=("self",)).filter(pk__in=pks)
    return {row.pk: row for row in rows.order_by("pk")}


def unreadable(client: Client) -> list[str]:
    """Which of her sealed columns cannot be opened: those stay as they are."""
    return [name for name in sorted(SEALED) if not _opens(client, name)]


def past_changes(conversation: Conversation) -> list[PastChange]:
    """Who changed what and when, the newest first."""
    changes = ClientChange.objects.filter(client=conversation.client_id).select_related("by")
    newest = list(changes.order_by("-version")[:SHOWN])
    tags = {str(tag.pk): tag for tag in Tag.objects.filter(center=conversation.center_id)}
    prefetch_keys([*newest, *tags.values()])
    return [PastChange(change.by, change.created_at, change.version, _before(change, tags)) for change in newest]


def _locked(conversation: Conversation) -> tuple[Conversation, Client]:
    """Her conversation and her card; and all else that says her name, lest a search text be made of it meanwhile."""
    others = Conversation.objects.filter(client=conversation.client_id).values_list("pk", flat=True)
    row = lock_conversations(conversation.pk, *others)[conversation.pk]
    return row, Client.objects.select_for_update().get(pk=row.client_id)


def _ring_all(row: Conversation, client: Client) -> None:
    ring(row)
    for other in Conversation.objects.filter(client=client).exclude(pk=row.pk):
        ring(other)


def _own_changes(client: Client, values: Mapping[str, str], seen: int) -> dict[str, str]:
    """What differs from what the page showed. What a colleague changed since and this person did not stays."""
    now, since = told_by(client, values), _changed_since(client, seen)
    mine = {name: value for name, value in values.items() if value != since.get(name, now[name])}
    both = [name for name, value in mine.items() if name in since and value != now[name]]
    if both:
        raise ChangedMeanwhile(mine, both)
    return mine


def _changed_since(client: Client, seen: int) -> dict[str, Any]:
    """Of all that was changed after a version, what stood there then."""
    found: dict[str, Any] = {}
    for change in ClientChange.objects.filter(client=client, version__gt=seen).order_by("-version"):
        found |= change.before
    return found


def told_by(client: Client, names: Iterable[str]) -> dict[str, Any]:
    """What her card says now; the ids of her tags under `TAGS`. Raises SealError."""
    return {name: _tags_on(client) if name == TAGS else getattr(client, name) or "" for name in names}


def _tags_on(client: Client) -> list[str]:
    return sorted(str(pk) for pk in ClientTag.objects.filter(client=client).values_list("tag_id", flat=True))


def _write_tags(client: Client, wanted: set[UUID], by: Membership) -> None:
    """Leave exactly these on her."""
    ClientTag.objects.filter(client=client).exclude(tag__in=wanted).delete()
    missing = wanted - set(ClientTag.objects.filter(client=client).values_list("tag_id", flat=True))
    ClientTag.objects.bulk_create(
        ClientTag(center_id=client.center_id, client=client, tag_id=pk, by_id=by.staff_id) for pk in missing
    )


def _opens(client: Client, name: str) -> bool:
    try:
        getattr(client, name)
    except SealError:
        return False
    return True


def _keep(client: Client, before: dict[str, Any], by: Membership) -> None:
    ClientChange.objects.create(
        center_id=client.center_id,
        client=client,
        epoch=client.epoch,
        version=client.version,
        before=before,
        by_id=by.staff_id,
    )


def _before(change: ClientChange, tags: Mapping[str, Tag]) -> tuple[tuple[str, str], ...] | None:
    """Each field's name and what it said, in the reader's language."""
    try:
        before = change.before
    except SealError:
        return None
    return tuple(_shown(name, value, tags) for name, value in before.items())


def _shown(name: str, value: Any, tags: Mapping[str, Tag]) -> tuple[str, str]:
    if name == TAGS:
        return gettext("Tags"), ", ".join(str(unsealed(tag, "label")) for pk, tag in tags.items() if pk in value)
    field = next(field for field in Client._meta.concrete_fields if field.name == name)
    choices = dict(field.flatchoices)
    return str(field.verbose_name), str(choices.get(value, value))
