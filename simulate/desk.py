"""Somebody at a desk: signs in, reads, and replies. What was not acknowledged is posted again with the same key."""

import html
import re
import time
from dataclasses import dataclass, field
from random import Random
from uuid import UUID, uuid4

import requests

from simulate.stack import Stack
from trial.welcome import code_of

CONVERSATION = re.compile(r"/conversations/([0-9a-f-]{36})/")
LAST = re.compile(r'name="last_sequence"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="last_sequence"')
PATIENCE = 60.0  # seconds for which one reply is posted again
READ, REPLIED, CONFLICT, REFUSED = 200, 201, 409, 422


@dataclass
class Written:
    """The replies that the server has acknowledged, by key, and those of which the desk does not know."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)


class Desk:
    """One browser's worth of requests, without a browser."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._session = requests.Session()
        self._session.trust_env = False
        self._known: list[UUID] = []
        person = next(person for person in stack.demo["people"] if person["role"] == "supervisor")
        self._get("/sign-in/")
        self._post("/sign-in/", email=person["email"], password=stack.demo["password"])
        answer = self._post("/sign-in/code/", code=code_of(person["authenticator_key"]))
        if "/sign-in" in answer.url:
            raise RuntimeError("The desk could not sign in.")

    def conversations(self) -> list[UUID]:
        """Those at the top of the list."""
        return [UUID(found) for found in dict.fromkeys(CONVERSATION.findall(self._get("/?view=open").text))]

    def reply(self, body: str, chance: Random, written: Written) -> None:
        """Reply somewhere until it is acknowledged or patience ends."""
        key, deadline = str(uuid4()), time.monotonic() + PATIENCE
        conversation: UUID | None = None
        written.unsure[key] = body
        while time.monotonic() < deadline:
            try:
                self._known = self._known or self.conversations()
                conversation = conversation or chance.choice(self._known)
                status = self._try(conversation, body, key)
            except (requests.RequestException, IndexError, ValueError):
                status = 0
            if status == REPLIED:
                written.acknowledged[key] = written.unsure.pop(key)
                return
            if status == REFUSED:
                del written.unsure[key]
                return
            if status != CONFLICT:
                time.sleep(0.3)

    def _try(self, conversation: UUID, body: str, key: str) -> int:
        page = self._get(f"/conversations/{conversation}/", **{"HX-Request": "true"})  # as the list asks: panes alone
        found = LAST.search(html.unescape(page.text))
        if page.status_code != READ or found is None:
            return 0
        last = found.group(1) or found.group(2)
        answer = self._post(f"/conversations/{conversation}/replies/", body=body, last_sequence=last, key=key)
        return answer.status_code

    def _get(self, path: str, **headers: str) -> requests.Response:
        return self._session.get(self._stack.url + path, headers=headers, timeout=15)

    def _post(self, path: str, **content: str) -> requests.Response:
        headers = {"X-CSRFToken": self._session.cookies.get("csrf", ""), "Origin": self._stack.url}
        return self._session.post(self._stack.url + path, data=content, headers=headers, timeout=15)
