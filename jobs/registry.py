"""Which function does which kind of work, and how it is tried again: said once, where it is declared."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta

from jobs.models import Job

Handler = Callable[[Job], None]


@dataclass(frozen=True)
class Backoff:
    """Seconds before the next try: `first`, doubled each time up to `most`, with a fifth of chance."""

    first: float = 2
    most: float = 600

    def after(self, attempts: int) -> timedelta:
        seconds = min(self.first * 2 ** min(attempts - 1, 30), self.most)
        return timedelta(seconds=seconds * random.uniform(0.9, 1.1))  # noqa: S311  # spreads load, hides nothing


@dataclass(frozen=True)
class Work:
    """A registered kind of work."""

    handler: Handler
    tries: int
    backoff: Backoff
    retried: tuple[type[Exception], ...]
    dead: Handler | None


_registered: dict[str, Work] = {}
_around: Callable[[Job], AbstractContextManager[object]] = lambda job: nullcontext()  # noqa: E731


def handles(
    kind: str,
    *,
    tries: int = 8,
    backoff: Backoff | None = None,
    on: tuple[type[Exception], ...] = (Exception,),
    dead: Handler | None = None,
) -> Callable[[Handler], Handler]:
    """Register the function that does one kind of work.

    tries    after so many the job is dead
    on       exceptions after which it is tried again; any other makes it dead at once
    dead     called once, in the job's scope, when it is given up: it makes visible work for a person
    """

    def register(handler: Handler) -> Handler:
        _registered[kind] = Work(handler, tries, backoff or Backoff(), on, dead)
        return handler

    return register


def work_of(kind: str) -> Work | None:
    return _registered.get(kind)


def surround(context: Callable[[Job], AbstractContextManager[object]]) -> None:
    """Have every handler run inside this context: the rooms above say who acts."""
    global _around
    _around = context


def surroundings(job: Job) -> AbstractContextManager[object]:
    return _around(job)
