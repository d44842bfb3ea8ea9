"""A new center is led to its first text: each step is looked at for real, and nothing unproved is kept."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Center, Membership
from audit.models import LogEntry
from messaging.actions import starting
from messaging.models import Line
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN
from tests.doors import signed_in, text_in
from tests.messaging.test_connecting import number_at
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db
RIGHT = {"number": "614 555 0199", "account_sid": ACCOUNT, "auth_token": TOKEN, "messaging_service_sid": ""}


@pytest.fixture
def admin(adina: Membership) -> Client:
    return signed_in(adina)


def _lines(member: Membership) -> list[Line]:
    with in_center(member.center_id):
        return list(Line.objects.all())


def _steps(member: Membership) -> list[bool]:
    with in_center(member.center_id):
        return starting.progress_of(member).steps


def test_a_number_that_twilio_says_is_theirs_is_connected_and_its_token_is_shown_to_nobody(
    twin: TwinProcess, admin: Client, adina: Membership
) -> None:
    assert _steps(adina)[0] is False
    answer = admin.post("/settings/start/line/", RIGHT, follow=True)
    assert answer.redirect_chain == [("/settings/start/", 302)]
    (line,) = _lines(adina)
    with in_center(adina.center_id):
        assert (line.number, line.credentials["auth_token"]) == (LINE_NUMBER, TOKEN)
        assert LogEntry.objects.filter(event="line_added").count() == 1
    assert TOKEN not in answer.content.decode()
    assert _steps(adina)[:2] == [True, False]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"auth_token": "0" * 32}, "Twilio does not accept this account SID and token together"),
        ({"number": "+1 614 555 0142"}, "This account does not hold this number"),
        ({"account_sid": "AC12"}, "This is AC and 32 signs"),
        ({"number": "soon"}, "This is not a phone number"),
        ({"messaging_service_sid": "MG1"}, "This is MG and 32 signs"),
    ],
)
def test_what_twilio_does_not_confirm_is_said_and_nothing_of_it_is_kept(
    twin: TwinProcess, admin: Client, adina: Membership, wrong: dict[str, str], words: str
) -> None:
    answer = admin.post("/settings/start/line/", RIGHT | wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert _lines(adina) == []
    assert RIGHT["auth_token"] not in answer.content.decode()


def test_a_twilio_that_cannot_be_asked_is_said_and_nothing_is_kept(
    twin: TwinProcess, admin: Client, adina: Membership, settings: Settings
) -> None:
    settings.TWILIO_API_BASE_URL = "http://127.0.0.1:9"
    answer = admin.post("/settings/start/line/", RIGHT)
    assert answer.status_code == 422
    assert "cannot be asked just now" in answer.content.decode()
    assert _lines(adina) == []


def test_twilio_is_made_to_call_us_and_the_first_text_is_what_proves_it(
    twin: TwinProcess, admin: Client, adina: Membership, line: Line, settings: Settings
) -> None:
    def page() -> str:
        return str(admin.get("/settings/start/steps/").content.decode())

    assert "Have Twilio call us" in page()
    admin.post(f"/settings/start/lines/{line.pk}/connect/")
    assert number_at(twin)["message_url"].startswith(f"{settings.PUBLIC_BASE_URL}/hooks/twilio/{line.pk}/message")
    assert "Waiting for the first text" in page()
    assert _steps(adina)[1] is False, "an address that is set is not yet one that works"
    text_in(line)
    assert "A first text or call has arrived" in page()
    assert _steps(adina)[1] is True


def test_addresses_that_somebody_changed_at_twilio_are_not_taken_for_right(
    twin: TwinProcess, admin: Client, adina: Membership, line: Line, settings: Settings
) -> None:
    admin.post(f"/settings/start/lines/{line.pk}/connect/")
    assert _lines(adina)[0].connected_at is not None
    settings.TWILIO_API_BASE_URL = "http://127.0.0.1:9"
    answer = admin.post(f"/settings/start/lines/{line.pk}/connect/", follow=True)
    assert "cannot be asked just now" in answer.content.decode()
    assert _lines(adina)[0].connected_at is None


def test_colleagues_count_when_they_have_come_in_and_can_answer(
    adina: Membership, line: Line, request: pytest.FixtureRequest
) -> None:
    assert _steps(adina)[4] is False
    request.getfixturevalue("naomi")
    assert _steps(adina)[4] is True


def test_the_hint_is_on_every_page_of_an_admin_until_she_says_that_it_is_done(
    admin: Client, adina: Membership, naomi: Membership
) -> None:
    def leads(client: Client) -> bool:
        return "Go through the first steps" in client.get("/").content.decode()

    assert leads(admin)
    assert not leads(signed_in(naomi)), "she can do nothing about it"
    assert admin.post("/settings/start/finish/")["Location"] == "/"
    assert not leads(admin)
    with in_center(adina.center_id):
        assert Center.objects.get(pk=adina.center_id).set_up_at is not None
        assert LogEntry.objects.filter(event="center_set_up").count() == 1
    admin.post("/settings/start/finish/")
    with in_center(adina.center_id):
        assert LogEntry.objects.filter(event="center_set_up").count() == 1, "once is enough"


def test_only_a_few_questions_are_asked_while_a_page_waits(
    admin: Client, line: Line, django_assert_max_num_queries: Any
) -> None:
    admin.get("/settings/start/steps/")
    with django_assert_max_num_queries(16):
        admin.get("/settings/start/steps/")
