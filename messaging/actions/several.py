"""One act on several conversations at once: each through its own action, under its own lock, by its own permission.

Locks are taken as everywhere: memberships first, then conversations, both in the order of their ids, so that two who
choose the same ones wait for each other and neither for ever. What has changed since it was chosen is left as it is.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from accounts.models import Membership
from messaging.actions import assignment, closing
from messaging.models import Conversation, Outcome

MOST = 50  # conversations at once
UNDO_WITHIN = timedelta(minutes=1)


class Chosen(NamedTuple):
    """A conversation as it stood before somebody who chose it."""

    conversation: UUID
    sequence: int
    holder: UUID | None


class Before(NamedTuple):
    """What an act has changed, as it was, and the number of the entry that the act wrote."""

    conversation: UUID
    sequence: int
    holder: UUID | None


@dataclass
class Became:
    """What became of several.

    done        in how many it is now as it was asked for
    before      those of them that the act changed
    taken       in how many cases somebody else took it since it was chosen, by who holds it
    news        what says something new since it was chosen, and is open still
    closed      closed meanwhile
    gone        not to be found for this person any more
    """

    done: int = 0
    before: list[Before] = field(default_factory=list)
    taken: Counter[UUID] = field(default_factory=Counter)
    news: int = 0
    closed: int = 0
    gone: int = 0


Act = Callable[[Conversation], None]


@transaction.atomic
def give_several(chosen: Iterable[Chosen], *, to: Membership | None, by: Membership) -> Became:
    """Give conversations to somebody, or with None back to everybody. Raises `WorksHereNoLonger`."""
    _hold(by, *([to] if to else []))
    became = Became()
    for one in sorted(chosen):
        row = _found(one, by, became)
        if row is not None and not _is_taken(row, one, by, became):
            _act(row, became, lambda row: _give(row, to, by))
    return became


@transaction.atomic
def close_several(chosen: Iterable[Chosen], *, outcome: Outcome, by: Membership) -> Became:
    """Close conversations with one outcome. Whatever says something new since it was chosen stays open."""
    _hold(by)
    became = Became()
    for one in sorted(chosen):
        row = _found(one, by, became)
        if row is None or _is_taken(row, one, by, became):
            continue
        if row.sequence != one.sequence:
            became.news += 1
        else:
            _act(row, became, lambda row: closing.close(row, outcome=outcome, by=by))
    return became


@transaction.atomic
def undo_several(before: Iterable[Before], *, by: Membership) -> Became:
    """Make it as it was before, wherever nothing has happened since.

    Not by what this person may see: what she has given away she may take back for a moment, and reads nothing by it.
    """
    was = sorted(before)
    holders = _holders(was, by)
    became = Became()
    for one in was:
        row = _here(by, one.conversation)
        if row is None or row.sequence != one.sequence:
            became.news += 1
            continue
        became.done += 1
        if not row.is_open:
            closing.reopen(row, by=by)
        elif row.assignee_id != one.holder:
            _give(row, holders.get(one.holder) if one.holder else None, by)
    return became


def _hold(*members: Membership) -> None:
    for member in sorted(set(members), key=lambda member: member.pk):
        assignment.hold(member)


def _holders(was: list[Before], by: Membership) -> dict[UUID, Membership]:
    """Those who held them, by person, each locked. Whoever works here no longer is not among them."""
    people = {one.holder for one in was if one.holder} | {by.staff_id}
    found = {}
    for member in Membership.objects.current().filter(center=by.center_id, staff__in=people).order_by("pk"):
        try:
            assignment.hold(member)
            found[member.staff_id] = member
        except assignment.WorksHereNoLonger:
            if member.pk == by.pk:
                raise
    return found


def _here(by: Membership, pk: UUID) -> Conversation | None:
    """A conversation of this center, its row locked."""
    return Conversation.objects.filter(center=by.center_id, pk=pk).select_for_update(of=("self",)).first()


def _found(one: Chosen, by: Membership, became: Became) -> Conversation | None:
    """The conversation, locked, if this person may see it still and it is open; else what became of it is counted."""
    mine = Conversation.objects.visible_to(by).select_for_update(of=("self",))
    row = mine.filter(pk=one.conversation).first()
    if row is None:
        now = Conversation.objects.filter(center=by.center_id, pk=one.conversation).first()
        if now is None or now.assignee_id is None:
            became.gone += 1
        else:
            became.taken[now.assignee_id] += 1
    elif not row.is_open:
        became.closed += 1
        row = None
    return row


def _is_taken(row: Conversation, one: Chosen, by: Membership, became: Became) -> bool:
    """Whether somebody else holds it now than when it was chosen."""
    if row.assignee_id is None or row.assignee_id in (one.holder, by.staff_id):
        return False
    became.taken[row.assignee_id] += 1
    return True


def _act(row: Conversation, became: Became, act: Act) -> None:
    """Act on a conversation whose lock is held, and keep how it was if that changed it."""
    before = Before(row.pk, row.sequence, row.assignee_id)
    act(row)
    row.refresh_from_db(fields=["sequence"])
    became.done += 1
    if row.sequence != before.sequence:
        became.before.append(before._replace(sequence=row.sequence))


def _give(row: Conversation, to: Membership | None, by: Membership) -> None:
    if to is None:
        assignment.release(row, by=by)
    elif to == by and row.assignee_id is None:
        assignment.take(row, by=by)
    else:
        assignment.assign(row, to=to, by=by)
