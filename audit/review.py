"""A week of the log, person by person: who read how much, and what is out of the ordinary (AUD-11).

Nothing here accuses anybody. It says where a second look is worth the time, and why.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.events import READS, Event
from audit.models import LogEntry
from audit.names import client_names, last_name

DAYS = 7
MANY_CLIENTS, TIMES_THE_USUAL = 20, 3
NIGHT_READS, NIGHT_FROM, NIGHT_UNTIL = 5, 22, 6
HELD_BY_OTHERS = 5
REFUSALS = 5
COUNTED = (*sorted(READS), Event.ACCESS_REFUSED, Event.LOG_EXPORTED)


class Week(NamedTuple):
    """Monday to Sunday, in the reader's time zone, which is her center's."""

    first: date

    @classmethod
    def of(cls, day: date) -> "Week":
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def last(cls) -> "Week":
        """The last one that is over."""
        return cls.of(timezone.localdate() - timedelta(days=DAYS))

    @property
    def name(self) -> str:
        """Its name in ISO 8601, such as 2026-W47."""
        return self.first.strftime("%G-W%V")

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=day) for day in range(DAYS)]

    @property
    def is_over(self) -> bool:
        return timezone.localdate() > self.days[-1]

    @property
    def before(self) -> "Week":
        return Week(self.first - timedelta(days=DAYS))

    @property
    def after(self) -> "Week":
        return Week(self.first + timedelta(days=DAYS))

    def bounds(self) -> tuple[datetime, datetime]:
        return _midnight(self.first), _midnight(self.after.first)


@dataclass
class Person:
    """What one person read in a week. `marks` say why somebody should look again."""

    pk: UUID
    name: str
    days: Counter[date] = field(default_factory=Counter)
    clients: Counter[UUID] = field(default_factory=Counter)
    night: int = 0
    held_by_others: int = 0
    searches: int = 0
    exports: int = 0
    refusals: int = 0
    marks: list[Promise] = field(default_factory=list)

    @property
    def reads(self) -> int:
        return self.days.total()

    def take(self, event: str, at: datetime, client: UUID | None, holder: object) -> None:
        """Count one entry of hers."""
        if event == Event.ACCESS_REFUSED:
            self.refusals += 1
        elif event == Event.LOG_EXPORTED:
            self.exports += 1
        else:
            self._read(event, timezone.localtime(at), client, holder)

    def _read(self, event: str, at: datetime, client: UUID | None, holder: object) -> None:
        self.days[at.date()] += 1
        self.night += at.hour >= NIGHT_FROM or at.hour < NIGHT_UNTIL
        self.searches += event == Event.SEARCH
        if event == Event.CONVERSATION_OPENED and client:
            self.clients[client] += 1
            self.held_by_others += holder == "colleague"


def people_of(center: UUID, week: Week, names: Mapping[UUID, str]) -> list[Person]:
    """Everybody who read anything that week: those with marks first, then by how much they read."""
    people: dict[UUID, Person] = {}
    for actor, event, at, client, holder in _entries(center, week):
        person = people.setdefault(actor, Person(actor, names.get(actor, "")))
        person.take(event, at, client, holder)
    _mark(list(people.values()))
    return sorted(people.values(), key=lambda person: (-len(person.marks), -person.reads, person.name.casefold()))


def _entries(center: UUID, week: Week) -> Iterator[tuple[UUID, str, datetime, UUID | None, object]]:
    """One query by the index of center and time: it costs what the week holds, not what the log holds."""
    start, end = week.bounds()
    entries = LogEntry.objects.of_center(center).filter(timestamp__gte=start, timestamp__lt=end, event__in=COUNTED)
    rows = entries.filter(actor_id__isnull=False).order_by()
    yield from rows.values_list("actor_id", "event", "timestamp", "client_id", "facts__holder").iterator()


def _mark(people: list[Person]) -> None:
    namesakes = _namesakes(people)
    for person in people:
        others = [len(other.clients) for other in people if other is not person]
        usual = median(others) if others else len(person.clients)
        person.marks = [words for is_so, words in _rules(person, usual, namesakes) if is_so]


def _rules(person: Person, usual: float, namesakes: set[UUID]) -> Iterator[tuple[bool, Promise]]:
    many = len(person.clients)
    yield many >= MANY_CLIENTS and many > TIMES_THE_USUAL * usual, _("Opened far more clients than colleagues did")
    yield person.night >= NIGHT_READS and 4 * person.night > person.reads, _("Read much at night")
    opened = person.clients.total()
    often = person.held_by_others >= HELD_BY_OTHERS and 2 * person.held_by_others > opened
    yield often, _("Opened mostly what colleagues had taken")
    yield person.pk in namesakes, _("Opened a client with the same last name")
    yield person.refusals >= REFUSALS, _("Was refused several times")


def _namesakes(people: list[Person]) -> set[UUID]:
    """Who opened a client whose last name, if one is known, is her own."""
    known = client_names({client for person in people for client in person.clients})
    last = {client: name.last for client, name in known.items()}
    return {
        person.pk
        for person in people
        if (own := last_name(person.name)) and any(last.get(client) == own for client in person.clients)
    }


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
