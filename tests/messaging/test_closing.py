"""Who closes by mistake opens again, and everything is owed as before: nobody falls through by a slip of the hand."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Membership
from messaging.models import Closure, Conversation, FollowUp, Line, NumberEpoch, PhoneNumber
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import sid, signed_in, text_in

pytestmark = pytest.mark.django_db

TAKEN_BACK = "everything is owed as it was before"


@pytest.fixture
def waiting(line: Line) -> Conversation:
    text_in(line, "are you there", MessageSid=sid(1))
    with in_center(line.center_id):
        Conversation.objects.update(failed_at=timezone.now())
        return Conversation.objects.get()


def owed(line: Line) -> list[object]:
    with in_center(line.center_id):
        row = Conversation.objects.get()
        open_ones = FollowUp.objects.open().order_by("pk").values_list("pk", "due_at", "owner")
        return [row.closed_at, row.waiting_since, row.failed_at, *open_ones]


def closed(row: Conversation, by: Membership) -> Browser:
    browser = signed_in(by)
    page = browser.post(f"/conversations/{row.pk}/close/", {"outcome": "answered"}, follow=True).content.decode()
    assert "“Open again” takes it back" in page
    return browser


def reopened(browser: Browser, row: Conversation) -> str:
    return browser.post(f"/conversations/{row.pk}/reopen/", follow=True).content.decode()


def test_who_closes_by_mistake_opens_again_and_she_waits_as_before(
    waiting: Conversation, line: Line, naomi: Membership
) -> None:
    before = owed(line)
    browser = closed(waiting, naomi)
    assert owed(line)[1:] == [None, None], "closing settled all of it, or this proves nothing"
    assert TAKEN_BACK in reopened(browser, waiting)
    assert owed(line) == before


def an_hour(browser: Browser, row: Conversation) -> None:
    with in_center(row.center_id):
        Closure.objects.update(closed_at=timezone.now() - timedelta(minutes=61))


def a_note(browser: Browser, row: Conversation) -> None:
    answer = browser.post(f"/conversations/{row.pk}/notes/", {"body": "it was her sister", "key": uuid7()})
    assert answer.status_code == 201


@pytest.mark.parametrize("passes", [an_hour, a_note])
def test_after_an_hour_or_when_something_was_said_since_it_opens_and_owes_nothing(
    waiting: Conversation, line: Line, naomi: Membership, passes: Callable[[Browser, Conversation], None]
) -> None:
    browser = closed(waiting, naomi)
    passes(browser, waiting)
    assert TAKEN_BACK not in reopened(browser, waiting)
    assert owed(line) == [None, None, None]


def test_on_a_shared_phone_the_closing_that_is_taken_back_gives_her_the_number_back(
    waiting: Conversation, line: Line, naomi: Membership
) -> None:
    with in_center(line.center_id):
        PhoneNumber.objects.update(shared_since=timezone.now())
    before = owed(line)
    browser = closed(waiting, naomi)
    with in_center(line.center_id):
        assert NumberEpoch.objects.get().ended_at is not None, "or this proves nothing"
    assert TAKEN_BACK in reopened(browser, waiting)
    assert owed(line) == before
    with in_center(line.center_id):
        assert NumberEpoch.objects.get().ended_at is None
