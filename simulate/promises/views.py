"""I5: what open pages show is what the database holds, once, and browsers were answered as promised."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

LOOK_BACK = 30  # entries: what changes further up is seen when the page is opened anew


def equal(rows: list[Any], told: dict[str, Any]) -> Iterator[str]:
    from messaging.models import Conversation

    yield from (f"I5: a browser was answered {answer}" for answer in sorted(set(told["odd"]))[:5])
    yield from (f"I5: a bubble came twice in one answer: {name}" for name in set(told["doubled"]))
    for page, shown in told["pages"].items():
        here = {str(row.pk): row for row in rows if row.conversation_id == UUID(page)}
        last = Conversation.objects.get(pk=page).sequence
        yield from _complete(page, shown, last)
        yield from _right(page, shown, here, last)


def _complete(page: str, shown: dict[str, tuple[int, str]], last: int) -> Iterator[str]:
    """Every number from the first that is shown up to the last, each once."""
    numbers = sorted(number for number, _status in shown.values())
    first = numbers[0] if numbers else 1
    missing = set(range(first, last + 1)) - set(numbers)
    if missing:
        yield f"I5: a page does not show {len(missing)} entries of {page}, the first {min(missing)}"
    if len(numbers) != len(set(numbers)):
        yield f"I5: a page shows an entry twice: {page}"


def _right(page: str, shown: dict[str, tuple[int, str]], here: dict[str, Any], last: int) -> Iterator[str]:
    for name, (number, status) in shown.items():
        row = here.get(name)
        if row is None or row.is_inbound:
            continue
        if number != row.sequence or (number > last - LOOK_BACK and status != row.status):
            yield f"I5: a page shows {status} for {row.status}: {name} in {page}"
