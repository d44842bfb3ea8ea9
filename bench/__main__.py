"""bin/bench: what is measured, and what each figure is to be."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench import audit, inbound, inbox, memory, page, push, restore, search, signin


@dataclass(frozen=True)
class Bench:
    """One name of bin/bench: its goals in a line, how it is measured, and the table that it prints."""

    goals: str
    measure: Callable[[argparse.Namespace], Any]
    table: Callable[[Any], str]


BENCHES = {
    "inbound": Bench(
        "a signed text at 0.5 of a bare handler's rate; p99 at 50 texts a second 40 ms",
        lambda given: inbound.measure(runs=given.runs, texts=given.texts),
        inbound.table,
    ),
    "inbox": Bench(
        "list and thread at 1,000,000 messages within 1.3 times 10,000 (p95), 120 ms, at most 12 statements",
        lambda given: inbox.measure(messages=given.messages or inbox.MESSAGES, runs=given.runs, kept=given.data),
        inbox.table,
    ),
    "push": Bench(
        "answered to told p50 30 ms, p99 150 ms; the last of 200 sockets 60 ms after the first; 1,000 in one process",
        lambda given: push.measure(),
        push.table,
    ),
    "page": Bench(
        "the inbox 120 KB, a conversation 15 KB; a text shown p50 150 ms, p99 500 ms; painted within 100 ms",
        lambda given: page.measure(),
        page.table,
    ),
    "signin": Bench(
        "the answer of a passkey 50 ms (p95), apart from Argon2",
        lambda given: signin.measure(),
        signin.table,
    ),
    "audit": Bench(
        "1,000,000 entries of the log verified offline in 10 s",
        lambda given: audit.measure(entries=given.entries),
        audit.table,
    ),
    "memory": Bench(
        "the idle stack 450 MB; 5 % more after 30 minutes of 5 texts a second and 20 staff",
        lambda given: memory.measure(minutes=given.minutes),
        memory.table,
    ),
    "restore": Bench(
        "1,000,000 messages restored in 60 minutes",
        lambda given: restore.measure(messages=given.messages or restore.MESSAGES),
        restore.table,
    ),
    "search": Bench(
        "1,000,000 messages looked through in 4 s, 100,000 in 0.5 s; the first results after 300 ms",
        lambda given: search.measure(messages=given.messages or search.MESSAGES, runs=given.runs, kept=given.data),
        search.table,
    ),
}


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    if given.what is None:
        print("\n".join(f"bin/bench {name:8} {bench.goals}" for name, bench in BENCHES.items()))
        return 0
    bench = BENCHES[given.what]
    found = bench.measure(given)
    print(json.dumps(asdict(found)) if given.json else bench.table(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=BENCHES, help="without it: all of them, with their goals")
    parser.add_argument("--json", action="store_true", help="all that was measured, instead of the table")
    parser.add_argument("--runs", type=int, default=inbound.RUNS, help="of inbound, inbox and search")
    parser.add_argument("--texts", type=int, default=inbound.TEXTS, help="texts a run of inbound")
    parser.add_argument("--messages", type=int, help="messages of inbox, restore or search")
    parser.add_argument(
        "--data", type=lambda text: Path(text).absolute(), help="keep the large stack of inbox or search here"
    )
    parser.add_argument("--entries", type=int, default=audit.ENTRIES, help="entries of audit")
    parser.add_argument("--minutes", type=float, default=memory.MINUTES, help="minutes of memory's soak")
    return parser


if __name__ == "__main__":
    sys.exit(main())
