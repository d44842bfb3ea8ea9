"""OUT-01 to OUT-04, by cutting and killing: a text is accepted at most once, ends right, or a person is asked."""

import html
import importlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.actions.centers import add_center
from accounts.models import Membership, Role
from audit.context import Actor, acting
from jobs.registry import work_of
from messaging import tasks  # noqa: F401  # registers the kinds of work
from messaging.actions.lines import add_line
from messaging.actions.work import Work
from messaging.models import Conversation, FollowUp, FollowUpKind, Line, Message, Status
from messaging.models.message import A_PERSON_AFTER
from simulate.network import Network, proxied
from simulate.places import PLACES
from simulate.points import POINTS, Point
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN, employ
from tests.databases import Database
from tests.doors import browser, signed_in, status_of, text_in
from tests.messaging.conftest import Reply, fresh, work_after
from tests.twin_process import TwinProcess

SETTLED = (Status.ACCEPTED, Status.SENT, Status.DELIVERED)
PLAIN_WORDS = "It may have reached her. Sending it again may reach her twice."


@pytest.fixture(scope="module")
def network(twin_process: TwinProcess) -> Iterator[Network]:
    with proxied(twilio=int(twin_process.address.rpartition(":")[2])) as network:
        yield network


@pytest.fixture
def cut(twin: TwinProcess, network: Network, settings: Settings) -> Callable[[str], None]:
    """Have the next call to Twilio cut at a place."""
    settings.TWILIO_API_BASE_URL = f"http://127.0.0.1:{network.ports['twilio']}"
    return lambda place: network.break_route("twilio", "cut", times=1, place=place)


def asked(message: Message) -> bool:
    with in_center(message.center_id):
        return FollowUp.objects.open().filter(message=message, kind=FollowUpKind.UNSURE).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("place", PLACES)
def test_a_call_that_is_cut_anywhere_is_made_once_and_settled_by_twilios_list_or_by_a_person(
    twin: TwinProcess, cut: Callable[[str], None], reply: Reply, naomi: Membership, place: str
) -> None:
    message = reply(naomi)
    cut(place)
    work_after(6)
    was_taken = len(twin.texts)
    assert fresh(message).status == Status.UNKNOWN
    assert was_taken == (place.startswith("before the answer") or "answer's" in place)

    work_after(500)
    assert not asked(message), "ten minutes are not over"
    work_after(700)
    assert len(twin.texts) == was_taken, "never a second time"
    if was_taken:
        assert fresh(message).status in SETTLED
        assert not asked(message)
    else:
        assert fresh(message).status == Status.UNKNOWN
        assert asked(message)
        with time_machine.travel(timezone.now() + timedelta(seconds=700)):
            page = signed_in(naomi).get(f"/conversations/{message.conversation_id}/")
        assert PLAIN_WORDS in " ".join(html.unescape(page.content.decode()).split())


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["before the answer", "in the answer's body"])
def test_a_callback_settles_what_a_cut_left_in_doubt(
    twin: TwinProcess, cut: Callable[[str], None], reply: Reply, naomi: Membership, line: Line, place: str
) -> None:
    message = reply(naomi)
    cut(place)
    work_after(6)
    (text,) = twin.texts
    assert status_of(line, message.pk, "delivered", text["sid"]).status_code == 204
    work_after(700)
    assert (fresh(message).status, len(twin.texts), asked(message)) == (Status.DELIVERED, 1, False)


class Killed(BaseException):
    """The end of a worker: nothing that it had not committed is left."""


STEPS = {
    name: point
    for name, point in POINTS.items()
    if point.process == "worker" and name.startswith(("job_", "send_", "settle_")) and point.moment != "within"
}
# What these steps need to be passed at all: a call of which nobody knows what became of it.
IN_DOUBT = ("send_doubt", "settle_")
NEVER_CALLED = ("send_claimed",)


@pytest.fixture
def kill(monkeypatch: pytest.MonkeyPatch) -> Callable[[Point], list[int]]:
    def arrange(point: Point) -> list[int]:
        """The first worker that passes the point ends there; what is returned counts those who did."""
        module: Any = importlib.import_module(point.module)
        function, killed = getattr(module, point.function), list[int]()

        def passing(*args: Any, **kwargs: Any) -> Any:
            if point.moment == "before" and not killed:
                killed.append(1)
                raise Killed
            result = function(*args, **kwargs)
            if point.moment == "after" and not killed:
                killed.append(1)
                raise Killed
            return result

        monkeypatch.setattr(module, point.function, passing)
        return killed

    return arrange


def work_until(seconds: float) -> None:
    """Worker after worker, each going on where the one before it ended."""
    for moment in (6, 40, 80, 200, 400, 700, 800):
        if moment <= seconds:
            try:
                work_after(moment)
            except Killed:
                work_after(moment + 35)  # the lease of the one that died is over


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in STEPS if name != "job_given_up"])
def test_a_worker_that_is_killed_at_any_step_sends_nothing_twice_and_leaves_nothing_half_way(
    twin: TwinProcess, reply: Reply, naomi: Membership, kill: Callable[[Point], list[int]], name: str
) -> None:
    message = reply(naomi)
    if name.startswith(IN_DOUBT):
        twin.misbehave("drop_after_accept", method="POST")
    killed = kill(STEPS[name])
    work_until(800)

    assert killed == [1], "nobody passed this step, so this proves nothing"
    if name in NEVER_CALLED:
        assert (len(twin.texts), fresh(message).status, asked(message)) == (0, Status.UNKNOWN, True)
    else:
        assert len(twin.texts) == 1
        assert fresh(message).status in SETTLED
        assert not asked(message)


def test_a_hundred_parallel_posts_with_one_key_write_one_reply(fresh_database: Database) -> None:
    with acting(Actor.command("test")):
        center = add_center("Harbor House")
        line = add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN)
        naomi = employ(center, "Naomi", Role.SPECIALIST)
        text_in(line)
        with in_center(center.pk):
            conversation = Conversation.objects.get()
        cookies, key = signed_in(naomi).cookies, str(uuid4())

    def post(number: int) -> int:
        try:
            client = browser()
            client.cookies = cookies
            body = {"body": "I am here", "last_sequence": 1, "key": key}
            return int(client.post(f"/conversations/{conversation.pk}/replies/", body, secure=True).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as browsers:
        answers = list(browsers.map(post, range(100)))
    assert set(answers) == {201}
    with in_center(center.pk):
        assert Message.objects.filter(direction="out").count() == 1


def test_a_text_in_doubt_is_looked_for_until_a_person_is_asked_however_long_the_list_is_away() -> None:
    work = work_of(Work.SETTLE)
    assert work is not None
    shortest = sum(work.backoff.after(attempt).total_seconds() for attempt in range(1, work.tries))
    assert shortest > A_PERSON_AFTER.total_seconds()
