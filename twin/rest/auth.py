"""Who asks: Basic authentication with an account's token or one of its API keys."""

import base64
from http import HTTPStatus

from aiohttp import web

from twin.config import Account
from twin.errors import ApiError
from twin.keys import TWIN
from twin.twin import Twin

REALM = {"WWW-Authenticate": 'Basic realm="Twilio API"'}


class Unauthorized(ApiError):
    """Twilio's 401; the answer asks for credentials."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.UNAUTHORIZED, 20003, "Authenticate")


def asked_account(request: web.Request) -> Account:
    """Return the account that the path names and the credentials open, or refuse."""
    account = request.app[TWIN].world.config.account(request.match_info["account"])
    if account is None or not account.admits(*credentials(request)):
        raise Unauthorized
    return account


def any_account(request: web.Request) -> Account:
    """Return the account that the credentials open, where the path names none."""
    user, secret = credentials(request)
    for account in request.app[TWIN].world.config.accounts:
        if account.admits(user, secret):
            return account
    raise Unauthorized


def credentials(request: web.Request) -> tuple[str, str]:
    """Return the user name and password that came with a request (RFC 7617)."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        user, colon, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        raise Unauthorized from None
    if scheme.lower() != "basic" or not colon:
        raise Unauthorized
    return user, secret


def twin_of(request: web.Request) -> Twin:
    """Return the twin that serves a request."""
    return request.app[TWIN]
