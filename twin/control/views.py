"""What the phone page shows of a record."""

from collections.abc import Iterable
from typing import Any

from twin.calls import LIVE
from twin.formats import national
from twin.people import Person
from twin.plans import ERRORS, arrives
from twin.records import Call, Leg, Message, Webhook
from twin.world import World

MOST_STRANGERS = 30
MOST_ENTRIES = 300


def people(world: World) -> list[dict[str, Any]]:
    """Return who is on the page: the people of the configuration, and who else texted lately."""
    strangers = [number for number in world.threads if number not in world.people][-MOST_STRANGERS:]
    known = [*world.people.values(), *(Person(number, note="Not in the list") for number in strangers)]
    return [_person(world, person) for person in known]


def _person(world: World, person: Person) -> dict[str, Any]:
    sids = world.threads.get(person.number, [])
    last = entry(world, sids[-1]) if sids else None
    return {
        "number": person.number,
        "name": person.name or person.number,
        "note": person.note,
        "language": person.language,
        "line_type": person.line_type,
        "plan": person.plan,
        "last": last,
    }


def thread(world: World, person: str, line: str) -> list[dict[str, Any]]:
    """Return what was said between a person and a center's number, oldest first."""
    shown = [entry(world, sid) for sid in world.threads.get(person, [])[-MOST_ENTRIES:]]
    return [item for item in shown if item and item["line"] == line]


def entry(world: World, sid: str) -> dict[str, Any] | None:
    """Return one text or call as the page shows it."""
    if message := world.messages.get(sid):
        return _message(world, message)
    call = world.calls.get(sid)
    return _call(world, call) if call else None


def _message(world: World, message: Message) -> dict[str, Any]:
    return {
        "type": "message",
        "sid": message.sid,
        "person": message.person,
        "line": message.line,
        "at": message.created,
        "mine": message.inbound,
        "body": message.body,
        "status": message.status,
        "state": _state(message),
        "error": f"{message.error} {ERRORS.get(message.error, '')}".strip() if message.error else "",
        "heard": message.heard,
        "media": _files(world, message.media),
    }


def _files(world: World, sids: Iterable[str]) -> list[dict[str, str]]:
    return [{"url": f"/twin/media/{sid}", "content_type": world.media[sid].content_type} for sid in sids]


def _state(message: Message) -> str:
    """Whether a text is on the phone: here, coming, lost. Her own are always here."""
    if message.inbound or message.status == "delivered":
        return "here"
    if message.status in {"failed", "undelivered", "canceled"}:
        return "lost"
    return "here" if message.status == "sent" and arrives(message.plan) else "coming"


def calls(world: World) -> list[dict[str, Any]]:
    """Return the calls that are under way."""
    return [_call(world, call) for call in world.calls.values() if call.ended is None]


def _call(world: World, call: Call) -> dict[str, Any]:
    shown = ("sid", "person", "line", "status", "told", "stage", "since", "hears")
    entry = {"type": "call", "at": call.created, **{name: getattr(call, name) for name in shown}}
    phones = [_phone(leg) for leg in world.legs.values() if leg.call == call.sid] if call.ended is None else []
    return entry | {"over": call.ended is not None, "decides": call.ending == LIVE, "phones": phones}


def _phone(leg: Leg) -> dict[str, Any]:
    shown = {name: getattr(leg, name) for name in ("sid", "status", "stage", "since", "hears")}
    return shown | {"number": national(leg.number), "caller": national(leg.caller_id)}


def wire(hooks: Iterable[Webhook]) -> list[dict[str, Any]]:
    """Return webhooks as the page's short list shows them: no words, no numbers."""
    return [
        {
            "sid": hook.sid,
            "about": hook.about,
            "at": hook.at,
            "outcome": hook.outcome,
            "heard": hook.heard,
            "attempts": len(hook.attempts),
            "seconds": sum(attempt.seconds for attempt in hook.attempts),
        }
        for hook in hooks
    ]
