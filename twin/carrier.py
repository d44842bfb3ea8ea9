"""Texts to people: accepted, carried by plan, and reported back."""

import asyncio

from twin import params, pictures
from twin.config import Number
from twin.formats import count_segments
from twin.plans import ENDED, Step, steps
from twin.postman import Errand
from twin.records import Message
from twin.sids import new_sid
from twin.twin import Twin
from twin.world import now


def new_message(line: Number, person: str, body: str, direction: str, *, has_media: bool = False) -> Message:
    """Return a text between a number of ours and somebody, that nobody has heard of yet."""
    moment = now()
    return Message(
        sid=new_sid("MM" if has_media else "SM"),
        account=line.account,
        direction=direction,
        person=person,
        line=line.number,
        body=body,
        status="queued",
        created=moment,
        updated=moment,
        segments=1 if has_media else count_segments(body),
    )


def change(twin: Twin, message: Message, status: str, error: int | None = None) -> None:
    """Move a text to a status, and keep when."""
    message.status, message.error, message.updated = status, error, now()
    message.history.append((status, message.updated))
    if status == "sent":
        message.sent = message.updated
        message.redacted = message.redacted or not message.keeps_body
    twin.world.keep(message)


def accept(twin: Twin, message: Message) -> None:
    """Take a text from the API and set its delivery going."""
    change(twin, message, message.status)
    twin.world.spawn(carry(twin, message))


def say(twin: Twin, line: Number, person: str, body: str) -> Message:
    """Send what Twilio says by itself, or what TwiML asked for: no callbacks, delivered at once."""
    message = new_message(line, person, body, "outbound-reply")
    message.plan, message.steps_done = "no_callbacks", 2
    change(twin, message, "sent")
    change(twin, message, "delivered")
    return message


def resume(twin: Twin) -> None:
    """Go on with every text that was under way when the twin last ended."""
    for message in twin.world.messages.values():
        if not message.inbound and message.status not in ENDED and remaining(twin, message):
            twin.world.spawn(carry(twin, message))


def remaining(twin: Twin, message: Message) -> list[Step]:
    """Return the steps that a text still has before it."""
    plan = steps(message.plan, twin.world.config.delivery, in_service=message.service is not None)
    return plan[message.steps_done :]


async def carry(twin: Twin, message: Message) -> None:
    """Take a text through the rest of its plan; callbacks go out beside it, as nobody waits for them."""
    start = message.send_at or message.created
    await asyncio.sleep(max(0.0, start - now()))
    if problem := await pictures.fetch_all(twin, message):
        twin.world.spawn(_report(twin, message, _apply(twin, message, problem)))
        return
    for step in remaining(twin, message):
        await asyncio.sleep(max(0.0, start + step.after - now()))
        if message.status in ENDED:
            return
        twin.world.spawn(_report(twin, message, _apply(twin, message, step)))


async def first_step(twin: Twin, message: Message) -> None:
    """Take the first step of a plan before the API has answered, callback and all."""
    step = remaining(twin, message)[0]
    await _report(twin, message, _apply(twin, message, step))


def _apply(twin: Twin, message: Message, step: Step) -> Step:
    message.steps_done += 1
    change(twin, message, step.status, step.error)
    return step


async def _report(twin: Twin, message: Message, step: Step) -> None:
    for status in step.calls:
        await report(twin, message, status, step.error)


async def report(twin: Twin, message: Message, status: str, error: int | None = None) -> None:
    """Call back one status of a text."""
    url = message.status_url
    if not url:
        return
    account = twin.world.account_of(message.account)
    told = params.of_status(message, status, error if status == message.status else None)
    await twin.postbox.deliver(Errand("status", account, url, told, message.sid))
