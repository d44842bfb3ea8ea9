"""Views that need a factor given a moment ago say so here; the gate in front of every view asks for it (AUTH-12)."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

Marked = TypeVar("Marked", bound=Callable[..., object])


class Why(StrEnum):
    """What is asked for again before: the page that asks says it in words."""

    SIGN_IN = "sign-in"
    STAFF = "staff"
    LOG = "log"
    NUMBER = "number"
    PRINT = "print"
    LINES = "lines"
    LOCKED = "locked"
    PASSKEY = "passkey"


def needs_fresh_factor(why: Why) -> Callable[[Marked], Marked]:
    """Mark a view that opens only to whoever has proved herself within the last minutes."""

    def mark(view: Marked) -> Marked:
        view.needs_fresh_factor = why  # type: ignore[attr-defined]
        return view

    return mark


def why_of(view: object) -> Why | None:
    """Why a view needs a fresh factor; None for one that does not."""
    return getattr(view, "needs_fresh_factor", None)
