"""A note can mention whoever may read it: she is called, finds it marked until she opened it, and no words leave."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.actions.suspending import suspend
from accounts.models import Membership, Role
from audit.models import LogEntry
from messaging import bell
from messaging.actions.assignment import release, take
from messaging.actions.notes import readers_of
from messaging.models import Conversation, Mention, Note
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.cast import employ
from tests.doors import signed_in

pytestmark = pytest.mark.django_db
MARK = "data-mention"
COUNT = "view=mentioned"


@pytest.fixture
def tirza(naomi: Membership) -> Membership:
    """Another specialist of Naomi's center."""
    return employ(naomi.center, "Tirza", Role.SPECIALIST)


def _mentions(writer: Client, conversation: Conversation, *people: Membership, **more: str) -> Any:
    posted = {"body": "@Tirza please look", "key": str(uuid7()), "mentions": [str(one.staff_id) for one in people]}
    return writer.post(f"/conversations/{conversation.pk}/notes/", {**posted, **more}, headers={"HX-Request": "true"})


def _marked(client: Client) -> tuple[bool, bool, int]:
    """Whether a row of hers is marked, whether the view of mentions holds one, and what the tab counts."""
    return (
        MARK in client.get("/inbox/list/?view=open").content.decode(),
        MARK in client.get(f"/inbox/list/?{COUNT}").content.decode(),
        client.get("/news/").json()["waiting"],
    )


def test_whoever_is_mentioned_is_called_and_finds_it_marked_and_counted_until_she_has_opened_it(
    conversation: Conversation,
    naomi: Membership,
    tirza: Membership,
    ruth: Membership,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with in_center(naomi.center_id):
        Conversation.objects.update(waiting_since=None)
    rung: list[dict[str, Any]] = []
    monkeypatch.setattr(bell, "_publish", rung.append)
    writer, hers, other = (signed_in(member) for member in (naomi, tirza, ruth))
    with django_capture_on_commit_callbacks(execute=True):
        answer = _mentions(writer, conversation, tirza)
    assert answer.status_code == 201
    assert "Mentions" in answer.content.decode()
    assert [news["called"] for news in rung] == [[str(tirza.staff_id)]]
    assert "please" not in str(rung)
    assert _marked(hers) == (True, True, 1)
    assert _marked(other) == _marked(writer) == (False, False, 0)

    other.get(f"/conversations/{conversation.pk}/")
    assert _marked(hers) == (True, True, 1), "another one's reading is not hers"
    hers.get(f"/conversations/{conversation.pk}/")
    assert _marked(hers) == (False, False, 0)
    with in_center(naomi.center_id):
        assert Mention.objects.get().seen_at is not None
        entry = LogEntry.objects.get(event="mentioned")
    assert (entry.actor_id, entry.facts) == (naomi.staff_id, {"to": str(tirza.staff_id)})


def test_somebody_who_may_not_read_it_is_not_offered_and_cannot_be_mentioned(
    conversation: Conversation,
    naomi: Membership,
    tirza: Membership,
    ruth: Membership,
    adina: Membership,
    mara: Membership,
) -> None:
    gone, auditor = employ(naomi.center, "Gil", Role.SUPERVISOR), employ(naomi.center, "Ada", Role.AUDITOR)
    with in_center(naomi.center_id):
        suspend(gone, by=adina)
        take(conversation, by=naomi)
    writer = signed_in(naomi)
    offered = writer.get(f"/conversations/{conversation.pk}/readers/").content.decode()
    assert str(ruth.staff_id) in offered, "or this proves nothing"
    for outsider in (tirza, mara, gone, auditor, naomi):
        assert str(outsider.staff_id) not in offered
        answer = _mentions(writer, conversation, ruth, outsider)
        assert (answer.status_code, "please look" in answer.content.decode()) == (422, True)
    with in_center(naomi.center_id):
        assert not Note.objects.exists()
        assert not Mention.objects.exists()


@pytest.mark.parametrize("is_held", [False, True])
def test_whoever_can_be_mentioned_is_whoever_may_read(
    conversation: Conversation, naomi: Membership, tirza: Membership, ruth: Membership, adina: Membership, is_held: bool
) -> None:
    auditor = employ(naomi.center, "Ada", Role.AUDITOR)
    with in_center(naomi.center_id):
        if is_held:
            take(conversation, by=naomi)
        row = Conversation.objects.get()
        everybody = {naomi, tirza, ruth, adina, auditor}
        may_read = {one for one in everybody if Conversation.objects.visible_to(one).exists()}
        assert set(readers_of(row)) == may_read
    assert everybody - may_read, "or this proves nothing"


def test_a_mention_shows_only_while_she_may_read_what_mentions_her(
    conversation: Conversation, naomi: Membership, tirza: Membership
) -> None:
    with in_center(naomi.center_id):
        Conversation.objects.update(waiting_since=None)
    hers = signed_in(tirza)
    assert _mentions(signed_in(naomi), conversation, tirza).status_code == 201
    with in_center(naomi.center_id):
        take(conversation, by=naomi)
    assert _marked(hers) == (False, False, 0)
    with in_center(naomi.center_id):
        release(conversation, by=naomi)
    assert _marked(hers) == (True, True, 1)


def test_a_note_that_is_posted_twice_mentions_once(
    conversation: Conversation, naomi: Membership, tirza: Membership
) -> None:
    key, writer = str(uuid7()), signed_in(naomi)
    for _ in range(2):
        assert _mentions(writer, conversation, tirza, key=key).status_code == 201
    with in_center(naomi.center_id):
        assert Mention.objects.count() == 1
