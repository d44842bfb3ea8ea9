"""Media of texts: list, describe, download by way of a short-lived address, delete."""

from http import HTTPStatus

from aiohttp import web

from twin.errors import not_found
from twin.records import Media
from twin.rest.auth import twin_of
from twin.rest.messages import asked_message
from twin.rest.paging import page
from twin.rest.render import media_body
from twin.sids import new_sid
from twin.world import now

LINK_SECONDS = 60
OTHER_NAMES = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}


async def listing(request: web.Request) -> web.Response:
    """List the files of one text."""
    message, world = asked_message(request), twin_of(request).world
    files = [world.media[sid] for sid in message.media if not world.media[sid].deleted]
    return page(request, "media_list", files, lambda media: media.sid, media_body)


async def fetch(request: web.Request) -> web.Response:
    """Describe one file."""
    return web.json_response(media_body(_asked(request)))


async def download(request: web.Request) -> web.Response:
    """Send the asker on to a short-lived address on another host."""
    media, twin = _asked(request), twin_of(request)
    token = new_sid("")
    twin.world.links = {key: link for key, link in twin.world.links.items() if link[1] > now()}
    twin.world.links[token] = (media.sid, now() + LINK_SECONDS)
    origin = twin.world.config.media_origin or _other_name(request)
    return web.Response(status=307, headers={"Location": f"{origin}/media-store/{token}"})


async def delete(request: web.Request) -> web.Response:
    """Erase one file at Twilio."""
    media = _asked(request)
    media.deleted = now()
    twin_of(request).world.keep(media)
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def store(request: web.Request) -> web.Response:
    """Give out the bytes to whoever has the address, but not to somebody who shows a password."""
    world = twin_of(request).world
    sid, end = world.links.get(request.match_info["token"], ("", 0.0))
    with_credentials = "Authorization" in request.headers
    world.media_fetches.append({"sid": sid, "at": now(), "with_credentials": with_credentials})
    if with_credentials:
        return web.Response(status=400, text="<Error><Code>InvalidArgument</Code></Error>", content_type="text/xml")
    media = world.media.get(sid)
    if media is None or media.deleted or now() > end:
        return web.Response(status=403, text="<Error><Code>AccessDenied</Code></Error>", content_type="text/xml")
    return web.Response(body=media.data, content_type=media.content_type)


def _asked(request: web.Request) -> Media:
    message, world = asked_message(request), twin_of(request).world
    media = world.media.get(request.match_info["media"])
    if media is None or media.sid not in message.media or media.deleted:
        raise not_found(request.path)
    return media


def _other_name(request: web.Request) -> str:
    """The same server under another name, so that clients treat it as another host."""
    host = request.url.host or "127.0.0.1"
    return str(request.url.origin().with_host(OTHER_NAMES.get(host, "127.0.0.1")))
