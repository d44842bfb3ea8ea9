"""The course of a call: its documents, verb by verb, from the first ring to the last status callback."""

import asyncio
from contextlib import suppress

from twin import params
from twin.calls.dialing import dial
from twin.calls.recording import record, report
from twin.calls.talk import CallOver, HungUp, Talk, length_of, number_of, words_of
from twin.config import Account, Number
from twin.records import Call
from twin.twiml import Verb
from twin.twin import Twin
from twin.world import now

HEARD = frozenset({"Say", "Play", "Gather"})


def begin(twin: Twin, account: Account, line: Number, call: Call) -> asyncio.Task[None]:
    """Let one call happen, from the first ring to the last status callback."""
    talk = Talk(twin, account, line, call, line.voice_url)
    twin.world.keep(call)
    twin.world.moves[call.sid] = talk.moves
    return twin.world.spawn(_place(talk))


def resume(twin: Twin) -> None:
    """End what was under way when the twin last ended; go on with recordings that were not ready."""
    for recording in twin.world.recordings.values():
        if not recording.told:
            twin.world.spawn(report(twin, recording))
    for call in [call for call in twin.world.calls.values() if call.ended is None]:
        if found := twin.world.config.line(call.line):
            twin.world.spawn(_finish(Talk(twin, *found, call, "")))


async def _place(talk: Talk) -> None:
    call = talk.call
    talk.enter("calling")
    try:
        with suppress(CallOver):
            await _follow(talk, await talk.fetch("voice", talk.line.voice_url, params.of_ringing(call)))
        await _finish(talk)
    finally:
        talk.twin.world.moves.pop(call.sid, None)


async def _finish(talk: Talk) -> None:
    """The end is told after everything else that was told of the call, as far as that has been on its way."""
    _end(talk)
    await asyncio.gather(*talk.beside, return_exceptions=True)
    if talk.line.call_status_url:
        await talk.deliver("call_status", talk.line.call_status_url, params.of_call_end(talk.call))


def _end(talk: Talk) -> None:
    call = talk.call
    call.ended, call.stage, call.hears = now(), "", ""
    if call.status == "in-progress":
        call.status = "completed"
    elif call.status == "ringing":
        call.status = "no-answer"
    talk.twin.world.keep(call)


async def _follow(talk: Talk, verbs: list[Verb]) -> None:
    """Go through the verbs; a verb with an answer of its own replaces what is left."""
    while verbs:
        verb, verbs = verbs[0], verbs[1:]
        if verb.name in {"Hangup", "Reject"}:
            _refuse(talk, verb)
            return
        if way := _WAYS.get(verb.name):
            replacement = await way(talk, verb)
            verbs = verbs if replacement is None else replacement


async def _hear(talk: Talk, verb: Verb) -> None:
    talk.pick_up()
    words = words_of(verb)
    talk.tell(f"She hears: {words}")
    talk.enter("greeting", words)
    seconds = length_of(words) + (number_of(verb, "timeout", 5) if verb.name == "Gather" else 0)
    await _listens(talk, seconds)


async def _pause(talk: Talk, verb: Verb) -> None:
    talk.pick_up()
    await _listens(talk, number_of(verb, "length", 1))


async def _listens(talk: Talk, seconds: float) -> None:
    try:
        await talk.last("greeting", seconds)
    except HungUp:
        talk.tell("She hangs up")
        raise


def _refuse(talk: Talk, verb: Verb) -> None:
    if verb.name == "Reject" and talk.call.answered is None:
        talk.call.status = "busy" if verb.attributes.get("reason") == "busy" else "no-answer"
        talk.tell("The call is refused")


async def _redirect(talk: Talk, verb: Verb) -> list[Verb]:
    return await talk.fetch("voice", verb.text, params.of_call(talk.call))


_WAYS = {"Dial": dial, "Record": record, "Redirect": _redirect, "Pause": _pause, **dict.fromkeys(HEARD, _hear)}
