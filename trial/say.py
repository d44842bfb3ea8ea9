"""What the trial tells the person who started it."""

import sys
import time

_began = time.monotonic()


def say(what: str) -> None:
    """One line of progress, beside the answers a command gives on standard output."""
    print(f"{time.monotonic() - _began:5.1f} s  {what}", file=sys.stderr, flush=True)


def answer(text: str) -> None:
    """What was asked for."""
    print(text, flush=True)
