"""The mail page of a trial, and what it asks for."""

from aiohttp import web

from twin.control.phone import STATIC
from twin.rest.auth import twin_of


async def page(request: web.Request) -> web.FileResponse:
    """Serve the mailbox."""
    return web.FileResponse(STATIC / "mail.html")


async def mails(request: web.Request) -> web.Response:
    """Say what came, newest first."""
    return web.json_response({"mails": twin_of(request).mailbox.newest()})
