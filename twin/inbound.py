"""Texts from people: blocked or not, answered by Twilio or not, and always told to the center."""

from dataclasses import dataclass, field

from twin import params
from twin.carrier import change, new_message, say
from twin.config import Account, Number
from twin.formats import encodable
from twin.optout import heed
from twin.pictures import add_media
from twin.postman import Errand, Outcome
from twin.records import Message
from twin.twiml import Verb
from twin.twin import Twin

LONGEST = 1600


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody typed, and the files she put with it: content type and bytes."""

    person: str
    body: str
    files: list[tuple[str, bytes]] = field(default_factory=list)


def take_in(twin: Twin, account: Account, line: Number, text: Text) -> tuple[Message, Errand]:
    """Keep a text that somebody sent, do what Twilio does by itself, and return the errand that follows."""
    message = new_message(line, text.person, encodable(text.body), "inbound", has_media=bool(text.files))
    message.service = line.messaging_service_sid
    for content_type, data in text.files:
        add_media(twin, message, content_type, data)
    message.sent = message.created
    change(twin, message, "received")
    word, answer = heed(twin.world, text.person, line, message.body)
    if answer:
        say(twin, line, text.person, answer)
    media = [twin.world.media[sid] for sid in message.media]
    told = params.of_inbound(message, media, word if line.opt_out == "advanced" else "")
    errand = Errand(
        "message", account, line.message_url, told, message.sid, line.message_fallback_url, wants_twiml=True
    )
    return message, errand


async def tell(twin: Twin, line: Number, message: Message, errand: Errand) -> Outcome | None:
    """Tell the center's server of a text, and send what its TwiML says."""
    if not errand.url:
        return None
    outcome = await twin.postbox.deliver(errand)
    message.heard = outcome.webhook.heard
    twin.world.keep(message)
    for verb in outcome.verbs:
        _answer(twin, line, message, verb)
    return outcome


def _answer(twin: Twin, line: Number, message: Message, verb: Verb) -> None:
    if verb.name != "Message" or (message.person, line.pool) in twin.world.opt_outs:
        return
    body = next((child.text for child in verb.children if child.name == "Body"), verb.text)
    if body:
        say(twin, line, message.person, body)
