"""Texting and calling in, and posting whatever a test wants to see refused."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

from aiohttp import ClientError, ClientTimeout, web

from twin import inbound
from twin.calls import ENDINGS, LIVE, MOVES, begin
from twin.config import Account
from twin.control.reading import bytes_of, count_of, line_of, read_json, text_of
from twin.errors import ConfigProblem
from twin.postman import Outcome, webhook_headers
from twin.records import Call, Message
from twin.rest.auth import twin_of
from twin.sids import new_sid
from twin.signing import sign
from twin.twin import Twin
from twin.world import now

MOST_TEXTS = 10_000
RAW_LIMIT = ClientTimeout(total=20)
MOST_FILES = 10
MOST_SECONDS = 3600


async def send(request: web.Request) -> web.Response:
    """Text a center, once or often; answer with what its server said each time."""
    twin, data = twin_of(request), await read_json(request)
    account, line = line_of(twin, text_of(data, "to"))
    text = _text(data)
    times = count_of(data, "times", MOST_TEXTS)
    first = None if not data.get("same_sid") else inbound.take_in(twin, account, line, text)
    pairs = [first or inbound.take_in(twin, account, line, text) for _ in range(times)]
    work = [inbound.tell(twin, line, message, errand) for message, errand in pairs]
    if data.get("wait") is False:
        for errand in work:
            twin.world.spawn(errand)
        outcomes: list[Outcome | None] = [None] * times
    elif data.get("concurrent"):
        outcomes = list(await asyncio.gather(*work))
    else:
        outcomes = [await errand for errand in work]
    rows = [_row(message, outcome) for (message, _), outcome in zip(pairs, outcomes, strict=True)]
    return web.json_response({"messages": rows})


def _text(data: dict[str, Any]) -> inbound.Text:
    body = text_of(data, "body", "")
    if len(body) > inbound.LONGEST:
        raise ConfigProblem(f"A text has at most {inbound.LONGEST} characters.")
    files = [_file(item) for item in data.get("media") or []]
    if len(files) > MOST_FILES:
        raise ConfigProblem(f"A text carries at most {MOST_FILES} files.")
    if not body and not files:
        raise ConfigProblem("A text needs words or a picture.")
    return inbound.Text(text_of(data, "from"), body, files)


def _file(item: Any) -> tuple[str, bytes]:
    if not isinstance(item, dict):
        raise ConfigProblem("A file needs a content_type and data.")
    return text_of(item, "content_type"), bytes_of(text_of(item, "data"))


def _row(message: Message, outcome: Outcome | None) -> dict[str, Any]:
    hook = outcome.webhook if outcome else None
    return {
        "sid": message.sid,
        "status": hook.status if hook else None,
        "heard": hook.heard if hook else "",
        "attempts": len(hook.attempts) if hook else 0,
        "outcome": hook.outcome if hook else "",
    }


async def call(request: web.Request) -> web.Response:
    """Call a center; answer when the call is over, unless told not to wait."""
    twin, data = twin_of(request), await read_json(request)
    account, line = line_of(twin, text_of(data, "to"))
    ending = text_of(data, "ending", "no_answer")
    if ending not in ENDINGS:
        raise ConfigProblem(f"A call can end as one of: {', '.join(ENDINGS)}.")
    if not line.voice_url:
        raise ConfigProblem("This number has no voice address: it takes no calls.")
    ringing = Call(new_sid("CA"), account.sid, text_of(data, "from"), line.number, ending, "ringing", now())
    ringing.seconds = count_of(data, "seconds", MOST_SECONDS) if "seconds" in data else 0
    task = begin(twin, account, line, ringing)
    if data.get("wait", ending != LIVE) is not False:
        await task
    return web.json_response({"sid": ringing.sid, "status": ringing.status, "told": ringing.told})


async def move(request: web.Request) -> web.Response:
    """Do something in a call under way: what she or the center's phone does at this moment."""
    twin, data = twin_of(request), await read_json(request)
    wanted = text_of(data, "move")
    if wanted not in MOVES:
        raise ConfigProblem(f"In a call one can do one of: {', '.join(sorted(MOVES))}.")
    moves = twin.world.moves.get(request.match_info["call"])
    if moves is None:
        raise ConfigProblem("This call is over.")
    moves.put_nowait(wanted)
    return web.json_response({"ok": True})


async def raw(request: web.Request) -> web.Response:
    """Post any parameters, or any bytes, to any address, signed well, badly, or not at all."""
    twin, data = twin_of(request), await read_json(request)
    url, body = text_of(data, "url"), _body(data)
    method = text_of(data, "method", "POST")
    headers = _raw_headers(_account(twin, data), data, url, body if method == "POST" else b"")
    try:
        answer, _ = await twin.postman.carry(method, url, headers, body if method == "POST" else None, RAW_LIMIT)
    except (ClientError, TimeoutError) as failure:
        return web.json_response({"status": None, "failure": type(failure).__name__})
    return web.json_response({"status": answer.status, "content_type": answer.content_type, "body": answer.text})


def _body(data: dict[str, Any]) -> bytes:
    if "raw_base64" in data:
        return bytes_of(text_of(data, "raw_base64"))
    params = data.get("params") or {}
    pairs = list(params.items()) if isinstance(params, dict) else [(pair[0], pair[1]) for pair in params]
    return urlencode(pairs).encode()


def _account(twin: Twin, data: dict[str, Any]) -> Account:
    accounts = twin.world.config.accounts
    wanted = twin.world.config.account(text_of(data, "account", accounts[0].sid if accounts else ""))
    if wanted is None:
        raise ConfigProblem("There is no such account here.")
    return wanted


def _raw_headers(account: Account, data: dict[str, Any], url: str, body: bytes) -> dict[str, str]:
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
    signature = text_of(data, "signature", "good")
    if signature in {"good", "bad"}:
        signature = sign(url, pairs, account.auth_token + ("" if signature == "good" else "-forged"))
    headers = webhook_headers(url, signature, str(uuid4()))
    if signature == "none":
        del headers["X-Twilio-Signature"]
    return headers | {str(k): str(v) for k, v in (data.get("headers") or {}).items()}
