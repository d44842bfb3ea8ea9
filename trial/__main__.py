"""bin/up: all of Quietline on this machine, until Ctrl-C."""

import asyncio
import sys

from trial.options import read_options
from trial.supervisor import supervise
from trial.trouble import Trouble


def main() -> int:
    options = read_options()
    try:
        asyncio.run(supervise(options))
    except* Trouble as troubles:
        trouble = first(troubles)
        print(trouble, file=sys.stderr, flush=True)
        sys.exit(trouble.code)
    return 0


def first(group: BaseExceptionGroup[Trouble]) -> Trouble:
    """Of several troubles at once the first one explains the others."""
    inner = group.exceptions[0]
    return first(inner) if isinstance(inner, BaseExceptionGroup) else inner


if __name__ == "__main__":
    sys.exit(main())
