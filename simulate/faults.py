"""What breaks. Each fault is one of the matrix in docs/reliability.md; most mend themselves."""

import signal
import time
from collections.abc import Callable
from random import Random

import psycopg
import redis

from simulate.stack import Stack
from trial.postgresql import superuser_dsn
from trial.valkey import url

Fault = Callable[[Stack, Random], None]
PARTS = ("postgresql", "valkey", "web", "worker", "beat")


def _kill(part: str, how: signal.Signals) -> Fault:
    def strike(stack: Stack, chance: Random) -> None:
        stack.signal(part, how)

    return strike


def _freeze(part: str, longest: float) -> Fault:
    """Stopped in the middle of whatever it does, and then going on as if nothing had been."""

    def strike(stack: Stack, chance: Random) -> None:
        if stack.signal(part, signal.SIGSTOP):
            time.sleep(chance.uniform(0.3, longest))
            stack.signal(part, signal.SIGCONT)

    return strike


def _api(kind: str, times: int = 1, **more: object) -> Fault:
    """Twilio's API misbehaves for texts of ours."""

    def strike(stack: Stack, chance: Random) -> None:
        match = {"path": "/Messages.json$", "method": "POST"}
        stack.twin("POST", "/twin/faults", {"kind": kind, "match": match, "times": times, **more})

    return strike


def _listing(kind: str) -> Fault:
    """Twilio's lists cannot be had when a text in doubt is looked for."""

    def strike(stack: Stack, chance: Random) -> None:
        match = {"path": "/Messages.json", "method": "GET"}
        stack.twin("POST", "/twin/faults", {"kind": kind, "match": match, "times": 1})

    return strike


def _webhook(kind: str, about: str, times: int = 3, **more: object) -> Fault:
    """What Twilio tells us comes twice, late, in another order, forged, or never."""

    def strike(stack: Stack, chance: Random) -> None:
        stack.twin("POST", "/twin/faults", {"kind": kind, "match": {"about": about}, "times": times, **more})

    return strike


def _superuser(statement: str, seconds: float = 0) -> Fault:
    def strike(stack: Stack, chance: Random) -> None:
        state = stack.state
        dsn = superuser_dsn(state.postgresql_port, state.superuser_password, "quietline")
        try:
            with psycopg.connect(dsn, connect_timeout=2) as connection:
                connection.execute(statement)
                time.sleep(seconds)
        except psycopg.OperationalError:
            return  # it is down already: another fault's work

    return strike


def _valkey(*command: str, undo: tuple[str, ...] = ()) -> Fault:
    def strike(stack: Stack, chance: Random) -> None:
        state = stack.state
        try:
            with redis.Redis.from_url(url(state.valkey_port, state.valkey_password), socket_timeout=2) as client:
                client.execute_command(*command)
                if undo:
                    time.sleep(chance.uniform(0.5, 2))
                    client.execute_command(*undo)
        except redis.RedisError:
            return  # it is down already: another fault's work

    return strike


FAULTS: dict[str, Fault] = {
    **{f"{part} killed": _kill(part, signal.SIGKILL) for part in PARTS},
    **{f"{part} asked to end": _kill(part, signal.SIGTERM) for part in ("web", "worker", "beat")},
    **{f"{part} frozen": _freeze(part, 2.5) for part in PARTS},
    "connections cut": _superuser(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'quietline_app'"
    ),
    "messages locked": _superuser("LOCK TABLE messaging_message IN ACCESS EXCLUSIVE MODE", seconds=2.5),
    "conversations locked": _superuser("LOCK TABLE messaging_conversation IN ACCESS EXCLUSIVE MODE", seconds=2.5),
    "Valkey emptied": _valkey("FLUSHALL"),
    "Valkey full": _valkey("CONFIG", "SET", "maxmemory", "1", undo=("CONFIG", "SET", "maxmemory", "0")),
    "Valkey clients cut": _valkey("CLIENT", "KILL", "TYPE", "normal"),
    "API: 429": _api("429", times=3),
    "API: 500": _api("500"),
    "API: 500 after accepting": _api("500", accept=True),
    "API: 502 in HTML": _api("html502"),
    "API: silent": _api("hang", seconds=12),
    "API: silent after accepting": _api("hang", seconds=12, accept=True),
    "API: slow": _api("slow", seconds=2),
    "API: cut before accepting": _api("drop_before"),
    "API: cut after accepting": _api("drop_after_accept"),
    "API: half an answer": _api("broken_body"),
    "list: 500": _listing("500"),
    "list: cut": _listing("drop_before"),
    "text told twice": _webhook("duplicate", "message"),
    "text told twenty times at once": _webhook("burst", "message", times=1),
    "text told late": _webhook("delay", "message", seconds=3),
    "texts told in another order": _webhook("reorder", "message", copies=3),
    "text never told": _webhook("drop", "message"),
    "text told with a bad signature": _webhook("bad_signature", "message"),
    "status told twice": _webhook("duplicate", "status"),
    "statuses told in another order": _webhook("reorder", "status", copies=3),
    "status never told": _webhook("drop", "status"),
}


# A process that starts again takes seconds of a whole processor: struck as often as the rest, little else would run.
DEAR = {f"{part} {what}" for part in ("web", "worker", "beat") for what in ("killed", "asked to end")}
DEAR_EVERY = 3


def chosen(chance: Random, count: int) -> list[str]:
    """So many faults, every kind about as often but those in `DEAR` a third of that, in an order of chance."""
    plan: list[str] = []
    for turn in range(count):
        plan += [kind for kind in FAULTS if turn % DEAR_EVERY == 0 or kind not in DEAR]
        if len(plan) >= count:
            break
    plan = plan[:count]
    chance.shuffle(plan)
    return plan
