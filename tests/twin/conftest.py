import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from aiohttp import ClientSession, encode_basic_auth
from aiohttp.test_utils import TestServer
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.twin.center import Center
from twin.app import make_app
from twin.archive import Archive
from twin.config import read_config
from twin.keys import TWIN
from twin.twin import Twin

ACCOUNT, TOKEN = "AC" + "2" * 32, "0123456789abcdef0123456789abcdef"
BASIC = {"Authorization": encode_basic_auth(ACCOUNT, TOKEN)}
SERVICE = "MG" + "3" * 32
LINE, POOLED, QUIET = "+16145550190", "+16145550191", "+16145550192"
MAYA, DANA, LANDLINE = "+16145550101", "+16145550104", "+16145550105"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
FAST = {
    "queued_after": 0.01,
    "sent_after": 0.03,
    "delivered_after": 0.06,
    "call_seconds": 0.01,
    "recording_after": 0.02,
}


class TwinHttpClient(TwilioHttpClient):
    """The SDK's own client, sent to the twin as TWILIO_API_BASE_URL would."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=5)
        self.base = urlsplit(base)
        self.session.trust_env = False

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(url)
        url = urlunsplit((self.base.scheme, self.base.netloc, parts.path, parts.query, ""))
        return super().request(method, url, *args, **kwargs)


@dataclass
class Rig:
    """A running twin, the center's server it talks to, and ways to use both."""

    server: TestServer
    center: Center
    session: ClientSession

    @property
    def twin(self) -> Twin:
        return self.server.app[TWIN]

    def url(self, path: str) -> str:
        return str(self.server.make_url("")).rstrip("/") + path

    async def post(self, path: str, data: Any, status: int = 200) -> Any:
        async with self.session.post(self.url(path), json=data) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def get(self, path: str) -> Any:
        async with self.session.get(self.url(path)) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def text_in(self, body: str = "Hello", person: str = MAYA, line: str = LINE, **more: Any) -> Any:
        """Text the center from a phone; return the rows of /twin/send."""
        answer = await self.post("/twin/send", {"from": person, "to": line, "body": body, **more})
        return answer["messages"]

    async def api(self, method: str, path: str, form: Any = None, **more: Any) -> tuple[int, Any]:
        """Ask the REST API; return the status and the JSON (or nothing)."""
        headers = more.pop("headers", BASIC)
        url = self.url(f"/2010-04-01/Accounts/{ACCOUNT}{path}")
        async with self.session.request(method, url, data=form, headers=headers, **more) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def send(self, to: str = MAYA, **form: str) -> Any:
        """Send a text by the API; return the resource."""
        form = {"To": to, "From": LINE, "Body": "Hi", "StatusCallback": self.center.url("/status"), **form}
        status, body = await self.api("POST", "/Messages.json", form)
        assert status == 201, body
        return body

    async def statuses(self, sid: str, count: int) -> list[str]:
        """Wait for as many status callbacks of one text, and return them in the order they came."""
        await until(lambda: len(self._statuses(sid)) >= count)
        return self._statuses(sid)

    def _statuses(self, sid: str) -> list[str]:
        posted = [heard.params for heard in self.center.at("/status")]
        return [params["MessageStatus"] for params in posted if params["MessageSid"] == sid]

    async def sdk(self, act: Callable[[Client], Any], secret: str = TOKEN) -> Any:
        """Let the official library do something, in a thread of its own."""
        client = Client(ACCOUNT, secret, http_client=TwinHttpClient(self.url("")))
        return await asyncio.to_thread(act, client)


async def until(happened: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until something has happened."""
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.005)


def config_for(center: str, **more: Any) -> dict[str, Any]:
    """Return a configuration with two plain numbers and one in a Messaging Service."""
    urls = {
        "message_url": f"{center}/message",
        "voice_url": f"{center}/voice",
        "call_status_url": f"{center}/call_status",
    }
    numbers = [
        {"number": LINE, "name": "Cedar House", **urls},
        {"number": POOLED, "name": "Pool", "messaging_service_sid": SERVICE, **urls},
        {"number": QUIET, "name": "Nobody home"},
    ]
    account = {"sid": ACCOUNT, "auth_token": TOKEN, "numbers": numbers}
    return {"accounts": [account], "delivery": FAST, **more}


@pytest.fixture
async def center() -> AsyncIterator[Center]:
    center = Center()
    await center.server.start_server()
    yield center
    await center.server.close()


@pytest.fixture
async def rig(center: Center) -> AsyncIterator[Rig]:
    server = TestServer(make_app(read_config(config_for(center.origin))))
    await server.start_server()
    async with ClientSession() as session:
        yield Rig(server, center, session)
    await server.close()


@pytest.fixture
async def rig_on(center: Center) -> AsyncIterator[Callable[[Path], Any]]:
    """Start a twin on a state file; starting again ends the one before."""
    running: list[Rig] = []

    async def stop() -> None:
        while running:
            rig = running.pop()
            await rig.session.close()
            await rig.server.close()

    async def start(path: Path) -> Rig:
        await stop()
        server = TestServer(make_app(read_config(config_for(center.origin)), Archive(path)))
        await server.start_server()
        running.append(Rig(server, center, ClientSession()))
        return running[0]

    yield start
    await stop()
