"""Calls: list, fetch. The center's phones that a Dial rang are calls of their own."""

from typing import Any

from aiohttp import web

from twin.config import Account
from twin.errors import not_found
from twin.records import Call, Leg
from twin.rest.auth import asked_account, twin_of
from twin.rest.messages import day_of, moment_of
from twin.rest.paging import page
from twin.rest.render import call_body, leg_body
from twin.world import World


async def listing(request: web.Request) -> web.Response:
    """List calls, newest first."""
    account, world = asked_account(request), twin_of(request).world
    held: list[Call | Leg] = [*world.calls.values(), *world.legs.values()]
    found = [call for call in held if call.account == account.sid and _matches(call, request)]
    found.sort(key=lambda call: call.created, reverse=True)
    return page(request, "calls", found, lambda call: call.sid, lambda call: _body(call, account))


async def fetch(request: web.Request) -> web.Response:
    """Show one call."""
    account, world = asked_account(request), twin_of(request).world
    call = _either(world, request.match_info["call"])
    if call is None or call.account != account.sid:
        raise not_found(request.path)
    return web.json_response(_body(call, account))


def _either(world: World, sid: str) -> Call | Leg | None:
    return world.calls.get(sid) or world.legs.get(sid)


def _body(call: Call | Leg, account: Account) -> dict[str, Any]:
    if isinstance(call, Leg):
        return leg_body(call)
    return call_body(call, account.number(call.line))


def _matches(call: Call | Leg, request: web.Request) -> bool:
    sender, to, parent = (
        (call.caller_id, call.number, call.call) if isinstance(call, Leg) else (call.person, call.line, "")
    )
    query = request.query
    asked = {"From": sender, "To": to, "Status": call.status, "ParentCallSid": parent}
    if any(query.get(name, value) != value for name, value in asked.items()):
        return False
    if "StartTime" in query and day_of(call.created) != query["StartTime"][:10]:
        return False
    if "StartTime>" in query and call.created < moment_of(query["StartTime>"]):
        return False
    return "StartTime<" not in query or call.created <= moment_of(query["StartTime<"], end_of_day=True)


def _parties(call: Call | Leg) -> dict[str, str]:
    if isinstance(call, Leg):
        return {"From": call.caller_id, "To": call.number, "ParentCallSid": call.call}
    return {"From": call.person, "To": call.line, "ParentCallSid": ""}
