"""Whoever held a conversation is told who took it from her, and one of two who take it wins."""

from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Center, Membership, Role
from audit.models import LogEntry
from messaging import bell
from messaging.actions.assignment import take
from messaging.models import Conversation
from tenancy.scope import in_center
from tests.cast import employ
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    rung: list[dict[str, Any]] = []
    monkeypatch.setattr(bell, "_publish", rung.append)
    return rung


def test_a_takeover_and_a_giving_away_tell_whoever_held_it_by_whom_and_are_on_the_record(
    conversation: Conversation,
    naomi: Membership,
    ruth: Membership,
    adina: Membership,
    rung: list[dict[str, Any]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with in_center(naomi.center_id):
        take(conversation, by=naomi)
    supervisor = signed_in(ruth)
    for to in (ruth, adina, naomi):
        with django_capture_on_commit_callbacks(execute=True):
            supervisor.post(f"/conversations/{conversation.pk}/assign/", {"to": str(to.pk)})
    people = [str(one.staff_id) for one in (naomi, ruth, adina, naomi)]
    assert [news["lost"] for news in rung] == [
        [people[0], people[1], people[1]],
        None,  # she gave her own away
        [people[2], people[1], people[3]],
    ]
    with in_center(naomi.center_id):
        entries = LogEntry.objects.filter(event__in=["taken", "assigned"]).order_by("pk")
        said = [(entry.event, entry.facts["from"], entry.facts["to"]) for entry in entries]
    assert said == [
        ("taken", None, people[0]),
        ("taken", people[0], people[1]),
        ("assigned", people[1], people[2]),
        ("assigned", people[2], people[3]),
    ]


def test_of_two_who_take_it_one_wins_and_the_other_is_told_by_whom(
    conversation: Conversation, naomi: Membership, ruth: Membership
) -> None:
    assert signed_in(naomi).post(f"/conversations/{conversation.pk}/take/").status_code == 302
    page = signed_in(ruth).post(f"/conversations/{conversation.pk}/take/", follow=True).content.decode()
    assert "Naomi Tester already holds this conversation." in page
    with in_center(naomi.center_id):
        assert Conversation.objects.get().assignee_id == naomi.staff_id


def test_a_specialist_who_comes_too_late_hears_by_whom_where_she_may_still_be(
    conversation: Conversation, naomi: Membership, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both saw it free; the colleague's lock came first."""

    def taken_meanwhile(row: Conversation, *, by: Membership) -> None:
        take(row, by=naomi)
        take(row, by=by)

    monkeypatch.setattr("messaging.views.holding.assignment.take", taken_meanwhile)
    answer = signed_in(employ(center, "Hilda", Role.SPECIALIST)).post(
        f"/conversations/{conversation.pk}/take/", follow=True, secure=True
    )
    assert answer.status_code == 200
    assert "Naomi Tester already holds this conversation." in answer.content.decode()
