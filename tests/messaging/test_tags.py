"""Tags: kept by whoever sets the center's words, put on by whoever answers, found by the search, on the record."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Center, Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.actions import tags
from messaging.actions.search import texts
from messaging.actions.tags import add_tag, rename_tag, retire_tag
from messaging.models import Client, Conversation, EventKind, SearchText, Tag
from tenancy.scope import in_center
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ride(center: Center) -> Tag:
    with in_center(center.pk):
        return add_tag(center, "Necesita transporte, Peñón")


def post(conversation: Conversation, by: Membership, door: str = "tags", **fields: Any) -> Any:
    return signed_in(by).post(f"/conversations/{conversation.pk}/{door}/", fields, headers={"HX-Request": "true"})


def labels_of(conversation: Conversation) -> list[str]:
    with in_center(conversation.center_id):
        return [tag.label for tag in Client.objects.get(pk=conversation.client_id).tags.all()]


def found(by: Membership, words: str) -> bool:
    fields = {"words": words, "kind": "", "holder": "", "since": "", "until": ""}
    page = signed_in(by).post("/search/results/", fields, headers={"HX-Request": "true"})
    assert page.status_code == 200
    return "found__one" in page.content.decode()


def test_a_supervisor_keeps_the_list_and_nothing_of_it_stands_in_clear(center: Center, ruth: Membership) -> None:
    browser = signed_in(ruth)
    for label in ("first", "second", "third"):
        assert browser.post("/settings/tags/", {"label": label}).status_code == 302
    with in_center(center.pk):
        first, second, third = Tag.objects.all()

    browser.post(f"/settings/tags/{third.pk}/move/", {"by": "-1"})
    browser.post(f"/settings/tags/{third.pk}/move/", {"by": "-1"})
    browser.post(f"/settings/tags/{third.pk}/move/", {"by": "-1"})
    browser.post(f"/settings/tags/{first.pk}/retire/")
    renamed = browser.post(f"/settings/tags/{second.pk}/", {"label": "Zweite"})
    doubled = browser.post("/settings/tags/", {"label": "FÍRST"})

    assert (renamed.status_code, doubled.status_code) == (302, 422)
    assert "There is a tag of that name already" in doubled.content.decode()
    with in_center(center.pk):
        assert [tag.label for tag in Tag.objects.in_use()] == ["third", "Zweite"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT t::text FROM messaging_tag t")
            assert not any(b"Zweite".hex() in row or "Zweite" in row for (row,) in cursor.fetchall())
        assert LogEntry.objects.filter(event=Event.TAGS_CHANGED).count() == 8
    browser.post(f"/settings/tags/{first.pk}/revive/")
    with in_center(center.pk):
        assert [tag.label for tag in Tag.objects.in_use()] == ["third", "Zweite", "first"]


def test_a_center_has_no_more_tags_than_anybody_can_look_through(
    center: Center, ruth: Membership, ride: Tag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "MOST", 1)
    assert signed_in(ruth).post("/settings/tags/", {"label": "one more"}).status_code == 422
    with in_center(center.pk):
        retire_tag(ride)
    assert signed_in(ruth).post("/settings/tags/", {"label": "one more"}).status_code == 302
    signed_in(ruth).post(f"/settings/tags/{ride.pk}/revive/")
    with in_center(center.pk):
        assert [tag.label for tag in Tag.objects.in_use()] == ["one more"]


def test_a_tag_is_put_on_and_taken_off_seen_in_the_list_and_undone_on_the_record(
    conversation: Conversation, naomi: Membership, ride: Tag
) -> None:
    answer = post(conversation, naomi, put_on=ride.pk)
    assert 'aria-pressed="true"' in answer.content.decode()
    assert post(conversation, naomi, put_on=ride.pk).status_code == 200, "twice is once"
    assert labels_of(conversation) == [ride.label]
    assert ride.label in signed_in(naomi).get("/?view=open").content.decode().partition('id="row-')[2]

    post(conversation, naomi, take_off=ride.pk)
    assert labels_of(conversation) == []
    history = signed_in(naomi).get(f"/conversations/{conversation.pk}/card/history/").content.decode()
    assert f"Tags, before: {ride.label}" in history
    assert "Tags, before: nothing" in history

    assert post(conversation, naomi, "card/undo", seen=2).status_code == 200
    assert labels_of(conversation) == [ride.label]
    with in_center(conversation.center_id):
        facts = [entry.facts for entry in LogEntry.objects.filter(event=Event.CLIENT_CHANGED)]
        assert facts == [{"field": "tags"}] * 3
        assert conversation.events.filter(what=EventKind.TAGGED).count() == 2


def test_what_is_out_of_use_comes_off_and_not_on_and_another_centers_tag_does_not_exist(
    conversation: Conversation, naomi: Membership, ride: Tag, other_center: Center
) -> None:
    with in_center(other_center.pk):
        foreign = add_tag(other_center, "theirs")
    post(conversation, naomi, put_on=ride.pk)
    with in_center(conversation.center_id):
        retire_tag(ride)

    assert post(conversation, naomi, put_on=foreign.pk).status_code == 422
    assert post(conversation, naomi).status_code == 422
    assert labels_of(conversation) == [ride.label]
    assert post(conversation, naomi, take_off=ride.pk).status_code == 200
    refused = post(conversation, naomi, put_on=ride.pk)
    assert refused.status_code == 422
    assert "Please choose a tag that is in use" in refused.content.decode()
    assert labels_of(conversation) == []


@pytest.mark.parametrize("is_gathered", [False, True])
def test_a_tag_finds_her_folded_by_its_name_of_now_and_filters_her(
    conversation: Conversation, naomi: Membership, ride: Tag, is_gathered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_gathered:
        monkeypatch.setattr(texts, "QUIET", timedelta(0))
        texts.gather(conversation.center_id)
    assert not found(naomi, "penon")

    post(conversation, naomi, put_on=ride.pk)
    if is_gathered:
        texts.gather(conversation.center_id)
        with in_center(conversation.center_id):
            assert SearchText.objects.count() == 1
    assert found(naomi, "TRANSPORTE penon")
    with in_center(conversation.center_id):
        rename_tag(ride, "Llega en autobús")
        assert list(Conversation.objects.with_tag(ride.pk)) == [conversation]
    assert found(naomi, "autobus")
    assert not found(naomi, "penon")

    post(conversation, naomi, take_off=ride.pk)
    assert not found(naomi, "autobus")
    with in_center(conversation.center_id):
        assert not Conversation.objects.with_tag(ride.pk).exists()
