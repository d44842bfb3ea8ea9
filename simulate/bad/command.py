"""bin/simulate bad-input [--cases N] [--minutes M] [--seed N] [--case N] [--json]"""

import argparse
import json
import secrets
import sys

from simulate.bad.run import FOREVER, Plan, Result, simulate


def main(arguments: list[str]) -> int:
    plan, as_json = _read(arguments)
    result = simulate(plan, say=lambda words: print(words, file=sys.stderr, flush=True))
    print(json.dumps(vars(result)) if as_json else table(result))
    return 0 if result.holds else 1


def table(result: Result) -> str:
    """What was asked and what came back, as it stands in docs/reliability.md."""
    lines = [f"seed {result.seed}, {result.seconds} s", f"{'cases':34} {result.cases:8}"]
    lines.append(f"{'kinds of bad input':34} {len(result.kinds):8}")
    lines.append(f"{'doors asked, of them opened':34} {len(result.asked):8} {_opened(result):8}")
    lines.append(f"{'pages looked at afterwards':34} {result.looked:8}")
    lines += [f"{'answers of ' + status:34} {count:8}" for status, count in sorted(result.statuses.items())]
    lines.append(f"{'slowest answer, milliseconds':34} {result.slowest * 1000:8.0f}")
    lines.append(f"{'largest process, MB':34} {result.megabytes:8}")
    replay = f"bin/simulate bad-input --seed {result.seed} --case"
    lines += [f"BROKEN: {words}; {replay} {numbers[0]}" for words, numbers in sorted(result.failures.items())]
    return "\n".join(lines if result.failures else [*lines, "nothing broke"])


def _opened(result: Result) -> int:
    return sum(count > 0 for count in result.opened.values())


def _read(arguments: list[str]) -> tuple[Plan, bool]:
    parser = argparse.ArgumentParser(prog="bin/simulate bad-input", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, help="how many")
    parser.add_argument("--minutes", type=float, default=0, help="end after so long; as long as it needs by default")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--case", type=int, help="this one alone, as it was said of a failure")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    return Plan(given.seed, given.cases, given.minutes * 60 or FOREVER, only=given.case), given.json
