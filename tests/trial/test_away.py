"""PostgreSQL hangs, or is not there yet when a process starts: texts are kept, nobody waits for long, all comes in."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from simulate.sign import signature
from simulate.stack import Stack, running
from tests.frozen import hanging
from trial.environment import of_product
from trial.options import ROOT

LINE_NUMBER = "+16145550199"
CLIENT = "+16145550123"
LONGEST = 5.0  # seconds for which anybody may wait
TEXTS_HERE = """
import django, json, sys
django.setup()
from messaging.models import Line, Message
from tenancy.scope import in_center, in_platform
with in_platform():
    center = Line.objects.get().center_id
with in_center(center):
    texts = Message.objects.filter(direction="in").order_by("conversation_id", "sequence")
    print(json.dumps([text.body for text in texts if text.body.startswith(sys.argv[1])]))
"""
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
Answer = tuple[int, float]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running() as stack:
        yield stack


def text_in(stack: Stack, body: str) -> Answer:
    """Post a text as Twilio does; the answer, and how long it took."""
    number = f"SM{uuid4().hex}"
    values = {"MessageSid": number, "SmsSid": number, "AccountSid": stack.demo["account_sid"], "Body": body}
    values |= {"From": CLIENT, "To": LINE_NUMBER, "NumMedia": "0"}
    path = f"/hooks/twilio/{stack.demo['line']}/message"
    parameters = {name: [value] for name, value in values.items()}
    headers = {
        "X-Twilio-Signature": signature(stack.state.public + path, parameters, stack.demo["auth_token"]),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return _ask(urllib.request.Request(stack.url + path, urlencode(values).encode(), headers))


def page(stack: Stack) -> Answer:
    """A page that looks for a session."""
    return _ask(urllib.request.Request(stack.url + "/", headers={"Cookie": f"session={'a' * 32}"}))


def _ask(request: urllib.request.Request) -> Answer:
    began = time.monotonic()
    try:
        with _direct.open(request, timeout=20) as answer:
            return answer.status, time.monotonic() - began
    except urllib.error.HTTPError as error:
        return error.code, time.monotonic() - began
    except OSError:
        return 0, time.monotonic() - began


def texts_here(stack: Stack, beginning: str) -> list[str]:
    command = [sys.executable, "-c", TEXTS_HERE, beginning]
    done = subprocess.run(command, cwd=ROOT, env=of_product(stack.folder, stack.state), capture_output=True, check=True)
    said: list[str] = json.loads(done.stdout)
    return said


def waiting(stack: Stack) -> list[Path]:
    return list(stack.folder.spool.glob("*.sealed"))


def until(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def start_web_anew(stack: Stack) -> None:
    before = stack.pid_of("web")
    stack.signal("web", signal.SIGKILL)
    until(lambda: stack.pid_of("web") not in (None, before), "the supervisor should have started it again")
    until(lambda: _ask(urllib.request.Request(stack.url + "/health/live"))[0] == 200, "it should have opened")


def test_while_postgresql_hangs_nobody_waits_longer_than_five_seconds(stack: Stack) -> None:
    sent = [f"hung {number:03d}" for number in range(100)]
    assert page(stack)[0] == 200, "a page must need the database, or this proves nothing"
    asked = []
    with hanging(stack, "postgresql"), ThreadPoolExecutor(60) as many:
        for body in sent:
            asked.append((many.submit(text_in, stack, body), many.submit(page, stack)))
            time.sleep(0.1)
        texts, pages = [one.result() for one, _ in asked], [other.result() for _, other in asked]
    assert {status for status, _ in texts} == {200}
    assert {status for status, _ in pages} == {503}
    assert max(seconds for _, seconds in texts + pages) < LONGEST
    assert max(seconds for _, seconds in (texts + pages)[60:100]) < 1, "once known, nobody waits at all"
    until(lambda: page(stack)[0] == 200, "pages should be back")
    until(lambda: not waiting(stack), "the spool should have been emptied")
    here = texts_here(stack, "hung")
    assert sorted(here) == sent
    assert [body for body in here if body >= sent[60]] == sent[60:], "in order, but for those that waited together"


def test_a_web_process_that_starts_while_postgresql_is_away_takes_texts_and_opens_afterwards(stack: Stack) -> None:
    with hanging(stack, "postgresql"):
        start_web_anew(stack)
        assert text_in(stack, "early 1")[0] == 200
        assert page(stack)[0] == 503
        assert len(waiting(stack)) == 1
    until(lambda: page(stack)[0] == 200, "pages should open")
    until(lambda: not waiting(stack), "the spool should have been emptied")
    assert texts_here(stack, "early") == ["early 1"]


def test_without_its_root_key_web_takes_texts_and_nothing_else_until_the_key_is_there(stack: Stack) -> None:
    key = stack.folder.root_key
    key.rename(key.with_name("elsewhere"))
    try:
        start_web_anew(stack)
        assert page(stack)[0] == 503
        assert text_in(stack, "keyless 1")[0] == 200
    finally:
        key.with_name("elsewhere").rename(key)
    until(lambda: page(stack)[0] == 200, "pages should open")
    until(lambda: texts_here(stack, "keyless") == ["keyless 1"], "it should have come in")
