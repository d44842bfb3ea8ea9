"""Words are put together while people write: nothing is lost, nobody waits, and what is late is done late."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.actions.centers import add_center
from accounts.models import Center, Membership
from accounts.roles import Role
from audit.context import Actor, acting
from jobs.models import Job
from messaging.actions.client_card import name_client
from messaging.actions.lines import add_line
from messaging.actions.search import texts
from messaging.actions.search.matching import Query
from messaging.actions.search.stretches import Place, Search, look_through
from messaging.actions.search.texts import arrange_gathering, gather
from messaging.actions.search.words import words_of
from messaging.models import Conversation, Direction, Line, Message, SearchText
from messaging.twilio import door_of
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN, employ
from tests.databases import Database
from tests.doors import sid, text_in
from tests.messaging.conftest import work_after

WRITTEN = 30
LATER = timedelta(minutes=10)


def held(line: Line) -> list[str]:
    """What the search texts hold, opened."""
    with in_center(line.center_id):
        return [one.text for one in SearchText.objects.order_by("conversation")]


@pytest.mark.django_db
def test_what_nobody_put_together_for_days_is_put_together_however_late_the_work_is(
    four: list[Conversation], line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At an odd minute, in parts: each is a job that begins where the one before ended."""
    monkeypatch.setattr(texts, "AT_ONCE", 1)
    monkeypatch.setattr(texts, "PART", 0.0)
    with time_machine.travel(timezone.now() + timedelta(days=9, minutes=7)), in_center(line.center_id):
        Job.objects.update(done_at=timezone.now())
        arrange_gathering(line.center_id)
        arrange_gathering(line.center_id)
    monkeypatch.setattr(texts, "PART", 0.0001)
    work_after(timedelta(days=9, hours=3).total_seconds())
    assert len(held(line)) == 4


@pytest.fixture
def committed(fresh_database: Database) -> Line:
    """A line in a database that commits, with one conversation."""
    with acting(Actor.command("test")):
        center = add_center("Harbor House")
        line = add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN)
    door_of(line.pk)
    text_in(line, "first words", MessageSid=sid(1))
    return line


def test_nothing_is_lost_while_many_gather_and_people_write_are_named_and_are_looked_for(
    committed: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever puts words together read the row before another did, wrote after it, and lost what the other had."""
    monkeypatch.setattr(texts, "QUIET", timedelta(0))
    with in_center(committed.center_id):
        row, center = Conversation.objects.get(), Center.objects.get(pk=committed.center_id)
    ruth, is_over, wrong = employ(center, "Ruth", Role.SUPERVISOR), Event(), []

    def write() -> None:
        for number in range(2, 2 + WRITTEN):
            text_in(committed, f"words {number}", MessageSid=sid(number))

    def name() -> None:
        for number in range(WRITTEN // 2):
            with in_center(committed.center_id):
                name_client(row, name=f"Zoe{number}", by=ruth)

    def gather_on() -> None:
        while not is_over.is_set():
            gather(committed.center_id)

    def look() -> None:
        while not is_over.is_set():
            said = _said(committed)
            if missed := said - _found(committed, ruth):
                wrong.append(missed)

    with ThreadPoolExecutor(6) as pool:
        others = [pool.submit(_alone, work) for work in (gather_on, gather_on, gather_on, look)]
        for work in [pool.submit(_alone, work) for work in (write, name)]:
            work.result(timeout=120)
        is_over.set()
        for work in others:
            work.result(timeout=120)
    assert wrong == []
    gather(committed.center_id)
    together = held(committed)
    with in_center(committed.center_id):
        SearchText.objects.all().delete()
    gather(committed.center_id)
    assert held(committed) == together
    assert f"zoe{WRITTEN // 2 - 1}\t" in together[0]


def _alone(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connection.close()


def _said(line: Line) -> set[int]:
    with in_center(line.center_id):
        return set(Message.objects.filter(direction=Direction.IN).values_list("sequence", flat=True))


def _found(line: Line, member: Membership) -> set[int]:
    with in_center(line.center_id):
        asked = Search(Conversation.objects.all(), member, Query(words_of("words")), timezone.now() + LATER)
        hits = look_through(asked, place=Place(), seconds=60, enough=20).hits
        return {number for hit in hits for number in hit.match.sequences}
