"""How requests leave: with time limits, without redirects, to the configured address alone.

The SDK has no time limit of its own, keeps its last request and logs what it holds.
"""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

CONNECT_SECONDS, READ_SECONDS = 3.05, 10
WAITS = (CONNECT_SECONDS, READ_SECONDS)
LOOPBACK = ("127.0.0.1", "localhost")


def session_to(host: str | None) -> requests.Session:
    """A session for a host; the system's proxies are not for what is on this machine."""
    session = requests.Session()
    session.trust_env = host not in LOOPBACK
    return session


class QuietHttpClient(TwilioHttpClient):
    """Sends what the SDK asks to the configured address; a host may be replaced, nothing else."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=READ_SECONDS)
        self._base = urlsplit(base_url.rstrip("/")) if base_url else None
        self._session = session_to(self._base.hostname if self._base else None)

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        answer = self._session.request(
            method.upper(),
            self._mapped(url),
            params=params,
            data=data,
            headers=headers,
            auth=auth,
            timeout=WAITS,
            allow_redirects=False,
        )
        return Response(answer.status_code, answer.text, answer.headers)

    def _mapped(self, url: str) -> str:
        if self._base is None:
            return url
        asked = urlsplit(url)
        return urlunsplit((self._base.scheme, self._base.netloc, self._base.path + asked.path, asked.query, ""))
