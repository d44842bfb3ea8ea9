"""bin/up: all of Quietline on this machine, until Ctrl-C."""

import asyncio
import sys

from trial.options import Options, read_options
from trial.supervisor import Supervisor, supervise
from trial.trouble import Trouble


def main(kind: type[Supervisor] = Supervisor) -> int:
    options = read_options()
    try:
        asyncio.run(_run(kind, options))
    except* Trouble as troubles:
        trouble = first(troubles)
        print(trouble, file=sys.stderr, flush=True)
        sys.exit(trouble.code)
    return 0


async def _run(kind: type[Supervisor], options: Options) -> None:
    await supervise(kind(options))


def first(group: BaseExceptionGroup[Trouble]) -> Trouble:
    """Of several troubles at once the first one explains the others."""
    inner = group.exceptions[0]
    return first(inner) if isinstance(inner, BaseExceptionGroup) else inner


if __name__ == "__main__":
    sys.exit(main())
