"""Record: the tone, what she says after it, and when the center's server hears that it can be had."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urljoin

from twin import params
from twin.calls.endings import VOICEMAIL_SECONDS
from twin.calls.talk import HungUp, Talk, number_of
from twin.postman import Errand
from twin.records import Recording
from twin.sids import new_sid
from twin.twiml import Verb
from twin.twin import Twin
from twin.world import now

SPEAK = "speak"
KEY = "key"


@dataclass(frozen=True, slots=True)
class Said:
    """What came after the tone: how long it was, and what ended it."""

    seconds: int
    ended_by: str  # hangup; a key; empty: silence, or as long as a message may be

    @property
    def hung_up(self) -> bool:
        return self.ended_by == "hangup"


async def record(talk: Talk, verb: Verb) -> list[Verb] | None:
    """Take a message; None: nothing was said, the next verb runs. raises CallOver when she has hung up."""
    talk.pick_up()
    if verb.attributes.get("playBeep") != "false":
        talk.tell("She hears the beep")
    talk.enter("beep")
    said = await _spoken(talk, verb)
    if said.hung_up:
        talk.call.status = "completed"
    recording = _keep(talk, verb, said)
    talk.tell(_told(said))
    if not said.seconds:
        _announce(talk, recording)
        if said.hung_up:
            raise HungUp
        return None
    return await _hand_over(talk, verb, said, recording)


async def _hand_over(talk: Talk, verb: Verb, said: Said, recording: Recording) -> list[Verb] | None:
    """The action first, then the file; or the file first, if the configuration has it ready at once."""
    if talk.twin.world.config.delivery.recording_after <= 0:
        await report(talk.twin, recording)
    else:
        _announce(talk, recording)
    action = verb.attributes.get("action") or talk.url
    verbs = await talk.fetch("record", action, params.of_record(talk.call, recording, said.ended_by))
    if said.hung_up:
        raise HungUp
    return verbs


async def _spoken(talk: Talk, verb: Verb) -> Said:
    most = int(number_of(verb, "maxLength", 3600))
    if not talk.is_live:
        return await _planned(talk, most)
    try:
        if not await talk.last("beep", number_of(verb, "timeout", 5), frozenset({SPEAK})):
            return Said(0, "")
    except HungUp:
        return Said(0, "hangup")
    talk.enter("recording")
    return await _until_put_down(talk, most)


async def _until_put_down(talk: Talk, most: int) -> Said:
    began = now()
    try:
        key = await talk.last("recording", most, frozenset({KEY}))
    except HungUp:
        return Said(max(1, round(now() - began)), "hangup")
    return Said(min(most, max(1, round(now() - began))), "#" if key else "")


async def _planned(talk: Talk, most: int) -> Said:
    """What an ending has her do."""
    try:
        await talk.last("beep", 0)
        if not talk.ending.speaks:
            return Said(0, "")
    except HungUp:
        return Said(0, "hangup")
    seconds = talk.call.seconds or VOICEMAIL_SECONDS
    talk.call.lived += min(seconds, most)
    if seconds > most:
        return Said(most, "")
    return Said(seconds, "hangup" if "spoken" in talk.ending.leaves else "#")


def _keep(talk: Talk, verb: Verb, said: Said) -> Recording:
    """Keep the recording, and who is to be told of it. Of nothing said there is no file."""
    events = verb.attributes.get("recordingStatusCallbackEvent", "completed").split()
    status = "completed" if said.seconds else "absent"
    callback = verb.attributes.get("recordingStatusCallback", "")
    recording = Recording(new_sid("RE"), talk.account.sid, talk.call.sid, said.seconds, now(), status=status)
    recording.callback = urljoin(talk.url, callback) if callback and status in events else ""
    recording.ready = recording.created + max(0.0, talk.twin.world.config.delivery.recording_after)
    recording.told = False
    talk.twin.world.keep(recording)
    return recording


def _announce(talk: Talk, recording: Recording) -> None:
    talk.twin.world.spawn(report(talk.twin, recording))


async def report(twin: Twin, recording: Recording) -> None:
    """Say that a recording can be had, or that there is none, when that is so."""
    await asyncio.sleep(max(0.0, recording.ready - now()))
    if recording.callback:
        account = twin.world.account_of(recording.account)
        told = params.of_recording(recording)
        await twin.postbox.deliver(Errand("recording", account, recording.callback, told, recording.call))
    recording.told = True
    twin.world.keep(recording)


def _told(said: Said) -> str:
    if not said.seconds:
        return "She hangs up without a message" if said.hung_up else "She says nothing"
    if said.hung_up:
        return f"She leaves a message of {said.seconds} s and hangs up"
    return f"She leaves a message of {said.seconds} s" + (f", presses {said.ended_by}" if said.ended_by else "")
