"""Where the application keeps the twin."""

from aiohttp import web

from twin.twin import Twin

TWIN = web.AppKey("twin", Twin)
