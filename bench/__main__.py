"""bin/bench inbound"""

import argparse
import sys

from bench import inbound


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("what", choices=["inbound"])
    parser.add_argument("--runs", type=int, default=inbound.RUNS)
    parser.add_argument("--texts", type=int, default=inbound.TEXTS, help="texts a run")
    given = parser.parse_args()
    print(inbound.table(inbound.measure(runs=given.runs, texts=given.texts)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
