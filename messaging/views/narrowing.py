"""Which part of the inbox somebody looks at: a view, and what narrows it. In the address stand ids and codes alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.http import Http404
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from encryption.prefetch import prefetch_keys
from encryption.templatetags.sealed import unsealed
from messaging.actions.opening import Schedule
from messaging.forms import colleagues_of
from messaging.models import ConversationQuerySet, Line, ReadMark, Tag
from messaging.views.listing import VIEWS

DEFAULT_VIEW = "waiting"
NOBODY = "nobody"


class State(models.TextChoices):
    """What a row can say of itself in a view that holds several."""

    NEW = "new", _("New")
    SEEN = "seen", _("Not answered")
    WAITING_ON_HER = "waiting_on_her", _("Waiting on her")
    FAILED = "failed", _("Failed")


class Waited(models.TextChoices):
    """For how many minutes of opening she has waited at least."""

    QUARTER = "15", _("15 minutes")
    HOUR = "60", _("an hour")
    HALF_A_DAY = "240", _("4 hours")
    DAY = "480", _("8 hours")


def _has_read(member: Membership) -> Exists:
    marks = ReadMark.objects.filter(conversation=OuterRef("pk"), staff=member.staff_id)
    return Exists(marks.filter(sequence__gte=OuterRef("sequence")))


_WAITS = Q(closed_at=None, failed_at=None, waiting_since__isnull=False)
_STATES: dict[str, Callable[[ConversationQuerySet, Membership], ConversationQuerySet]] = {
    State.NEW: lambda rows, member: rows.filter(_WAITS).exclude(_has_read(member)),
    State.SEEN: lambda rows, member: rows.filter(_WAITS).filter(_has_read(member)),
    State.WAITING_ON_HER: lambda rows, member: rows.awake().filter(waiting_since=None, failed_at=None),
    State.FAILED: lambda rows, member: rows.open().failed(),
}


@dataclass(frozen=True)
class Chip:
    """One thing that narrows the list, in words, and the address of the list without it."""

    words: str
    address: str


@dataclass(frozen=True)
class Asked:
    """A view and what narrows it; "" is no narrowing.

    `holder` is a person's id, or `nobody`; `line` and `tag` are ids.
    """

    view: str = DEFAULT_VIEW
    holder: str = ""
    line: str = ""
    tag: str = ""
    state: str = ""
    language: str = ""
    waited: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """What an address asks for. Raises Http404 where there is no such thing."""
        asked = cls(**{one.name: str(said[one.name]) for one in fields(cls) if said.get(one.name)})
        codes = ((asked.state, State), (asked.language, dict(settings.LANGUAGES)), (asked.waited, Waited))
        if asked.view not in VIEWS or any(code and code not in known for code, known in codes):
            raise Http404
        holder = asked.holder if asked.holder in ("", NOBODY) else _id(asked.holder)
        return replace(asked, holder=holder, line=_id(asked.line), tag=_id(asked.tag))

    @property
    def address(self) -> str:
        """As it stands in an address, in one form only."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return urlencode({name: value for name, value in said.items() if value})

    @property
    def is_narrowed(self) -> bool:
        return self != Asked(self.view)

    def without(self, name: str) -> Self:
        return replace(self, **{name: ""})

    def narrowed(
        self, rows: ConversationQuerySet, member: Membership, schedule: Schedule, now: datetime
    ) -> ConversationQuerySet:
        """Those of these conversations that it asks for, whatever its view."""
        if self.holder:
            rows = rows.filter(assignee=None if self.holder == NOBODY else UUID(self.holder))
        if self.line:
            rows = rows.filter(line=UUID(self.line))
        if self.tag:
            rows = rows.with_tag(UUID(self.tag))
        if self.language:
            rows = rows.filter(client__language=self.language)
        if self.waited:
            rows = rows.waiting().filter(waiting_since__lte=schedule.before_open_minutes(now, int(self.waited)))
        return _STATES[self.state](rows, member) if self.state else rows


def _id(text: str) -> str:
    try:
        return str(UUID(text)) if text else ""
    except ValueError as error:
        raise Http404 from error


def holder_choices(member: Membership) -> list[tuple[str, Any]]:
    """Whose conversations can be asked for: whoever sees her own alone needs no names."""
    choices: list[tuple[str, Any]] = [("", _("Anybody")), (str(member.staff_id), _("Me")), (NOBODY, _("Nobody"))]
    if member.sees_all:
        others = colleagues_of(member).exclude(pk=member.pk)
        choices += [(str(one.staff_id), one.staff.name) for one in others]
    return choices


def line_choices(member: Membership) -> list[tuple[str, Any]]:
    """The center's lines by their numbers; none where there is nothing to choose from."""
    lines = Line.objects.filter(center=member.center_id).order_by("created_at")
    choices = [(str(line.pk), line.number) for line in lines]
    return [("", _("Any line")), *choices] if len(choices) > 1 else []


def tag_choices(member: Membership) -> list[tuple[str, Any]]:
    """The center's tags, those out of use behind the others; none where there are none."""
    tags = list(Tag.objects.filter(center=member.center_id).order_by(F("retired_at").asc(nulls_first=True), "place"))
    prefetch_keys(tags)
    return [("", _("Any tag")), *((str(tag.pk), unsealed(tag, "label")) for tag in tags)] if tags else []


def _name_of(holder: str, member: Membership) -> Any:
    return dict(holder_choices(member)).get(holder, _("A former colleague"))


def chips_of(asked: Asked, member: Membership) -> list[Chip]:
    """What narrows a view, each to be taken away by itself. Names are looked up for what is chosen alone."""
    said = {
        "holder": asked.holder and _("Held by: %(name)s") % {"name": _name_of(asked.holder, member)},
        "line": asked.line and dict(line_choices(member)).get(asked.line, _("Another line")),
        "tag": asked.tag and dict(tag_choices(member)).get(asked.tag, _("Another tag")),
        "state": asked.state and State(asked.state).label,
        "language": asked.language and dict(settings.LANGUAGES)[asked.language],
        "waited": asked.waited and _("longer than %(time)s") % {"time": Waited(asked.waited).label},
    }
    return [Chip(str(words), asked.without(name).address) for name, words in said.items() if words]
