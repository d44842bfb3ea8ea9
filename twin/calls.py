"""Calls to the center: it rings, the TwiML is followed as far as a text line needs, the end is told."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin

from twin import params
from twin.config import Account, Number
from twin.postman import Errand, Outcome
from twin.records import Call, Recording
from twin.sids import new_sid
from twin.twiml import Verb
from twin.twin import Twin
from twin.world import now

# How the call goes, whatever the center's server wants; as the phone page names it.
ENDINGS = {
    "answer": "Somebody at the center picks up",
    "no_answer": "Nobody picks up",
    "busy": "The center's phone is busy",
    "hang_up_ringing": "She hangs up while it rings",
    "voicemail": "Nobody picks up, she leaves a message",
}
DIAL_STATUS = {"answer": "completed", "busy": "busy"}
VOICEMAIL_SECONDS = 21
MOST_DOCUMENTS = 20


class CallOver(Exception):
    """The caller is no longer on the line."""


@dataclass(slots=True)
class Talk:
    """One call under way: where the document came from, and how long each stage takes."""

    twin: Twin
    account: Account
    line: Number
    call: Call
    url: str
    documents: int = 0

    async def fetch(self, about: str, url: str, told: dict[str, str]) -> list[Verb]:
        """Ask the center's server what to do next."""
        self.documents += 1
        if self.documents > MOST_DOCUMENTS:
            raise CallOver
        self.url = urljoin(self.url, url)
        fallback = self.line.voice_fallback_url if about == "voice" else ""
        outcome = await self.deliver(about, self.url, told, fallback)
        if outcome.webhook.outcome != "answered":
            self.tell("The center's server gave no instructions")
            raise CallOver
        return outcome.verbs

    async def deliver(self, about: str, url: str, told: dict[str, str], fallback: str = "") -> Outcome:
        wants = about in {"voice", "dial", "record"}
        errand = Errand(about, self.account, url, told, self.call.sid, fallback, wants)
        return await self.twin.postbox.deliver(errand)

    def tell(self, words: str) -> None:
        """Show on the page what happened."""
        self.call.told.append(words)
        self.twin.world.keep(self.call)

    def pick_up(self) -> None:
        """From here on the call counts as answered, be it by a recording."""
        if self.call.answered is None:
            self.call.answered, self.call.status = now(), "in-progress"
            self.twin.world.keep(self.call)

    async def wait(self) -> None:
        await asyncio.sleep(self.twin.world.config.delivery.call_seconds)


async def place(twin: Twin, account: Account, line: Number, call: Call) -> None:
    """Let one call happen, from the first ring to the last status callback."""
    talk = Talk(twin, account, line, call, line.voice_url)
    with suppress(CallOver):
        await _follow(talk, await talk.fetch("voice", line.voice_url, params.of_ringing(call)))
    _end(talk)
    if line.call_status_url:
        await talk.deliver("call_status", line.call_status_url, params.of_call_end(call))


def _end(talk: Talk) -> None:
    call = talk.call
    call.ended = now()
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
        if verb.name in {"Dial", "Record", "Redirect"}:
            replacement = await _WAYS[verb.name](talk, verb)
            verbs = verbs if replacement is None else replacement
        elif verb.name in {"Say", "Play", "Gather"}:
            await _hear(talk, verb)


async def _hear(talk: Talk, verb: Verb) -> None:
    talk.pick_up()
    words = [verb.text, *(child.text for child in verb.children)]
    talk.tell("She hears: " + " ".join(word for word in words if word))
    await talk.wait()


def _refuse(talk: Talk, verb: Verb) -> None:
    if verb.name == "Reject" and talk.call.answered is None:
        talk.call.status = "busy" if verb.attributes.get("reason") == "busy" else "no-answer"
        talk.tell("The call is refused")


async def _dial(talk: Talk, verb: Verb) -> list[Verb] | None:
    if verb.attributes.get("answerOnBridge") != "true":
        talk.pick_up()
    talk.tell("The center's phone rings")
    await talk.wait()
    if talk.call.ending == "hang_up_ringing":
        talk.tell("She hangs up")
        raise CallOver
    status = DIAL_STATUS.get(talk.call.ending, "no-answer")
    if status == "completed":
        talk.pick_up()
        await talk.wait()
    talk.tell({"completed": "They talk", "busy": "Busy"}.get(status, "Nobody picks up"))
    if not (action := verb.attributes.get("action")):
        return None
    return await talk.fetch("dial", action, params.of_dial(talk.call, new_sid("CA"), status, 1))


async def _record(talk: Talk, verb: Verb) -> list[Verb] | None:
    talk.pick_up()
    await talk.wait()
    if talk.call.ending != "voicemail":
        talk.tell("She hangs up without a message")
        raise CallOver
    recording = Recording(new_sid("RE"), talk.account.sid, talk.call.sid, VOICEMAIL_SECONDS, now())
    talk.twin.world.keep(recording)
    talk.call.status = "completed"
    talk.tell("She leaves a message and hangs up")
    if callback := verb.attributes.get("recordingStatusCallback"):
        told = params.of_recording(recording)
        talk.twin.world.spawn(talk.deliver("recording", urljoin(talk.url, callback), told))
    if action := verb.attributes.get("action"):
        await talk.fetch("record", action, params.of_record(talk.call, recording))
    raise CallOver


async def _redirect(talk: Talk, verb: Verb) -> list[Verb] | None:
    return await talk.fetch("voice", verb.text, params.of_call(talk.call))


_WAYS = {"Dial": _dial, "Record": _record, "Redirect": _redirect}
