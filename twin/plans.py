"""Delivery by plan: which statuses a text goes through, when, and which of them are called back."""

import re
from dataclasses import dataclass

# Shown on the phone page, in this order. Any other failed_<code> or undelivered_<code> works as well.
LABELS = {
    "delivered": "Arrives, and the carrier says so",
    "sent_only": "Arrives, the carrier never confirms",
    "slow": "Arrives late",
    "undelivered_30003": "Never arrives: phone is off (30003)",
    "landline_30006": "Never arrives: landline (30006)",
    "failed_30007": "Never arrives: filtered (30007)",
    "failed_30034": "Never arrives: sender not registered (30034)",
    "no_callbacks": "Arrives, no receipts at all",
    "out_of_order": "Arrives, receipts in the wrong order",
    "doubled": "Arrives, every receipt twice",
    "early": "Arrives, receipt before the API answers",
}

ERRORS = {
    11200: "HTTP retrieval failure",
    11205: "HTTP connection failure",
    12300: "Invalid Content-Type",
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30019: "Content size exceeds carrier limit",
    30034: "Message from an unregistered number",
}

FAILING = re.compile(r"(undelivered|failed|landline)_(\d{5})")
ENDED = frozenset({"delivered", "undelivered", "failed", "canceled", "received", "read"})


@dataclass(slots=True)
class Delivery:
    """How long a text takes when nothing else is planned, in seconds after it was accepted."""

    default: str = "delivered"
    queued_after: float = 0.05
    sent_after: float = 0.3
    delivered_after: float = 0.8
    slow_factor: float = 20.0
    call_seconds: float = 0.2  # each stage of a call: ringing, talking
    recording_after: float = 0.5  # until a recording can be had and is told of; 0: before the action


@dataclass(frozen=True, slots=True)
class Step:
    """One change of status: seconds after acceptance, the status, its error, what is called back."""

    after: float
    status: str
    calls: tuple[str, ...]
    error: int | None = None


def is_plan(name: str) -> bool:
    """Whether there is such a plan."""
    return name in LABELS or FAILING.fullmatch(name) is not None


def arrives(name: str) -> bool:
    """Whether a text under this plan reaches the phone in the end."""
    return FAILING.fullmatch(name) is None


def steps(name: str, delivery: Delivery, *, in_service: bool) -> list[Step]:
    """Return what will happen to a text, in order."""
    pace = delivery.slow_factor if name == "slow" else 1.0
    sent, last = delivery.sent_after * pace, delivery.delivered_after * pace
    start = [Step(delivery.queued_after, "queued", ("queued",))] if in_service else []
    if failing := FAILING.fullmatch(name):
        return start + _failing(failing[1], int(failing[2]), sent, last)
    sent_calls, last_calls = _CALLS.get(name, (("sent",), ("delivered",)))
    sent_step = Step(0.0 if name == "early" else sent, "sent", sent_calls)
    if name == "sent_only":
        return [*start, sent_step]
    return [*start, sent_step, Step(last, "delivered", last_calls)]


_CALLS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "no_callbacks": ((), ()),
    "out_of_order": ((), ("delivered", "sent")),
    "doubled": (("sent", "sent"), ("delivered", "delivered")),
}


def _failing(how: str, error: int, sent: float, last: float) -> list[Step]:
    if how == "failed":
        return [Step(sent, "failed", ("failed",), error)]
    return [Step(sent, "sent", ("sent",)), Step(last, "undelivered", ("undelivered",), error)]
