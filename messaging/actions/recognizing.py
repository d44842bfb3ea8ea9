"""Who writes from a number that has reached somebody else before; and one person on several numbers.

A conversation is given to a client whom we know, or taken back from her, and nothing of either is lost: each keeps
her own card, and what the new one says and hers does not goes along and comes back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from encryption.blind_index import phone_index
from encryption.errors import SealError
from messaging.actions.client_card import TAGS, change_client, lock_conversations, told_by, unreadable
from messaging.actions.search.recording import record_search
from messaging.actions.search.texts import forget_head
from messaging.actions.thread_events import add_event
from messaging.bell import ring
from messaging.models import (
    POSITIVE,
    CallRule,
    Client,
    Conversation,
    ConversationQuerySet,
    EventKind,
    Knowing,
    NumberEpoch,
    Recognition,
)

CARRIED = ("name", "prefers", "calls", "safe_times", "note")


class SaidMeanwhile(Exception):
    """A colleague has said, or taken back, who writes since the page was drawn."""


@dataclass(frozen=True)
class Choices:
    """Who may be writing: by the conversations that this person may open, the latest first. Others are only counted."""

    people: list[Conversation]
    hidden: int


def choices_for(conversation: Conversation, *, by: Membership) -> Choices:
    """Who has written from this number before, in two questions."""
    epoch = conversation.epoch
    before = Conversation.objects.filter(epoch__number=epoch.number_id, epoch__started_at__lt=epoch.started_at)
    before = before.exclude(client=conversation.client_id)
    seen = before.visible_to(by).select_related("client", "epoch__number").order_by("-epoch__started_at")
    people = {row.client_id: row for row in reversed(seen)}
    hidden = before.exclude(client__in=people).values("client").distinct().count()
    return Choices(list(reversed(people.values())), hidden)


def find_by_number(conversation: Conversation, address: str, *, by: Membership) -> Conversation | None:
    """The latest conversation with a number that this person may open, and that is with somebody else. On the record.

    One that she may not open is not told from none.
    """
    record_search(address, by=by, narrowed=False)
    index = phone_index(conversation.center_id, address)
    found = Conversation.objects.visible_to(by).filter(epoch__number__index=index)
    return found.exclude(client=conversation.client_id).order_by("-epoch__started_at").first()


@transaction.atomic
def recognize(
    conversation: Conversation, known: Conversation, *, how: Knowing, seen: UUID | None, by: Membership
) -> list[str]:
    """Say that whoever writes in a conversation is the client of another one.

    seen      what had been said of it when the page was drawn (`latest_standing`)
    returns   the columns of her card that say something else than what was written here, and so stay as they are
    raises    `SaidMeanwhile`
    """
    if how not in POSITIVE:
        raise ValueError("Only who is sure says so.")
    row, known = _lock(conversation, known)
    _refuse_if_said(row, seen)
    was, client = _lock_clients(row.client_id, known.client_id)
    if was == client:
        return []
    values, left = _to_carry(was, client)
    before = change_client(known, client, values, by=by, what=EventKind.CARD)
    took = {name: [old, values[name]] for name, old in before.items()}
    said = _say(row, client, how, by, known_by=known, took=took)
    _move(row, client)
    _note(row, known, EventKind.RECOGNIZED, EventKind.JOINED, by)
    facts = {"how": str(how), "from": str(was.pk)}
    record(Event.CLIENT_RECOGNIZED, subject=said, conversation=row.pk, client=client.pk, facts=facts)
    return left


@transaction.atomic
def call_new(conversation: Conversation, *, seen: UUID | None, by: Membership) -> None:
    """Say that nobody whom we know writes in a conversation. Raises `SaidMeanwhile`."""
    row = Conversation.objects.locked(conversation.pk)
    _refuse_if_said(row, seen)
    said = _say(row, row.client, Knowing.NEW, by)
    add_event(row, EventKind.NOBODY_KNOWN, by=by)
    row.save(update_fields=["sequence"])
    facts = {"how": str(Knowing.NEW)}
    record(Event.CLIENT_RECOGNIZED, subject=said, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)


@transaction.atomic
def take_back(recognition: Recognition, *, by: Membership) -> None:
    """Take back who was said to write: the conversation is again with whom the standing rows say. Once is enough."""
    row, known = _lock(recognition.conversation, recognition.known_by or recognition.conversation)
    said = Recognition.objects.standing().filter(pk=recognition.pk)
    if not said.update(undone_at=timezone.now(), undone_by=by.staff_id):
        return
    _was, client = _lock_clients(recognition.was_id, recognition.client_id)
    recognition.refresh_from_db(fields=["took"])
    if recognition.known_by is not None:
        change_client(known, client, _given_back(recognition, client), by=by, what=EventKind.CARD)
    before = row.client_id
    _move(row, client_said(row))
    _note(row, known, EventKind.TAKEN_APART, EventKind.PARTED, by)
    facts = {"how": recognition.how, "from": str(before)}
    record(Event.CLIENT_TAKEN_APART, subject=recognition, conversation=row.pk, client=row.client_id, facts=facts)


def latest_standing(conversation: Conversation) -> Recognition | None:
    """What counts of all that was said of who writes here."""
    said = Recognition.objects.standing().filter(conversation=conversation)
    return said.select_related("by").order_by("-made_at", "-id").first()


def client_said(row: Conversation) -> Client:
    """With whom a conversation is, by all that was said of it and not taken back."""
    if latest := latest_standing(row):
        return latest.client
    first = Recognition.objects.filter(conversation=row).order_by("made_at", "id").first()
    return first.was if first else row.client


def others_of(conversation: Conversation) -> ConversationQuerySet:
    """What else is said with her, the latest first."""
    hers = Conversation.objects.filter(client=conversation.client_id).exclude(pk=conversation.pk)
    return hers.order_by("-epoch__started_at")


def _lock(conversation: Conversation, known: Conversation) -> tuple[Conversation, Conversation]:
    """Both, and all else that is said with either client: no search text is made of what changes meanwhile."""
    clients = (conversation.client_id, known.client_id)
    hers = Conversation.objects.filter(client__in=clients).values_list("pk", flat=True)
    rows = lock_conversations(conversation.pk, known.pk, *hers)
    return rows[conversation.pk], rows[known.pk]


def _lock_clients(*pks: UUID) -> list[Client]:
    """In the order in which they are asked for, locked in that of their ids."""
    rows = {row.pk: row for row in Client.objects.select_for_update().filter(pk__in=pks).order_by("pk")}
    return [rows[pk] for pk in pks]


def _refuse_if_said(row: Conversation, seen: UUID | None) -> None:
    said = latest_standing(row)
    if (said.pk if said else None) != seen:
        raise SaidMeanwhile


def _say(
    row: Conversation,
    client: Client,
    how: Knowing,
    by: Membership,
    *,
    known_by: Conversation | None = None,
    took: dict[str, Any] | None = None,
) -> Recognition:
    return Recognition.objects.create(
        center_id=row.center_id,
        conversation=row,
        client=client,
        was_id=row.client_id,
        known_by=known_by,
        took=took or {},
        epoch=client.epoch,
        how=how,
        by_id=by.staff_id,
    )


def _move(row: Conversation, client: Client) -> None:
    """It is with her from now on, and so is the number for as long as the conversation's epoch."""
    if row.client_id == client.pk:
        return
    row.client = client
    row.save(update_fields=["client"])
    epoch = NumberEpoch.objects.select_for_update().get(pk=row.epoch_id)
    epoch.client = client
    epoch.save(update_fields=["client"])
    forget_head(row)


