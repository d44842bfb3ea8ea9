"""Somebody at a desk: signs in, reads, and replies. What was not acknowledged is posted again with the same key."""

import html
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from uuid import UUID, uuid4

import requests

from simulate.breakable import BreakableStack
from trial.welcome import code_of

CONVERSATION = re.compile(r"/conversations/([0-9a-f-]{36})/")
LAST = re.compile(r'name="last_sequence"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="last_sequence"')
PANES = {"HX-Request": "true"}  # as the list asks: the panes alone
PATIENCE = 60.0  # seconds for which one reply is posted again
READ, REPLIED, CONFLICT, REFUSED, AWAY = 200, 201, 409, 422, 503
PAUSES = {CONFLICT: 0.0, AWAY: 1.5}  # seconds before the next try; else a third of one


@dataclass
class Written:
    """The replies that the server has acknowledged, by key, and those of which the desk does not know."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)


@dataclass
class Answers:
    """What browsers were answered, and what of it they should never have seen (I5)."""

    counts: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)

    def note(self, method: str, answer: requests.Response) -> requests.Response:
        self.counts[f"{method} {answer.status_code}"] += 1
        is_away = answer.status_code == AWAY and "Retry-After" in answer.headers
        if answer.status_code not in (READ, REPLIED, CONFLICT, REFUSED) and not is_away:
            self.odd.append(f"{method} {answer.status_code} {CONVERSATION.sub('/conversations/…/', answer.url)}")
        return answer


class Desk:
    """One browser's worth of requests, without a browser."""

    def __init__(self, stack: BreakableStack) -> None:
        self.stack, self.answers = stack, Answers()
        self._session = requests.Session()
        self._session.trust_env = False
        self._known: list[UUID] = []
        self._last: dict[UUID, str] = {}  # the last entry that was seen, by conversation
        person = next(person for person in stack.demo["people"] if person["role"] == "supervisor")
        self.get("/sign-in/")
        self._post("/sign-in/", email=person["email"], password=stack.demo["password"])
        answer = self._post("/sign-in/code/", code=code_of(person["authenticator_key"]))
        if "/sign-in" in answer.url:
            raise RuntimeError("The desk could not sign in.")

    @property
    def cookies(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._session.cookies)

    def conversations(self) -> list[UUID]:
        """Those at the top of the list."""
        return [UUID(found) for found in dict.fromkeys(CONVERSATION.findall(self.get("/?view=open").text))]

    def find(self, signs: list[str]) -> dict[str, UUID]:
        """The conversations in which these words stand, among those that are shown."""
        pages = {found: self.get(f"/conversations/{found}/", **PANES).text for found in self._seen()}
        self._known = []  # there will be more of them soon
        return {sign: found for sign in signs for found, page in pages.items() if sign in page}

    def _seen(self) -> list[UUID]:
        self._known = self._known or self.conversations()
        return self._known

    def reply(self, body: str, chance: Random, written: Written, conversation: UUID | None = None) -> None:
        """Reply somewhere until it is acknowledged or patience ends."""
        key, deadline = str(uuid4()), time.monotonic() + PATIENCE
        written.unsure[key] = body
        while time.monotonic() < deadline:
            try:
                conversation = conversation or chance.choice(self._seen())
                status = self._try(conversation, body, key)
            except (requests.RequestException, IndexError, ValueError):
                status = 0
            if status == REPLIED:
                written.acknowledged[key] = written.unsure.pop(key)
                return
            if status == REFUSED:
                del written.unsure[key]
                return
            time.sleep(PAUSES.get(status, 0.3))

    def _try(self, conversation: UUID, body: str, key: str) -> int:
        if conversation not in self._last:
            page = self.get(f"/conversations/{conversation}/", **PANES)  # as the list asks: panes alone
            if not self._see(conversation, page):
                return REFUSED if page.status_code == READ else page.status_code  # she has stopped: no composer
        content = {"body": body, "last_sequence": self._last[conversation], "key": key}
        answer = self._post(f"/conversations/{conversation}/replies/", **content)
        self._see(conversation, answer)
        return answer.status_code

    def _see(self, conversation: UUID, page: requests.Response) -> bool:
        """Whatever carries a composer shows the thread up to an entry that the next reply names."""
        found = LAST.search(html.unescape(page.text))
        if found:
            self._last[conversation] = found.group(1) or found.group(2)
        return found is not None

    def get(self, path: str, **headers: str) -> requests.Response:
        answer = self._session.get(self.stack.url + path, headers=headers, timeout=15)
        return self.answers.note("GET", answer)

    def _post(self, path: str, **content: str) -> requests.Response:
        headers = {"X-CSRFToken": self._session.cookies.get("csrf", ""), "Origin": self.stack.url}
        answer = self._session.post(self.stack.url + path, data=content, headers=headers, timeout=15)
        return self.answers.note("POST", answer)
