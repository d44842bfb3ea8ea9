"""The center's phones that a Dial rings: how each stands, and who is told of it."""

from twin import params
from twin.calls.talk import Talk
from twin.records import Leg
from twin.world import now


def ring(talk: Talk, leg: Leg, callback: str, events: frozenset[str]) -> None:
    """Let a phone ring."""
    leg.status = "initiated"
    _report(talk, leg, "initiated", callback, events)
    leg.status, leg.stage, leg.since = "ringing", "ringing", now()
    talk.twin.world.keep(leg)
    _report(talk, leg, "ringing", callback, events)


def answer(talk: Talk, leg: Leg, callback: str, events: frozenset[str]) -> None:
    """Somebody, or something, picks up."""
    leg.status, leg.answered, leg.stage, leg.since = "in-progress", now(), "whisper", now()
    talk.twin.world.keep(leg)
    _report(talk, leg, "answered", callback, events)


def end(talk: Talk, leg: Leg, status: str, callback: str, events: frozenset[str]) -> None:
    """The phone is put down, or was never picked up. The event is `completed`, whatever the status."""
    if leg.ended:
        return
    leg.status, leg.ended, leg.stage, leg.hears = status, now(), "", ""
    talk.twin.world.keep(leg)
    _report(talk, leg, "completed", callback, events)


def _report(talk: Talk, leg: Leg, event: str, callback: str, events: frozenset[str]) -> None:
    if callback and event in events:
        talk.report("leg_status", callback, params.of_leg_status(leg))
        leg.reports += 1