def _note(row: Conversation, known: Conversation, here: EventKind, there: EventKind, by: Membership) -> None:
    for one, what in ((row, here), (known, there)) if row != known else ((row, here),):
        add_event(one, what, by=by)
        one.save(update_fields=["sequence"])
        ring(one)


def _to_carry(was: Client, client: Client) -> tuple[dict[str, Any], list[str]]:
    """What her card takes over, and which columns it says otherwise. The stricter word about calls holds."""
    names = [name for name in CARRIED if name not in {*unreadable(was), *unreadable(client)}]
    new, old = _own(was, [*names, TAGS]), told_by(client, [*names, TAGS])
    values: dict[str, Any] = {name: new[name] for name in names if new[name] and not old[name]}
    values["calls"] = max(new["calls"], old["calls"], key=CallRule.values.index)
    values[TAGS] = sorted({*new[TAGS], *old[TAGS]})
    left = [name for name in names if new[name] and new[name] != values.get(name, old[name])]
    return values, left


def _own(client: Client, names: Iterable[str]) -> dict[str, Any]:
    """What her card says without what it took over from others who still count as her: that goes no further."""
    told = told_by(client, names)
    for said in Recognition.objects.standing().filter(client=client).order_by("-made_at", "-id"):
        told |= _without(told, _taken(said))
    return told


def _taken(said: Recognition) -> dict[str, Any]:
    try:
        taken: dict[str, Any] = said.took
    except SealError:
        return {}
    return taken


def _without(told: dict[str, Any], taken: dict[str, Any]) -> dict[str, Any]:
    """What a card says once it has given back what it took. What somebody has changed since is hers, and stays."""
    back = {name: old for name, (old, new) in taken.items() if name != TAGS and told.get(name) == new}
    if TAGS in taken:
        old, new = taken[TAGS]
        back[TAGS] = sorted({*told[TAGS]} - ({*new} - {*old}))
    return back


def _given_back(recognition: Recognition, client: Client) -> dict[str, Any]:
    """What her card says without one that is taken back. Where a later one stands upon it, that stands upon less."""
    taken = _taken(recognition)
    told = told_by(client, [name for name in taken if name not in unreadable(client)])
    back = _without(told, {name: taken[name] for name in told})
    for later in Recognition.objects.standing().filter(client=client):
        upon = {name: both for name, both in _taken(later).items() if name in told and name not in back}
        for name, (old, new) in upon.items():
            if old == taken[name][1]:
                later.took = {**later.took, name: [taken[name][0], new]}
                later.save(update_fields=["took"])
    return back
