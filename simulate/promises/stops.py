"""I7: after her STOP is committed nothing more is sent to her, until her START.

Both the claim of a text and her STOP are made under the lock of her conversation, and both note the time there. So a
text that was claimed while a stop stood is a broken promise, whatever became of it. A text that was claimed before may
be under way: its call ends after 13 seconds, and what a network has held for longer is let go within two more.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

NEVER = datetime.max.replace(tzinfo=UTC)
UNDER_WAY = timedelta(seconds=16)
STOP, START = {"stop", "unsubscribe", "alto"}, {"start", "unstop"}


def kept(rows: list[Any], told: dict[str, Any]) -> Iterator[str]:
    from messaging.models import OptOut

    stands: dict[str, list[tuple[datetime, datetime]]] = {}
    for stop in OptOut.objects.select_related("number"):
        until = stop.lifted_at or NEVER
        stands.setdefault(stop.number.address, []).append((stop.since, until))
    yield from _claimed(rows, stands)
    yield from _accepted(told, stands)
    yield from _heeded(rows, told, stands)


def _claimed(rows: list[Any], stands: dict[str, list[tuple[datetime, datetime]]]) -> Iterator[str]:
    for row in rows:
        for since, until in stands.get(row.conversation.epoch.number.address, []):
            if row.sending_since and since < row.sending_since < until:
                yield f"I7: claimed after her stop: {row.pk}"


def _accepted(told: dict[str, Any], stands: dict[str, list[tuple[datetime, datetime]]]) -> Iterator[str]:
    for text in told["messages"]:
        if text["direction"] != "inbound":
            at = datetime.fromtimestamp(text["accepted_at"], tz=UTC)
            for since, until in stands.get(text["person"], []):
                if since + UNDER_WAY < at < until:
                    yield f"I7: accepted {(at - since).seconds} seconds after her stop: {text['sid']}"


def _heeded(rows: list[Any], told: dict[str, Any], stands: dict[str, list[tuple[datetime, datetime]]]) -> Iterator[str]:
    """Whose last word was STOP is opted out; of whoever said START later, the stop is lifted.

    Unless a word of hers came late: where the order is in doubt, the stop stands, and a person may ask her.
    """
    came_late = [row for row in rows if row.is_inbound and row.came_late and _word(row.body)]
    late = {row.conversation.epoch.number.address for row in came_late}
    last = {text["person"]: _word(text["body"]) for text in _in_order(told) if _word(text["body"])}
    for person, word in last.items():
        stopped = any(until == NEVER for _since, until in stands.get(person, []))
        if stopped != (word == "stop") and not (stopped and person in late):
            yield f"I7: her last word was {word.upper()}, and it is not so: {person[-3:]}"


def under_way(told: dict[str, Any], stops: list[tuple[str, datetime]]) -> int:
    """How many texts were accepted in the moments after a stop: those that were claimed before it."""
    outbound = [text for text in told["messages"] if text["direction"] != "inbound"]
    times = [(text["person"], datetime.fromtimestamp(text["accepted_at"], tz=UTC)) for text in outbound]
    return sum(1 for who, at in times for person, since in stops if who == person and since < at < since + UNDER_WAY)


def _in_order(told: dict[str, Any]) -> list[dict[str, Any]]:
    inbound = (text for text in told["messages"] if text["direction"] == "inbound")
    return sorted(inbound, key=lambda text: float(text["accepted_at"]))


def _word(body: str) -> str:
    said = body.strip().lower()
    return "stop" if said in STOP else "start" if said in START else ""
