"""Messages: create, list, fetch, redact, cancel, delete."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus

from aiohttp import web
from multidict import MultiMapping

from twin import carrier
from twin.config import Account
from twin.errors import ApiError, bad_request, not_found
from twin.records import Message
from twin.rest.auth import asked_account, twin_of
from twin.rest.paging import page
from twin.rest.render import message_body
from twin.rest.rules import Order, deletable, read_order
from twin.twin import Twin
from twin.world import now


async def create(request: web.Request) -> web.Response:
    """Take a text to somebody, and set its delivery going."""
    twin, account = twin_of(request), asked_account(request)
    order = read_order(twin.world, account, await read_form(request))
    message = _message(twin, order)
    body = message_body(message)
    if message.plan == "early" and order.send_at is None:
        carrier.change(twin, message, message.status)
        await carrier.first_step(twin, message)
        twin.world.spawn(carrier.carry(twin, message))
    else:
        carrier.accept(twin, message)
    return web.json_response(body, status=HTTPStatus.CREATED)


def _message(twin: Twin, order: Order) -> Message:
    media = bool(order.media_urls)
    message = carrier.new_message(order.line, order.to, order.body, "outbound-api", has_media=media)
    message.service, message.status_url = order.service, order.status_url
    message.media_urls, message.keeps_body = order.media_urls, order.keeps_body
    message.plan, message.send_at = twin.world.plan(order.to, order.line), order.send_at
    if order.service:
        message.status = "scheduled" if order.send_at else "accepted"
    return message


async def read_form(request: web.Request) -> MultiMapping[str]:
    """Return the parameters of a POST; Twilio takes forms only."""
    form = await request.post()
    if any(isinstance(value, web.FileField) for value in form.values()):
        raise bad_request(20001, "Files cannot be posted here.")
    return form  # type: ignore[return-value]  # no files: every value is text


async def listing(request: web.Request) -> web.Response:
    """List texts, newest first, by recipient, sender and day."""
    twin, account = twin_of(request), asked_account(request)
    found = [message for message in _held(twin, account) if _matches(message, request)]
    found.reverse()
    return page(request, "messages", found, lambda message: message.sid, message_body)


async def fetch(request: web.Request) -> web.Response:
    """Show one text."""
    return web.json_response(message_body(asked_message(request)))


async def update(request: web.Request) -> web.Response:
    """Redact a text, or cancel a scheduled one."""
    twin, message = twin_of(request), asked_message(request)
    form = await read_form(request)
    if form.get("Status"):
        _cancel(twin, message, form.get("Status", ""))
    if "Body" in form:
        _redact(twin, message, form.get("Body", ""))
    return web.json_response(message_body(message))


async def delete(request: web.Request) -> web.Response:
    """Erase a text and its files at Twilio; it stays on the phone that got it."""
    twin, message = twin_of(request), asked_message(request)
    _check_done(twin, message)
    message.deleted = now()
    for sid in message.media:
        twin.world.media[sid].deleted = message.deleted
        twin.world.keep(twin.world.media[sid])
    twin.world.keep(message)
    return web.Response(status=HTTPStatus.NO_CONTENT)


def asked_message(request: web.Request) -> Message:
    """Return the text that the path names."""
    twin, account = twin_of(request), asked_account(request)
    message = twin.world.messages.get(request.match_info["message"])
    if message is None or message.account != account.sid or message.deleted:
        raise not_found(request.path)
    return message


def _held(twin: Twin, account: Account) -> Iterator[Message]:
    return (m for m in twin.world.messages.values() if m.account == account.sid and not m.deleted)


def _matches(message: Message, request: web.Request) -> bool:
    sender, to = message.line, message.person
    if message.inbound:
        sender, to = to, sender
    query = request.query
    if query.get("To", to) != to or query.get("From", sender) != sender:
        return False
    moment = message.sent or message.created
    if "DateSent" in query and day_of(moment) != query["DateSent"][:10]:
        return False
    if "DateSent>" in query and moment < moment_of(query["DateSent>"]):
        return False
    return "DateSent<" not in query or moment <= moment_of(query["DateSent<"], end_of_day=True)


def day_of(moment: float) -> str:
    """Return the day of a moment, as Twilio filters by it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


def moment_of(text: str, *, end_of_day: bool = False) -> float:
    """Return the moment that a filter names: a day, or a time of it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_request(20001, "A date must be written YYYY-MM-DD.") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp() + (86_399.999 if end_of_day and len(text) == 10 else 0)


def _cancel(twin: Twin, message: Message, status: str) -> None:
    if status != "canceled":
        raise bad_request(20001, "Status can only be set to canceled.")
    if message.status != "scheduled":
        raise ApiError(HTTPStatus.CONFLICT, 30409, "Message cannot be canceled.")
    carrier.change(twin, message, "canceled")
    twin.world.spawn(carrier.report(twin, message, "canceled"))


def _redact(twin: Twin, message: Message, body: str) -> None:
    if body:
        raise bad_request(20001, "Body can only be emptied.")
    _check_done(twin, message)
    message.redacted, message.updated = True, now()
    twin.world.keep(message)


def _check_done(twin: Twin, message: Message) -> None:
    if not deletable(message, bool(carrier.remaining(twin, message))):
        raise ApiError(HTTPStatus.CONFLICT, 20009, "The message cannot be changed before it is complete.")
