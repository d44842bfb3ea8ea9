"""Settings, faults and the ledger: what a test sets up, and what it looks up afterwards."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from twin.config import read_config
from twin.control.reading import read_json
from twin.records import Media, Message
from twin.rest.auth import twin_of
from twin.rest.render import message_body
from twin.world import World


async def health(request: web.Request) -> web.Response:
    """Say that the twin answers."""
    return web.json_response({"ok": True})


async def put_config(request: web.Request) -> web.Response:
    """Take a new configuration in place of the present one. The ledger stays."""
    config = read_config(await read_json(request))
    twin_of(request).world.keep_config(config)
    return web.json_response({"numbers": len(config.numbers()), "people": len(config.people)})


async def get_config(request: web.Request) -> web.Response:
    """Show the configuration, without secrets."""
    config = twin_of(request).world.config.as_json()
    for account in config["accounts"]:
        del account["auth_token"], account["api_keys"]
    return web.json_response(config)


async def post_fault(request: web.Request) -> web.Response:
    """Put a fault in force."""
    fault = twin_of(request).world.faults.add(await read_json(request))
    return web.json_response({"id": fault.id}, status=201)


async def get_faults(request: web.Request) -> web.Response:
    """Show the faults in force, with how often each has struck."""
    return web.json_response({"faults": twin_of(request).world.faults.as_json()})


async def delete_faults(request: web.Request) -> web.Response:
    """End one fault, or all."""
    twin_of(request).world.faults.remove(request.match_info.get("fault"))
    return web.json_response({"ok": True})


async def get_ledger(request: web.Request) -> web.Response:
    """Show everything that was accepted and everything that was sent out; `only` names the parts that are wanted."""
    world, only = twin_of(request).world, request.query.get("only", "")
    return web.json_response(ledger(world, only.split(",") if only else None))


async def delete_ledger(request: web.Request) -> web.Response:
    """Forget texts, calls, blocks and webhooks."""
    twin_of(request).world.forget()
    return web.json_response({"ok": True})


def ledger(world: World, only: Collection[str] | None = None) -> dict[str, Any]:
    """Return the ledger as JSON; what the product redacted or deleted is still in it, and marked."""
    parts: dict[str, Iterable[Any]] = {
        "messages": (_message(message) for message in world.messages.values()),
        "media": (_media(media) for media in world.media.values()),
        "calls": (asdict(call) for call in world.calls.values()),
        "legs": (asdict(leg) for leg in world.legs.values()),
        "recordings": (asdict(recording) for recording in world.recordings.values()),
        "webhooks": (asdict(hook) | {"status": hook.status} for hook in world.webhooks.values()),
        "requests": world.requests,
        "media_fetches": world.media_fetches,
        "fetches": world.fetches,
        "opt_outs": ({"person": person, "sender": sender} for person, sender in sorted(world.opt_outs)),
    }
    return {name: list(rows) for name, rows in parts.items() if only is None or name in only}


def _message(message: Message) -> dict[str, Any]:
    history = [{"status": status, "at": at} for status, at in message.history]
    more = {"accepted_at": message.created, "redacted": message.redacted, "deleted_at": message.deleted}
    parties = {"person": message.person, "line": message.line, "plan": message.plan, "heard": message.heard}
    return message_body(message) | {"body": message.body, "history": history} | more | parties


def _media(media: Media) -> dict[str, Any]:
    return {
        "sid": media.sid,
        "message": media.message,
        "content_type": media.content_type,
        "bytes": len(media.data),
        "deleted_at": media.deleted,
    }
