"""bin/simulate faults [--messages N] [--replies N] [--faults N] [--minutes M] [--seed N] [--json]

Or: bin/simulate bad-input [--cases N] [--minutes M] [--seed N] [--case N] [--json]
"""

import argparse
import json
import secrets
import signal
import sys
from dataclasses import asdict

from simulate.bad.command import main as bad_input
from simulate.plan import Plan, Result
from simulate.run import simulate


def main() -> int:
    if sys.argv[1:2] == ["bad-input"]:
        return bad_input(sys.argv[2:])
    plan, as_json = _read(sys.argv[1:])
    result = simulate(plan, say=lambda words: print(words, file=sys.stderr, flush=True))
    print(json.dumps(asdict(result)) if as_json else table(result))
    return 0 if result.holds else 1


def table(result: Result) -> str:
    """What happened, as it stands in docs/reliability.md."""
    lines = [result.plan.command, f"{'seconds':40} {result.seconds:7}"]
    lines += [f"{name:40} {count:7}" for name, count in result.counts.items()]
    lines += [f"  {kind:38} {count:7}" for kind, count in sorted(result.faults.items())]
    lines += [f"left out, this machine does not let us: {kind}" for kind in result.left_out]
    lines += [f"BROKEN: {promise}" for promise in result.broken] or ["every promise held"]
    return "\n".join(lines)


def _read(arguments: list[str]) -> tuple[Plan, bool]:
    parser = argparse.ArgumentParser(prog="bin/simulate", description=__doc__)
    parser.add_argument("what", choices=["faults", "bad-input"])
    parser.add_argument("--messages", type=int, default=2000, help="texts of clients")
    parser.add_argument("--replies", type=int, default=0, help="replies of staff; a quarter of the texts by default")
    parser.add_argument("--faults", type=int, default=0, help="faults; a tenth of the texts by default")
    parser.add_argument("--minutes", type=float, default=0, help="how long the load lasts; as long as it needs")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    seconds = given.minutes * 60 or given.messages / 22
    plan = Plan(
        seed=given.seed,
        texts=given.messages,
        replies=given.replies or given.messages // 4,
        faults=given.faults or given.messages // 10,
        seconds=seconds,
    )
    return plan, given.json


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    sys.exit(main())
