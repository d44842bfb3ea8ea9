"""Carrying webhooks to the center's server: signed, with Twilio's time limits, retries and fallback."""

import time
from dataclasses import dataclass
from urllib.parse import quote, urldefrag, urlencode, urljoin, urlsplit, urlunsplit
from uuid import uuid4

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    TCPConnector,
)
from yarl import URL

from twin.config import Account
from twin.overrides import Overrides, read_overrides
from twin.records import Attempt, Webhook
from twin.sids import new_sid
from twin.signing import sign
from twin.twiml import LARGEST, Answer, TwimlProblem, Verb, read_twiml
from twin.world import World, now

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 10
USER_AGENT = "TwilioProxy/1.1"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to tell the center's server."""

    about: str
    account: Account
    url: str
    params: dict[str, str]
    subject: str
    fallback: str = ""
    wants_twiml: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an errand: the ledger's row, the answer, and its TwiML."""

    webhook: Webhook
    answer: Answer | None
    verbs: list[Verb]


@dataclass(frozen=True, slots=True)
class Letter:
    """A form on its way to one address."""

    url: str
    params: dict[str, str]
    key: str
    token: str


class Postman:
    """One connection pool and the rules of the road."""

    def __init__(self, world: World) -> None:
        self.world = world
        # A new connection each time: a kept one that the server has closed would look like a lost answer.
        self.session = ClientSession(connector=TCPConnector(limit=0, force_close=True), trust_env=False)

    async def close(self) -> None:
        await self.session.close()

    async def send(self, errand: Errand, *, forged: bool = False) -> Outcome:
        """Carry an errand once: the first address, then the fallback, as Twilio would."""
        hook = Webhook(new_sid("WH"), errand.about, errand.subject, errand.url, str(uuid4()), errand.params, now())
        self.world.keep(hook)
        key = errand.account.auth_token + ("-forged" if forged else "")
        answer = await self._persist(hook, Letter(errand.url, errand.params, key, hook.token))
        problem, verbs = _judge(answer, errand.wants_twiml)
        if problem and errand.fallback:
            told = {**errand.params, "ErrorCode": str(problem), "ErrorUrl": errand.url}
            answer = await self._persist(hook, Letter(errand.fallback, told, key, hook.token))
            problem, verbs = _judge(answer, errand.wants_twiml)
        self._close(hook, problem)
        return Outcome(hook, answer, verbs)

    def _close(self, hook: Webhook, problem: int | None) -> None:
        hook.outcome = "failed" if problem else "answered"
        if problem and hook.status in range(200, 300):
            hook.attempts[-1].failure = str(problem)
        self.world.keep(hook)

    async def _persist(self, hook: Webhook, letter: Letter) -> Answer | None:
        overrides = read_overrides(letter.url)
        deadline = time.monotonic() + overrides.total
        answer = None
        for _ in range(overrides.retries + 1):
            attempt = Attempt(urldefrag(letter.url).url, now())
            hook.attempts.append(attempt)
            answer = await self._try(attempt, letter, overrides, deadline)
            if not overrides.again(_failure(attempt)) or time.monotonic() >= deadline:
                break
        return answer

    async def _try(self, attempt: Attempt, letter: Letter, overrides: Overrides, deadline: float) -> Answer | None:
        started = time.monotonic()
        left = max(deadline - started, 0.05)
        limit = ClientTimeout(total=left, sock_connect=overrides.connect, sock_read=overrides.read)
        try:
            answer = await self._ask(attempt, letter, limit)
            attempt.status = answer.status
        except (ConnectionTimeoutError, ClientConnectorError):
            attempt.failure, answer = "ct", None
        except (TimeoutError, ClientError):
            attempt.failure, answer = "rt", None
        attempt.seconds = round(time.monotonic() - started, 4)
        return answer

    async def _ask(self, attempt: Attempt, letter: Letter, limit: ClientTimeout) -> Answer:
        """Post the form; a redirect is followed with GET, and the form is lost on the way."""
        url, method, form = attempt.url, "POST", letter.params
        for _ in range(MOST_REDIRECTS):
            headers = webhook_headers(url, sign(url, form.items(), letter.key), letter.token)
            body = urlencode(form).encode() if method == "POST" else None
            answer, location = await self.carry(method, url, headers, body, limit)
            if answer.status not in REDIRECTS or not location:
                break
            url, method, form = urljoin(url, location), "GET", {}
            attempt.url = url
        return answer

    async def carry(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        limit: ClientTimeout,
        most: int = LARGEST,
    ) -> tuple[Answer, str]:
        """Make one HTTP request; return the answer, read until it has more than `most` bytes, and its redirect."""
        target = URL(mapped(url, self.world.config.deliver_to), encoded=True)
        async with self.session.request(
            method, target, headers=headers, data=body, timeout=limit, allow_redirects=False
        ) as response:
            data = b""
            async for chunk in response.content.iter_chunked(LARGEST):
                data += chunk
                if len(data) > most:
                    break
            answer = Answer(response.status, response.content_type, data, url)
            return answer, response.headers.get("Location", "")


def webhook_headers(url: str, signature: str, token: str) -> dict[str, str]:
    """Return the headers that Twilio sends with a webhook."""
    return {
        "Host": host_of(url),
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Content-Type": FORM,
        "X-Twilio-Signature": signature,
        "I-Twilio-Idempotency-Token": token,
    }


def host_of(url: str) -> str:
    """Return what the Host header says for a URL, wherever it is connected to."""
    return urlsplit(url).netloc.rpartition("@")[2]


def mapped(url: str, origin: str) -> str:
    """Return where to connect for a URL: its own origin, or the one that stands in for it."""
    parts = urlsplit(quote(urldefrag(url).url, safe="!#$%&'()*+,/:;=?@[]~"))
    if not origin:
        return urlunsplit(parts)
    other = urlsplit(origin)
    return urlunsplit((other.scheme, other.netloc, parts.path, parts.query, ""))


def _failure(attempt: Attempt) -> str:
    if attempt.status is None:
        return attempt.failure
    return {4: "4xx", 5: "5xx"}.get(attempt.status // 100, "none")


def _judge(answer: Answer | None, wants_twiml: bool) -> tuple[int | None, list[Verb]]:
    """Return what is wrong with an answer, if anything, and its TwiML."""
    if answer is None:
        return 11205, []
    if answer.status not in range(200, 300):
        return 11200, []
    if not wants_twiml:
        return None, []
    try:
        return None, read_twiml(answer)
    except TwimlProblem as problem:
        return problem.code, []
