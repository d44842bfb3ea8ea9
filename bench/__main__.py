"""bin/bench inbound | restore"""

import argparse
import sys

from bench import inbound, restore


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("what", choices=["inbound", "restore"])
    parser.add_argument("--runs", type=int, default=inbound.RUNS)
    parser.add_argument("--texts", type=int, default=inbound.TEXTS, help="texts a run of inbound")
    parser.add_argument("--messages", type=int, default=restore.MESSAGES, help="messages to restore")
    given = parser.parse_args()
    if given.what == "restore":
        print(restore.table(restore.measure(messages=given.messages)))
    else:
        print(inbound.table(inbound.measure(runs=given.runs, texts=given.texts)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
