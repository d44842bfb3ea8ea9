"""The list and a thread at a million messages against the same at ten thousand, over HTTP, in turn."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import psycopg

from bench.browser import Answer, Browser
from bench.filling import dsn, fill
from bench.serving import pages
from simulate.stack import Stack, running

MESSAGES, FEW = 1_000_000, 10_000
RUNS, ROUNDS = 5, 8  # rounds a run: each asks everybody's every page once of either stack
THREADS = 10  # conversations of more than a hundred entries, spread over the whole table
PEOPLE = {"supervisor": "esther", "specialist": "naomi", "newcomer": "mara"}
# each view, and where half of its rows lie behind: the column it runs along, and which rows it holds
VIEWS = {
    "waiting": ("waiting_since", "waiting_since IS NOT NULL"),
    "mine": None,
    "unassigned": ("last_entry_at", "closed_at IS NULL AND assignee_id IS NULL"),
    "open": ("last_entry_at", "closed_at IS NULL"),
    "failed": ("failed_at", "failed_at IS NOT NULL"),
    "done": ("closed_at", "closed_at IS NOT NULL"),
}
GOAL_RATIO, GOAL_STATEMENTS, GOAL_P95 = 1.3, 12, 120  # the last one: milliseconds, at a million
LISTS, THREAD = "list", "thread"
PANES = {"HX-Request": "true"}  # as the list asks for a conversation

Times = dict[str, list[float]]  # milliseconds by kind of page


@dataclass(frozen=True)
class Inbox:
    """Milliseconds of every kind of page in each run, the most statements of either stack, seconds of filling."""

    few: int
    many: int
    runs: list[tuple[Times, Times]]
    statements: dict[str, tuple[int, int]]
    filled: float

    def p95(self, kind: str) -> tuple[float, float]:
        """Of all pages whose kind begins so: the median of the runs, with few messages and with many."""
        pairs = [(_p95(few, kind), _p95(many, kind)) for few, many in self.runs]
        return median(few for few, _ in pairs), median(many for _, many in pairs)

    def ratio(self, kind: str) -> float:
        """The median of what each run's two halves make of it: noise that lasts hits both."""
        return median(_p95(many, kind) / _p95(few, kind) for few, many in self.runs)

    @property
    def most_statements(self) -> int:
        return max(max(pair) for pair in self.statements.values())


class Side:
    """One stack with its people's browsers, and the addresses of each kind of page."""

    def __init__(self, stack: Stack, port: int) -> None:
        people = {person["email"].partition("@")[0]: person for person in stack.demo["people"]}
        self.browsers = [Browser.of(stack, port, people[name]) for name in PEOPLE.values()]
        self.places = dict(_places(stack))

    def ask(self, browser: Browser, kind: str, turn: int) -> Answer:
        places = self.places[kind]
        answer = browser.get(places[turn % len(places)], **(PANES if kind.startswith(THREAD) else {}))
        if answer.status != 200:
            raise RuntimeError(f"A page ({kind}) was answered with {answer.status}.")
        return answer


def measure(
    *, messages: int = MESSAGES, few: int = FEW, runs: int = RUNS, rounds: int = ROUNDS, kept: Path | None = None
) -> Inbox:
    """Fill both stacks, then ask both for every page in turn."""
    with _filled(few, None) as (small, _), _filled(messages, kept) as (large, seconds), ExitStack() as served:
        sides = [Side(stack, served.enter_context(pages(stack))) for stack in (small, large)]
        ask_in_turn(sides, 1)  # connections, templates and plans are there before anything is measured
        found = [ask_in_turn(sides, rounds) for _ in range(runs)]
        counts = [statements(stack, side) for stack, side in zip((small, large), sides, strict=True)]
    both = {kind: (counts[0][kind], counts[1][kind]) for kind in counts[0]}
    return Inbox(few, messages, found, both, seconds)


def table(found: Inbox) -> str:
    """As it stands in docs/performance.md."""
    rows = [f"{'page':20}{found.few:>12,}{found.many:>12,}   ratio   statements"]
    for kind, (few, many) in found.statements.items():
        small, large = found.p95(kind)
        rows.append(f"{kind:20}{small:9.1f} ms{large:9.1f} ms   {found.ratio(kind):5.2f}   {few:5}{many:5}")
    for kind in (LISTS, THREAD):
        small, large = found.p95(kind)
        goal = f"goal {GOAL_RATIO}; at a million {GOAL_P95} ms"
        rows.append(f"p95, {kind:15}{small:9.1f} ms{large:9.1f} ms   {found.ratio(kind):5.2f}   ({goal})")
    rows.append(f"statements          at most {found.most_statements}   (goal {GOAL_STATEMENTS})")
    rows.append(f"filled in           {found.filled:.0f} s")
    return "\n".join(rows)


@contextmanager
def _filled(messages: int, kept: Path | None) -> Iterator[tuple[Stack, float]]:
    with TemporaryDirectory(prefix="quietline-bench-") as folder, running(kept or Path(folder) / "data") as stack:
        yield stack, fill(stack, messages)


def ask_in_turn(sides: list[Side], rounds: int) -> tuple[Times, Times]:
    """Everybody's every page, first of one stack and then of the other, again and again."""
    times: tuple[Times, Times] = defaultdict(list), defaultdict(list)
    for turn in range(rounds):
        for person in range(len(PEOPLE)):
            for kind in sides[0].places:
                for side, kept in zip(sides, times, strict=True):
                    kept[kind].append(side.ask(side.browsers[person], kind, turn).milliseconds)
    return times


def statements(stack: Stack, side: Side) -> dict[str, int]:
    """How many statements each kind of page costs whoever it costs most."""
    most: dict[str, int] = defaultdict(int)
    with pages(stack, "bench.counted:application", workers=1) as port:
        for browser in (browser.on(port) for browser in side.browsers):
            browser.get("/")  # what every process asks once
            for kind in side.places:
                answer = side.ask(browser, kind, 0)
                most[kind] = max(most[kind], int(answer.headers["X-Statements"]))
    return most


def _places(stack: Stack) -> Iterator[tuple[str, list[str]]]:
    with psycopg.connect(dsn(stack)) as connection:
        for view, along in VIEWS.items():
            yield f"{LISTS} {view}", [f"/?view={view}"]
            if along:
                yield f"{LISTS} {view}, deep", [f"/inbox/list/?view={view}&after={_middle(connection, *along)}"]
        yield "follow-ups", ["/follow-ups/"]
        long_ones = "SELECT id FROM messaging_conversation WHERE sequence > 100 AND assignee_id IS NULL ORDER BY id"
        found = [row[0] for row in connection.execute(long_ones)]
        yield THREAD, [f"/conversations/{pk}/" for pk in found[:: max(len(found) // THREADS, 1)]]


def _middle(connection: "psycopg.Connection[Any]", column: str, held: str) -> str:
    """As the list's own "show more" would say it after half of its pages."""
    rows = f"FROM messaging_conversation WHERE {held}"
    query = f"SELECT {column}, id {rows} ORDER BY {column}, id OFFSET (SELECT count(*) / 2 {rows}) LIMIT 1"
    found = connection.execute(query).fetchone()
    if found is None:
        raise RuntimeError("A view is empty: nothing can be measured.")
    return quote(f"{found[0].astimezone(UTC).isoformat()}~{found[1]}")


def _p95(times: Times, kind: str) -> float:
    """Of every page whose kind begins so."""
    return quantiles([took for name, kept in times.items() if name.startswith(kind) for took in kept], n=20)[18]
