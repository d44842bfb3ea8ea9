"""The list on the left: which conversations a view holds, in which order, and what a row says."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.db.models import Model, Q, QuerySet, Value, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from messaging.actions.opening import Schedule
from messaging.models import Conversation, ConversationQuerySet, FollowUp
from messaging.views.pages import beyond, cut

ROWS_A_PAGE = 50
MOST_AGAIN = 500  # rows at the most that a list which fetches itself anew gets at once
COUNTED = 100  # a view shows no higher number than one less


@dataclass(frozen=True)
class View:
    """One way to look at the inbox. `order` is the column that it runs along, `-` for newest first."""

    label: Any
    order: str
    of: Callable[[ConversationQuerySet, Membership], ConversationQuerySet]


VIEWS = {
    "waiting": View(_("Waiting"), "waiting_since", lambda rows, member: rows.waiting()),
    "mine": View(_("Mine"), "-last_entry_at", lambda rows, member: rows.awake().filter(assignee=member.staff_id)),
    "mentioned": View(_("Mentions you"), "-last_entry_at", lambda rows, member: rows.mentioning(member)),
    "unassigned": View(_("Unassigned"), "-last_entry_at", lambda rows, member: rows.awake().filter(assignee=None)),
    "open": View(_("Everything open"), "-last_entry_at", lambda rows, member: rows.awake()),
    "failed": View(_("Failed"), "-failed_at", lambda rows, member: rows.failed()),
    "snoozed": View(_("Set aside"), "snoozed_until", lambda rows, member: rows.asleep()),
    "done": View(_("Done"), "-closed_at", lambda rows, member: rows.done()),
}


@dataclass(frozen=True)
class Row:
    """One conversation as the list draws it."""

    conversation: Conversation
    state: str
    is_current: bool
    waited: timedelta  # in open hours
    counts_from: datetime | None  # while we are open, the moment until which that is so

    @classmethod
    def all_of(cls, page: list[Conversation], current: str, schedule: Schedule) -> list[Self]:
        """The rows of a page, their waits measured against hours that are read and laid out once."""
        now = timezone.now()
        waits = [conversation.waiting_since for conversation in page if conversation.waiting_since]
        opened = schedule.opened(min(waits), now) if waits else []
        counts_from = now if schedule.is_open(now) else None
        return [
            cls(
                conversation,
                _state_of(conversation),
                current == str(conversation.pk),
                _within(opened, conversation.waiting_since or now),
                counts_from,
            )
            for conversation in page
        ]


def _within(opened: list[tuple[datetime, datetime]], since: datetime) -> timedelta:
    """How much of these spans lies behind a moment."""
    return sum((ends - max(begins, since) for begins, ends in opened if ends > since), timedelta())


def _state_of(conversation: Conversation) -> str:
    """new · seen, not answered · waiting on her · put aside · failed · done."""
    if conversation.closed_at:
        return "done"
    if conversation.failed_at:
        return "failed"
    if conversation.waiting_since is None:
        return "asleep" if conversation.is_asleep else "waiting_on_her"
    mark = conversation.my_mark
    is_read = mark is not None and mark.sequence >= conversation.sequence
    return "seen" if is_read else "new"


def rows_of(
    view: str, rows: ConversationQuerySet, member: Membership, after: str = "", shown: int = 0
) -> tuple[list[Conversation], str]:
    """One page of a view, and the place after which the next page begins ("" at the end).

    shown    how many rows stand on the asking page already: as many come back, so that nothing scrolls away
    """
    chosen = VIEWS[view]
    column, descends = chosen.order.lstrip("-"), chosen.order.startswith("-")
    found = chosen.of(rows, member).order_by(chosen.order, "-id" if descends else "id")
    if after:
        found = found.filter(beyond(column, descends, after))
    size = max(ROWS_A_PAGE, min(shown, MOST_AGAIN))
    most = size + 1
    page = list(found.first_for(member, most).with_people().with_mark_of(member).with_mentions_of(member)[:most])
    bring_tags(page)
    return cut(page, size, column)


def bring_tags(rows: Iterable[Conversation]) -> None:
    """The tags of those that have any, with one question; with none where nobody has."""
    tagged = [row.client for row in rows if row.has_tags]
    if tagged:
        prefetch_related_objects(tagged, "tags")


def sealed_in(rows: Iterable[Conversation]) -> Iterator[Model]:
    """All that a row of the list opens, so that its keys come with those of whatever else the page opens."""
    for row in rows:
        yield from (row, row.client, row.epoch.number)
        if row.assignee:
            yield row.assignee
        if row.has_tags:
            yield from row.client.tags.all()


def counts(rows: ConversationQuerySet, member: Membership) -> dict[str, int]:
    """What asks for somebody, per view, and what is due, up to `COUNTED`: one statement, of ranges that end there."""
    mine, free = Q(assignee=member.staff_id), Q(assignee=None)
    waiting, failed = rows.waiting(), rows.failed()
    parts = {"mine": waiting.filter(mine), "unassigned": waiting.filter(free), "mentioned": rows.mentioning(member)}
    if member.sees_all:
        parts |= {"waiting": waiting, "failed": failed}
    else:
        parts |= {"failed, mine": failed.filter(mine), "failed, free": failed.filter(free)}
    named: list[tuple[str, QuerySet[Any]]] = [*parts.items()]
    named += [("due", part) for part in FollowUp.objects.due_for(member)]
    first, *others = (part.annotate(part=Value(name)).values_list("part")[:COUNTED] for name, part in named)
    found = Counter(name for (name,) in first.union(*others, all=True))
    if not member.sees_all:
        found["waiting"] = found["mine"] + found["unassigned"]
        found["failed"] = found["failed, mine"] + found["failed, free"]
    return {view: min(found[view], COUNTED) for view in ("waiting", "mine", "mentioned", "unassigned", "failed", "due")}


def views_with_counts(counted: dict[str, int], view: str) -> list[tuple[str, Any, int | None]]:
    """Each view that is offered; the one of mentions while there are any, or while somebody looks at it."""
    offered = [code for code in VIEWS if code != "mentioned" or counted[code] or code == view]
    return [(code, VIEWS[code].label, counted.get(code)) for code in offered]
