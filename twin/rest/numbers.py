"""Accounts and their phone numbers, with the addresses that Twilio calls for them."""

from aiohttp import web

from twin.config import Number
from twin.errors import bad_request, not_found
from twin.rest.auth import asked_account, twin_of
from twin.rest.messages import read_form
from twin.rest.paging import page
from twin.rest.render import account_body, number_body
from twin.rest.rules import is_web_address

SINCE = 1_767_225_600.0  # the numbers were bought on 1 January 2026
ADDRESSES = {
    "SmsUrl": "message_url",
    "SmsFallbackUrl": "message_fallback_url",
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "voice_fallback_url",
    "StatusCallback": "call_status_url",
}


async def account(request: web.Request) -> web.Response:
    """Show the account."""
    return web.json_response(account_body(asked_account(request), SINCE))


async def listing(request: web.Request) -> web.Response:
    """List the account's numbers."""
    own, query = asked_account(request).numbers, request.query
    wanted, name = query.get("PhoneNumber", ""), query.get("FriendlyName")
    found = [n for n in own if wanted.lstrip("+") in n.number and name in (None, n.name)]
    return page(request, "incoming_phone_numbers", found, lambda n: n.sid, lambda n: number_body(n, SINCE))


async def fetch(request: web.Request) -> web.Response:
    """Show one number."""
    return web.json_response(number_body(_asked(request), SINCE))


async def update(request: web.Request) -> web.Response:
    """Change the name of a number and the addresses called for it."""
    number, form = _asked(request), await read_form(request)
    for name in ADDRESSES:
        if form.get(name) and not is_web_address(form[name].partition("#")[0]):
            raise bad_request(21402 if name.startswith("Voice") else 21502, f"{name} is not a valid URL.")
    for name, attribute in ADDRESSES.items():
        if name in form:
            setattr(number, attribute, form[name])
    number.name = form.get("FriendlyName", number.name)
    twin_of(request).world.keep_config()
    return web.json_response(number_body(number, SINCE))


def _asked(request: web.Request) -> Number:
    sid = request.match_info["number"]
    for number in asked_account(request).numbers:
        if number.sid == sid:
            return number
    raise not_found(request.path)
