"""A desk that is left locks: nothing of a client is seen or heard there, and nothing that was begun is lost."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP

from accounts.models import Membership
from accounts.routes import patterns
from accounts.sockets import members_of
from audit.events import Event
from audit.models import LogEntry
from messaging.models import Conversation, Line, Message
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.accounts.test_gate import PUBLIC, address
from tests.doors import signed_in, text_in

pytestmark = pytest.mark.django_db
IDLE = timedelta(seconds=settings.SESSION_IDLE_SECONDS + 1)


@pytest.fixture
def conversation(line: Line) -> Conversation:
    text_in(line, "only for her desk")
    with in_center(line.center_id):
        return Conversation.objects.get()


def unlock(client: Client, member: Membership, back: str = "") -> Any:
    """Give the next code of the authenticator app."""
    totp = TOTP(member.staff.totpdevice_set.latest("created_at").key)
    totp.time = timezone.now().timestamp() + 30
    return client.post("/confirm/", {"code": f"{totp.token():06d}", "next": back})


def asked(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).path == "/confirm/"
    return parse_qs(urlsplit(answer["Location"]).query)


def events(member: Membership, event: Event) -> int:
    with in_center(member.center_id):
        return LogEntry.objects.filter(event=event).count()


def test_one_press_locks_and_a_factor_opens_where_one_was(naomi: Membership, conversation: Conversation) -> None:
    client, page = signed_in(naomi), f"/conversations/{conversation.pk}/"
    locked = client.post("/lock/", headers={"Referer": f"https://quietline.test{page}"})
    assert asked(locked) == {"why": ["locked"], "next": [page]}
    assert asked(client.get(page)) == {"why": ["locked"], "next": [page]}
    words = client.get(locked["Location"]).content.decode()
    assert "This desk is locked" in words
    assert "only for her desk" not in words
    assert unlock(client, naomi, page)["Location"] == page
    assert "only for her desk" in client.get(page).content.decode()
    assert events(naomi, Event.SESSION_LOCKED) == 1


def test_a_desk_that_two_tabs_lock_opens_once(naomi: Membership) -> None:
    client = signed_in(naomi)
    client.post("/lock/")
    assert asked(client.post("/lock/"))["why"] == ["locked"]
    assert unlock(client, naomi, "/follow-ups/")["Location"] == "/follow-ups/", "no lock waited to go on"


def test_a_desk_that_was_left_alone_locks_by_itself(naomi: Membership, conversation: Conversation) -> None:
    client = signed_in(naomi)
    assert client.get("/").status_code == 200
    with time_machine.travel(timezone.now() + IDLE):
        assert asked(client.get("/")) == {"why": ["locked"], "next": ["/"]}
        client.get("/")
        assert events(naomi, Event.SESSION_LOCKED) == 1
        assert unlock(client, naomi).status_code == 302
        assert client.get("/").status_code == 200


def test_what_asks_by_itself_does_not_keep_a_desk_open(naomi: Membership) -> None:
    client = signed_in(naomi)
    with time_machine.travel(timezone.now() + IDLE / 2):
        assert client.get("/inbox/list/").status_code == 200
    with time_machine.travel(timezone.now() + IDLE):
        answer = client.get("/inbox/list/", headers={"HX-Request": "true", "HX-Current-URL": "https://quietline.test/"})
        assert answer.status_code == 401
        assert answer["HX-Redirect"].startswith("/confirm/")


def test_every_address_is_shut_while_it_is_locked(adina: Membership, conversation: Conversation) -> None:
    client = signed_in(adina)
    client.post("/lock/")
    for pattern in patterns():
        if pattern.name in PUBLIC or str(pattern.name).startswith("confirm"):
            continue
        for answer in (client.get(address(pattern)), client.post(address(pattern), {"x": "y"})):
            assert asked(answer)["why"] == ["locked"], pattern.name


def test_a_reply_that_was_posted_from_a_locked_desk_waits_and_goes_on(
    naomi: Membership, conversation: Conversation, line: Line
) -> None:
    client, page = signed_in(naomi), f"/conversations/{conversation.pk}/"
    reply = {"body": "I am here for you", "last_sequence": 1, "key": uuid7()}
    with time_machine.travel(timezone.now() + IDLE):
        asked(client.post(f"{page}replies/", reply, headers={"Referer": f"https://quietline.test{page}"}))
        with in_center(line.center_id):
            assert not Message.objects.filter(direction="out").exists()
        going = unlock(client, naomi, page).content.decode()
    assert "I am here for you" in going
    assert f'action="{page}replies/"' in going


def test_its_sockets_hear_nothing_until_it_is_opened_again(naomi: Membership) -> None:
    client = signed_in(naomi)
    key = str(client.session.session_key)
    assert members_of([key])
    client.post("/lock/")
    assert members_of([key]) == {}
    unlock(client, naomi)
    assert members_of([key]) == {}, "it has a new key"
    assert members_of([str(client.session.session_key)])
    with time_machine.travel(timezone.now() + IDLE):
        assert members_of([str(client.session.session_key)]) == {}


def test_a_wrong_code_opens_nothing_and_another_person_can_sign_out(naomi: Membership, ruth: Membership) -> None:
    client = signed_in(naomi)
    client.post("/lock/")
    signed_in(ruth)
    assert unlock(client, ruth).status_code == 422
    asked(client.get("/"))
    assert "Somebody else: sign out" in client.get("/confirm/?why=locked").content.decode()
    client.post("/sign-out/")
    assert client.get("/")["Location"].startswith("/sign-in/")


def test_a_locked_desk_does_not_live_for_ever(naomi: Membership) -> None:
    client = signed_in(naomi)
    client.post("/lock/")
    with time_machine.travel(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE + 1)):
        assert client.get("/")["Location"].startswith("/sign-in/")


def test_every_page_carries_the_lock_and_the_page_that_asks_does_not(naomi: Membership) -> None:
    client = signed_in(naomi)
    assert f'<idle-lock seconds="{settings.SESSION_IDLE_SECONDS}"' in client.get("/").content.decode()
    client.post("/lock/")
    assert "<idle-lock" not in client.get("/confirm/?why=locked").content.decode()
