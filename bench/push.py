"""A webhook that is answered until every browser that may hear of it has been told, over real sockets."""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from statistics import quantiles

import psycopg

from bench.browser import Browser
from bench.filling import dsn
from bench.listening import Listening, Person, listening, people
from bench.load import CLIENTS, Target, flood, prepared
from bench.processes import allow_many_files, megabytes
from bench.serving import pages, sockets
from simulate.stack import Stack, running

STAFF, SOME, IDLE = 4, 200, 1000  # people, sockets, and sockets that have nothing else to do
PER_SECOND, SECONDS = 5.0, 60  # longer than the pause between two looks at who may stay
SETTLE, PATIENCE = 1.0, 10.0  # seconds after the last text, and until whoever was not told counts as missed
GOAL_P50, GOAL_P99, GOAL_SPREAD = 30, 150, 60  # milliseconds
SID = re.compile(rb"MessageSid=(SM[0-9a-f]{32})")


@dataclass(frozen=True)
class Heard:
    """Of some texts: milliseconds from the answer to each socket, and from the first socket to the last."""

    texts: int
    told: list[float]
    spread: list[float]
    missed: int
    overheard: int  # by sockets whose person may not read that conversation


@dataclass(frozen=True)
class Push:
    """With some sockets, with many, and of a conversation that one person holds; megabytes without and with many."""

    some: int
    idle: int
    few: Heard
    many: Heard
    held: Heard
    before: float
    after: float


def measure(*, some: int = SOME, idle: int = IDLE, seconds: float = SECONDS) -> Push:
    """In a stack of its own: texts at a steady pace while sockets are open, then while many more are."""
    allow_many_files()
    with running() as stack:
        return watch(stack, some, idle, int(seconds * PER_SECOND))


def watch(stack: Stack, some: int, idle: int, texts: int) -> Push:
    with pages(stack) as port, sockets(stack) as (socket_port, process):
        everybody, target = people(stack, STAFF, idle), target_of(stack, port)
        asyncio.run(flood(target, prepared(target, CLIENTS, len(CLIENTS)), 4))  # everybody has written before
        holder = _take(stack, port, target, CLIENTS[0])
        who = [person for person in everybody[:some] if person.all or person.staff == holder]
        before = megabytes(process.pid)
        with listening(stack, socket_port, everybody[:some]) as first:
            few = _heard(stack, send(target, CLIENTS[1:], texts), [first], everybody[:some])
            alone = _heard(stack, send(target, CLIENTS[:1], 10), [first], who)
            with listening(stack, socket_port, everybody[some:]) as others:
                many = _heard(stack, send(target, CLIENTS[1:], texts // 2), [first, others], everybody)
                after = megabytes(process.pid)
    return Push(some, idle, few, many, alone, before, after)


def table(found: Push) -> str:
    """As it stands in docs/performance.md."""
    each, alone = (found.after - found.before) / found.idle * 1024, found.held
    return "\n".join(
        [
            *_rows(found.some, found.few, f"goal {GOAL_P50} and {GOAL_P99} ms", f"goal {GOAL_SPREAD} ms"),
            *_rows(found.idle, found.many, "no goal", "no goal"),
            f"held by one person: {alone.texts} texts, {len(alone.told)} frames, {alone.missed} missed,"
            f" {alone.overheard} to sockets that may not hear",
            f"process of the sockets: {found.before:.0f} MB without any, {found.after:.0f} MB with {found.idle}:"
            f" {each:.0f} KB a socket",
        ]
    )


def _rows(count: int, heard: Heard, goal: str, last_goal: str) -> list[str]:
    told, last = (quantiles(values, n=100) for values in (heard.told, heard.spread))
    return [
        f"{count} sockets: {heard.texts} texts, {len(heard.told)} frames, {heard.missed} missed",
        f"  answered to told     p50 {told[49]:6.1f} ms   p99 {told[98]:6.1f} ms   ({goal})",
        f"  first told to last   p50 {last[49]:6.1f} ms   p99 {last[98]:6.1f} ms   ({last_goal})",
    ]


def target_of(stack: Stack, port: int) -> Target:
    """The webhook of the demo's line, at a server of the stack."""
    demo, address = stack.demo, f"{stack.state.public}/hooks/twilio/{stack.demo['line']}/message"
    return Target(address, port, demo["auth_token"], demo["account_sid"], demo["number"])


def send(target: Target, clients: list[str], texts: int) -> dict[str, float]:
    """Post at a steady pace; return when each was answered, by Twilio's name of it."""
    return asyncio.run(_sent(target, prepared(target, clients, texts)))


async def _sent(target: Target, requests: list[bytes]) -> dict[str, float]:
    began = time.monotonic()

    async def send(number: int, request: bytes) -> tuple[str, float]:
        await asyncio.sleep(max(began + number / PER_SECOND - time.monotonic(), 0))
        await flood(target, [request], 1)
        found = SID.search(request)
        return found.group(1).decode() if found else "", time.monotonic()

    answered = await asyncio.gather(*(send(number, request) for number, request in enumerate(requests)))
    await asyncio.sleep(SETTLE)
    return dict(answered)


def _take(stack: Stack, port: int, target: Target, client: str) -> str:
    """Have a specialist take this client's conversation; return who she is."""
    person = next(person for person in stack.demo["people"] if person["role"] == "specialist")
    (conversation, _number), *_ = places(stack, send(target, [client], 1)).values()
    if Browser.of(stack, port, person).post(f"/conversations/{conversation}/take/").status != 302:
        raise RuntimeError("A conversation could not be taken.")
    with closing(psycopg.connect(dsn(stack))) as connection:
        query = "SELECT assignee_id FROM messaging_conversation WHERE id = %s"
        found = connection.execute(query, [conversation]).fetchone()
    return str(found[0]) if found else ""


def places(stack: Stack, sids: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Where each text stands: its conversation, and its number in it."""
    query = "SELECT twilio_sid, conversation_id, sequence FROM messaging_message WHERE twilio_sid = ANY(%s)"
    with closing(psycopg.connect(dsn(stack))) as connection:
        rows = connection.execute(query, [list(sids)]).fetchall()
    return {sid: (str(conversation), number) for sid, conversation, number in rows}


def _heard(stack: Stack, answered: dict[str, float], where: list[Listening], may: list[Person]) -> Heard:
    """What was heard against who may hear it. The first frame of a text counts: a later one tells of its fate."""
    heard: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    stand, deadline = places(stack, answered), time.monotonic() + PATIENCE
    while True:
        for news in (news for each in where for news in each.heard()):
            heard[news.conversation, news.sequence].setdefault(news.session, news.moment)
        told = [(answered[sid], heard[place]) for sid, place in stand.items()]
        found = _compared(told, {person.session for person in may})
        if not found.missed or time.monotonic() > deadline:
            return found
        time.sleep(SETTLE)


def _compared(told: list[tuple[float, dict[str, float]]], may: set[str]) -> Heard:
    """Of each text when it was answered, and when which session was told."""
    waits, spread, overheard = list[float](), list[float](), 0
    for answered, heard in told:
        moments = [moment for session, moment in heard.items() if session in may]
        overheard += len(heard) - len(moments)
        waits += [(moment - answered) * 1000 for moment in moments]
        spread.append((max(moments) - min(moments)) * 1000 if moments else 0.0)
    return Heard(len(told), waits, spread, len(told) * len(may) - len(waits), overheard)
