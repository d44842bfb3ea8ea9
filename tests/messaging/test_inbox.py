import re
from datetime import datetime, time
from typing import Any

import pytest
import time_machine

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.models import Conversation, Line, Message, OpeningHours, Status
from tenancy.ids import uuid7
from tenancy.scope import in_center, in_platform
from tests.doors import signed_in, text_in
from tests.messaging.conftest import Reply

pytestmark = pytest.mark.django_db


def test_somebody_signs_in_and_sees_who_waits(line: Line, naomi: Membership) -> None:
    text_in(line, "I need to talk")
    page = signed_in(naomi).get("/")

    assert page.status_code == 200
    assert "I need to talk" in page.content.decode()


def test_a_reply_waits_to_be_sent_and_answers_her(line: Line, naomi: Membership) -> None:
    text_in(line, "I need to talk")
    with in_center(line.center_id):
        conversation = Conversation.objects.get()
    client = signed_in(naomi)
    page = client.get(f"/conversations/{conversation.pk}/")
    assert page.status_code == 200, page.content
    posted = client.post(
        f"/conversations/{conversation.pk}/replies/",
        {"body": "I am here", "last_sequence": 1, "key": str(uuid7())},
    )

    assert posted.status_code == 201, posted.content
    with in_center(line.center_id):
        message = Message.objects.get(direction="out")
        assert message.status == Status.QUEUED
        assert message.body == "I am here"
        conversation.refresh_from_db()
        assert conversation.waiting_since is None
        assert conversation.assignee_id == naomi.staff_id


def test_what_a_colleague_holds_is_given_and_not_taken(
    line: Line, conversation: Conversation, reply: Reply, naomi: Membership, ruth: Membership
) -> None:
    client, page = signed_in(ruth), f"/conversations/{conversation.pk}/"
    assert f"{page}take/" in client.get(page).content.decode(), "or this proves nothing"
    reply(naomi)
    assert f"{page}take/" not in client.get(page).content.decode()


def test_her_whole_number_is_shown_when_it_is_asked_for_and_that_is_on_the_record(
    naomi: Membership, mara: Membership, conversation: Conversation
) -> None:
    browser = signed_in(naomi)
    browser.post(f"/conversations/{conversation.pk}/take/")
    page = browser.get(f"/conversations/{conversation.pk}/").content.decode()
    assert "ends in 01" in page
    assert "614-555-0101" not in page
    card = browser.post(f"/conversations/{conversation.pk}/number/").content.decode()
    assert "+1 614-555-0101" in card
    with in_platform():
        shown = LogEntry.objects.get(event=Event.NUMBER_SHOWN)
    assert (shown.actor_id, shown.conversation_id) == (naomi.staff_id, conversation.pk)
    assert signed_in(mara).post(f"/conversations/{conversation.pk}/number/").status_code == 404
    assert browser.get(f"/conversations/{conversation.pk}/number/").status_code == 405


@pytest.mark.parametrize(("now", "counts"), [("2026-06-08T10:00-04:00", True), ("2026-06-06T10:00-04:00", False)])
def test_a_row_says_how_long_she_has_waited_in_open_hours(
    line: Line, naomi: Membership, now: str, counts: bool
) -> None:
    """She wrote on Friday an hour before closing; on Saturday nobody counts on."""
    with in_center(line.center_id):
        OpeningHours.objects.all().delete()
        for day in range(5):
            OpeningHours.objects.create(center=line.center, weekday=day, opens=time(9), closes=time(17))
    with time_machine.travel(datetime.fromisoformat("2026-06-05T16:00-04:00"), tick=False):
        text_in(line, "I need to talk")
    with time_machine.travel(datetime.fromisoformat(now), tick=False):
        page = signed_in(naomi).get("/").content.decode()
    assert f'data-minutes="{120 if counts else 60}"' in page
    assert ('data-counts-from=""' in page) is not counts


def test_the_list_that_a_page_shows_is_not_sent_again_until_another_one_is_to_be_drawn(
    line: Line, naomi: Membership
) -> None:
    with time_machine.travel(datetime.fromisoformat("2026-06-08T10:00-04:00"), tick=False) as clock:
        text_in(line, "I need to talk")
        client = signed_in(naomi)
        shown = re.search(r'data-mark="(\w+)"', client.get("/").content.decode())
        assert shown

        def ask(mark: str) -> Any:
            return client.get("/inbox/list/?current=&shown=1", headers={"List-Mark": mark})

        clock.shift(20)
        same = ask(shown[1])
        assert (same.status_code, same.content) == (204, b"")
        clock.shift(60)
        later = ask(shown[1])
        assert later.status_code == 200, "she has waited a minute longer"
        text_in(line, "Are you there?", MessageSid="SM" + "2" * 32)
        newer = ask(later.headers["List-Mark"])
        assert "Are you there?" in newer.content.decode()
        assert ask(newer.headers["List-Mark"]).status_code == 204
        assert ask("").status_code == 200
