"""What is half typed: through the page, as a person types it in one window, in two, and at another desk."""

import re
from typing import Any

import pytest

from accounts.models import Membership
from messaging.actions.assignment import assign
from messaging.models import Conversation, Draft
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


class Desk:
    """A browser of somebody's, with one window open on the conversation."""

    def __init__(self, member: Membership, row: Conversation) -> None:
        self.client, self.row, self.member = signed_in(member), row, member
        self.open()

    def open(self) -> str:
        self.page: str = self.client.get(f"/conversations/{self.row.pk}/").content.decode()
        form = self.page.split(f"/conversations/{self.row.pk}/replies/")[-1]
        values = [re.search(rf'name="{name}"\s+value="([^"]*)"', form) for name in ("key", "version")]
        self.key, self.version = (found[1] if found else "" for found in values)
        return self.page

    def type(self, body: str, **more: str) -> Any:
        posted = {"body": body, "key": self.key, "version": self.version, **more}
        return self.client.post(f"/conversations/{self.row.pk}/draft/", posted)

    def post(self, door: str, **words: str) -> Any:
        posted = {"last_sequence": "99", "key": str(uuid7()), **words}
        return self.client.post(f"/conversations/{self.row.pk}/{door}/", posted)


def kept(member: Membership, row: Conversation) -> tuple[str, str | None, str | None]:
    with in_center(row.center_id):
        draft = Draft.objects.get(staff=member.staff_id)
        return draft.body, draft.note, draft.beside


def test_a_reply_and_a_note_are_there_again_at_another_desk_after_signing_out_and_after_it_was_given_away_and_back(
    conversation: Conversation, naomi: Membership, ruth: Membership
) -> None:
    first = Desk(naomi, conversation)
    assert first.type("half a reply", note="half a note").status_code == 204
    first.client.post("/sign-out/")
    with in_center(conversation.center_id):
        assign(conversation, to=ruth, by=ruth)
    assert Desk(ruth, conversation).page.count("half a") == 0
    with in_center(conversation.center_id):
        assign(conversation, to=naomi, by=ruth)
    page = Desk(naomi, conversation).page
    assert ">half a reply</textarea>" in page and ">half a note</textarea>" in page


def test_nobody_else_reads_it_no_colleague_and_no_admin(
    conversation: Conversation, naomi: Membership, ruth: Membership, adina: Membership
) -> None:
    Desk(naomi, conversation).type("for my eyes", note="for mine too", beside="x")
    for other in (ruth, adina):
        page = Desk(other, conversation).page
        assert "for my eyes" not in page and "for mine too" not in page


def test_of_two_windows_the_second_shows_both_and_nothing_is_lost_until_she_has_chosen(
    conversation: Conversation, naomi: Membership
) -> None:
    one, two = Desk(naomi, conversation), Desk(naomi, conversation)
    assert one.type("Come at ten").status_code == 204
    told = two.type("Call me")
    assert (told.status_code, told.json()["body"]) == (409, "Come at ten")
    assert two.type("Call me tomorrow").status_code == 409
    assert one.type("Come at ten, please").status_code == 204, "the first window goes on undisturbed"
    assert kept(naomi, conversation) == ("Come at ten, please", None, "Call me tomorrow")

    page = two.open()
    assert ">Come at ten, please</textarea>" in page and "Call me tomorrow" in page
    assert two.type("Come at ten, please!").status_code == 204
    assert kept(naomi, conversation)[2] == "Call me tomorrow", "typing on is no choice"
    two.type("Call me tomorrow", has_chosen="on")
    assert kept(naomi, conversation) == ("Call me tomorrow", None, None)


def test_a_window_is_never_in_its_own_way_in_whichever_order_its_words_arrive(
    conversation: Conversation, naomi: Membership
) -> None:
    desk = Desk(naomi, conversation)
    for words in ("Hel", "Hello there", "Hello", "Good morning"):
        assert desk.type(words).status_code == 204
    assert kept(naomi, conversation) == ("Good morning", None, None)


def test_a_reply_that_is_sent_leaves_the_note_and_brings_forward_what_stood_beside_it(
    conversation: Conversation, naomi: Membership
) -> None:
    one, two = Desk(naomi, conversation), Desk(naomi, conversation)
    one.type("Come at ten", note="ask about Sunday")
    two.type("Call me")
    assert one.post("replies", body="Come at ten").status_code == 201
    assert kept(naomi, conversation) == ("Call me", "ask about Sunday", None)
    assert one.post("notes", body="ask about Sunday").status_code == 201
    assert kept(naomi, conversation) == ("Call me", None, None)


def test_what_arrives_after_its_form_was_sent_is_no_draft_any_more(
    conversation: Conversation, naomi: Membership
) -> None:
    desk, note_key = Desk(naomi, conversation), str(uuid7())
    assert desk.post("replies", body="Come at ten", key=desk.key).status_code == 201
    assert desk.post("notes", body="ask about Sunday", key=note_key).status_code == 201
    assert desk.type("Come at ten", note="ask about Sunday", note_key=note_key).status_code == 204
    with in_center(conversation.center_id):
        assert not Draft.objects.exists()


def test_a_paste_that_is_far_too_long_to_send_is_kept(conversation: Conversation, naomi: Membership) -> None:
    long = "palabra " * 6_000
    assert Desk(naomi, conversation).type(long).status_code == 204
    assert kept(naomi, conversation)[0] == long.strip()


def test_after_signing_out_nothing_is_taken_in_and_nothing_told(conversation: Conversation, naomi: Membership) -> None:
    desk = Desk(naomi, conversation)
    desk.type("half a reply")
    desk.client.post("/sign-out/")
    answer = desk.type("somebody else")
    assert answer.status_code in (302, 401, 403)
    assert b"half a reply" not in answer.content
    assert kept(naomi, conversation)[0] == "half a reply"
    assert "no-store" in signed_in(naomi).get(f"/conversations/{conversation.pk}/")["Cache-Control"]


def test_white_space_that_somebody_typed_stays_and_a_pages_own_is_not_sent(
    conversation: Conversation, naomi: Membership
) -> None:
    desk = Desk(naomi, conversation)
    words = "Tuesday:\n\n      at ten"
    desk.type(words)
    page = desk.open()
    assert f">{words}</textarea>" in page
    own = page.replace(words, "").replace("\n  <option", "")  # Django's own widgets come as they are
    assert not re.search(r"\n {2}", own), "a line begins with what only its writer needed"
