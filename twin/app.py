"""The twin as one aiohttp application."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from twin import calls, carrier
from twin.archive import Archive
from twin.config import Config
from twin.control import routes as own
from twin.control.phone import guard_page
from twin.control.reading import control_door
from twin.keys import TWIN
from twin.rest import routes as rest
from twin.rest.faulty import api_door
from twin.twin import Twin
from twin.world import World

LARGEST_REQUEST = 60 * 1024 * 1024  # ten pictures of 4 MB, as base64


def make_app(
    config: Config, archive: Archive | None = None, *, mail_at: tuple[str, int] | None = None
) -> web.Application:
    """Return the application for a configuration, going on with what the archive holds.

    mail_at    host and port at which it takes mail; without, it takes none
    """
    app = web.Application(middlewares=[api_door, control_door], client_max_size=LARGEST_REQUEST)
    app.add_routes(rest.routes())
    app.add_routes(own.routes())
    app.on_response_prepare.append(guard_page)
    archive = archive or Archive(None)

    async def live(app: web.Application) -> AsyncIterator[None]:
        app[TWIN] = twin = Twin.of(World(config, archive))
        if mail_at:
            await twin.mailbox.open(*mail_at)
        carrier.resume(twin)
        calls.resume(twin)
        yield
        twin.mailbox.close()
        twin.world.stop_tasks()
        await asyncio.gather(*twin.world.tasks, return_exceptions=True)
        await twin.postman.close()
        archive.close()

    async def hang_up(app: web.Application) -> None:
        app[TWIN].world.hub.close()

    app.cleanup_ctx.append(live)
    app.on_shutdown.append(hang_up)
    return app
