"""The list on the left: which conversations a view holds, in which order, and what a row says."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from encryption.prefetch import prefetch_keys
from messaging.models import Conversation, ConversationQuerySet
from messaging.views.pages import beyond, cut

ROWS_A_PAGE = 50
COUNTED = 100  # a view shows no higher number than one less


@dataclass(frozen=True)
class View:
    """One way to look at the inbox. `order` is the column that it runs along, `-` for newest first."""

    label: Any
    order: str
    of: Callable[[ConversationQuerySet, Membership], ConversationQuerySet]


VIEWS = {
    "waiting": View(_("Waiting"), "waiting_since", lambda rows, member: rows.waiting()),
    "mine": View(_("Mine"), "-last_entry_at", lambda rows, member: rows.open().filter(assignee=member.staff_id)),
    "unassigned": View(_("Unassigned"), "-last_entry_at", lambda rows, member: rows.open().filter(assignee=None)),
    "open": View(_("Everything open"), "-last_entry_at", lambda rows, member: rows.open()),
    "failed": View(_("Failed"), "-failed_at", lambda rows, member: rows.failed()),
    "done": View(_("Done"), "-closed_at", lambda rows, member: rows.done()),
}


@dataclass(frozen=True)
class Row:
    """One conversation as the list draws it."""

    conversation: Conversation
    state: str
    is_current: bool

    @classmethod
    def of(cls, conversation: Conversation, current: str) -> Self:
        return cls(conversation, _state_of(conversation), current == str(conversation.pk))


def _state_of(conversation: Conversation) -> str:
    """new · seen, not answered · waiting on her · failed · done."""
    if conversation.closed_at:
        return "done"
    if conversation.failed_at:
        return "failed"
    if conversation.waiting_since is None:
        return "waiting_on_her"
    mark = conversation.my_mark
    is_read = mark is not None and mark.sequence >= conversation.sequence
    return "seen" if is_read else "new"


def rows_of(
    view: str, rows: ConversationQuerySet, member: Membership, after: str = ""
) -> tuple[list[Conversation], str]:
    """One page of a view, and the place after which the next page begins ("" at the end)."""
    chosen = VIEWS[view]
    column, descends = chosen.order.lstrip("-"), chosen.order.startswith("-")
    found = chosen.of(rows, member).order_by(chosen.order, "-id" if descends else "id")
    if after:
        found = found.filter(beyond(column, descends, after))
    most = ROWS_A_PAGE + 1
    page = list(found.first_for(member, most).with_people().with_mark_of(member)[:most])
    prefetch_keys([*page, *(conversation.epoch.number for conversation in page)])
    return cut(page, ROWS_A_PAGE, column)


def counts(rows: ConversationQuerySet, member: Membership) -> dict[str, int]:
    """What asks for somebody, per view, up to `COUNTED`: one statement, of index ranges that end there."""
    mine, free = Q(assignee=member.staff_id), Q(assignee=None)
    waiting, failed = rows.waiting(), rows.failed()
    parts = {"mine": waiting.filter(mine), "unassigned": waiting.filter(free)}
    if member.sees_all:
        parts |= {"waiting": waiting, "failed": failed}
    else:
        parts |= {"failed, mine": failed.filter(mine), "failed, free": failed.filter(free)}
    first, *others = (part.annotate(part=Value(name)).values_list("part")[:COUNTED] for name, part in parts.items())
    found = Counter(name for (name,) in first.union(*others, all=True))
    if not member.sees_all:
        found["waiting"] = found["mine"] + found["unassigned"]
        found["failed"] = found["failed, mine"] + found["failed, free"]
    return {view: min(found[view], COUNTED) for view in ("waiting", "mine", "unassigned", "failed")}


def views_with_counts(rows: ConversationQuerySet, member: Membership) -> list[tuple[str, Any, int | None]]:
    counted = counts(rows, member)
    return [(code, view.label, counted.get(code)) for code, view in VIEWS.items()]
