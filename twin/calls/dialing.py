"""Dial: phones of the center ring, whoever answers hears the whisper first, and two people talk, or do not."""

from dataclasses import dataclass
from urllib.parse import urljoin

from twin import params
from twin.calls.endings import TALK_SECONDS
from twin.calls.legs import answer, end, ring
from twin.calls.talk import CallOver, HungUp, Talk, number_of
from twin.calls.whisper import whispers
from twin.records import Leg
from twin.sids import new_sid
from twin.twiml import Verb
from twin.world import now

MOST_NUMBERS = 10
ANSWERS = frozenset({"staff_answer", "staff_voicemail"})
REFUSALS = {"staff_busy": "busy", "staff_fail": "failed", "": "no-answer"}
MOVES = ANSWERS | frozenset(REFUSALS)
HANGS_UP = frozenset({"staff_hang_up"})
TOLD = {"busy": "Busy", "no-answer": "Nobody picks up", "failed": "The center's phone is out of reach"}


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone to ring, and what the Number says about it."""

    leg: Leg
    whisper: str
    callback: str
    events: frozenset[str]


async def dial(talk: Talk, verb: Verb) -> list[Verb] | None:
    """Ring, connect, and ask the action how to go on; None: the next verb."""
    if verb.attributes.get("answerOnBridge") != "true":
        talk.pick_up()
    phones = _phones(talk, verb)
    bridged = False
    try:
        bridged = await _connect(talk, verb, phones)
    except HungUp:
        await _hung_up(talk, verb, phones)
        raise
    return await _ask_on(talk, verb, phones[0].leg if phones else None, bridged)


def _phones(talk: Talk, verb: Verb) -> list[Phone]:
    numbers = [child for child in verb.children if child.name == "Number"][:MOST_NUMBERS]
    if verb.text and not numbers:
        numbers = [Verb("Number", verb.text, {}, ())]
    caller_id = verb.attributes.get("callerId") or talk.call.person
    return [_phone(talk, number, caller_id) for number in numbers]


def _phone(talk: Talk, number: Verb, caller_id: str) -> Phone:
    said = number.attributes
    leg = Leg(new_sid("CA"), talk.account.sid, talk.call.sid, number.text, caller_id, now())
    events = frozenset(said.get("statusCallbackEvent", "completed").split())
    callback = said.get("statusCallback", "")
    return Phone(leg, said.get("url", ""), callback and urljoin(talk.url, callback), events)


async def _connect(talk: Talk, verb: Verb, phones: list[Phone]) -> bool:
    """Let them ring; return whether two were connected. The first phone is the one whose buttons there are."""
    for phone in phones:
        ring(talk, phone.leg, phone.callback, phone.events)
    talk.tell("The center's phone rings")
    talk.enter("ringing")
    seconds = number_of(verb, "timeout", 30)
    move = await talk.last("ringing", seconds, MOVES, talk.ending.staff) if phones else "staff_fail"
    if move not in ANSWERS:
        for phone in phones:
            end(talk, phone.leg, REFUSALS[move], phone.callback, phone.events)
        talk.tell(TOLD[REFUSALS[move]])
        return False
    return await _answered(talk, phones, is_machine=move == "staff_voicemail")


async def _answered(talk: Talk, phones: list[Phone], *, is_machine: bool) -> bool:
    first, *others = phones
    answer(talk, first.leg, first.callback, first.events)
    for other in others:
        end(talk, other.leg, "canceled", other.callback, other.events)
    talk.tell("The voicemail of the center's phone answers" if is_machine else "Somebody picks up")
    if first.whisper and not await whispers(talk, first.leg, first.whisper, is_machine=is_machine):
        talk.tell("They are not connected")
        end(talk, first.leg, "completed", first.callback, first.events)
        return False
    await _talk(talk, first, is_machine=is_machine)
    return True


async def _talk(talk: Talk, phone: Phone, *, is_machine: bool) -> None:
    talk.pick_up()
    talk.tell("She hears somebody's voicemail" if is_machine else "They talk")
    talk.enter("talking")
    phone.leg.stage, phone.leg.since, phone.leg.hears = "talking", now(), ""
    phone.leg.bridged = True
    talk.twin.world.keep(phone.leg)
    await talk.last("talking", 14_400, HANGS_UP)
    if not talk.is_live:
        phone.leg.seconds = talk.call.seconds or TALK_SECONDS
        talk.call.lived += phone.leg.seconds
    end(talk, phone.leg, "completed", phone.callback, phone.events)


async def _hung_up(talk: Talk, verb: Verb, phones: list[Phone]) -> None:
    """She has hung up. Whether the action hears of it, and how, differs: an ending says what this call does."""
    talk.tell("She hangs up")
    for phone in phones:
        status = "completed" if phone.leg.answered else talk.ending.dial or "canceled"
        end(talk, phone.leg, status, phone.callback, phone.events)
    leg = phones[0].leg if phones else None
    bridged = leg is not None and leg.bridged
    status = "completed" if bridged else talk.ending.dial
    action = verb.attributes.get("action")
    if not action or not leg or not status:
        return
    told = params.of_dial(talk.call, leg, status, bridged=bridged) | {"CallStatus": "completed"}
    try:
        await talk.fetch("dial", action, told)
    except CallOver:
        raise HungUp from None


async def _ask_on(talk: Talk, verb: Verb, leg: Leg | None, bridged: bool) -> list[Verb] | None:
    action = verb.attributes.get("action")
    if not action:
        return None
    told = params.of_dial(talk.call, leg, leg.status if leg else "failed", bridged=bridged)
    return await talk.fetch("dial", action, told)
