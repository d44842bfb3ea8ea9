import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Center
from audit.events import Event
from audit.models import LogEntry
from messaging.models import Line, Template
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    return file


def run(center: Center, token: Path, number: str = LINE_NUMBER, *arguments: str) -> str:
    """The command as it is typed; later arguments win."""
    out = StringIO()
    usual = ["--center", str(center.pk), "--account-sid", ACCOUNT, "--auth-token-file", str(token)]
    call_command("add_line", number, *usual, *arguments, stdout=out)
    return out.getvalue()


def add(center: Center, token: Path, number: str = LINE_NUMBER, *arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(center, token, number, *arguments, "--json"))
    return answer


def test_it_prints_the_addresses_to_set_at_twilio(center: Center, token: Path) -> None:
    answer = add(center, token)
    base = f"{settings.PUBLIC_BASE_URL}/hooks/twilio/{answer['line']}"
    assert answer == {
        "line": answer["line"],
        "number": LINE_NUMBER,
        "webhooks": {
            "message": f"{base}/message",
            "status": f"{base}/status",
            "voice": f"{base}/voice",
            "call_status": f"{base}/call_status",
        },
    }


def test_the_token_is_kept_sealed_and_without_its_line_break(center: Center, token: Path) -> None:
    add(center, token, LINE_NUMBER, "--messaging-service", "MG" + "3" * 32)
    with in_center(center.pk):
        line = Line.objects.get()
        assert line.credentials == {"account_sid": ACCOUNT, "auth_token": TOKEN}
        assert line.messaging_service_sid == "MG" + "3" * 32
        entry = LogEntry.objects.get(event=Event.LINE_ADDED)
        assert TOKEN not in str(entry.facts)


def test_a_center_may_be_named(center: Center, token: Path) -> None:
    assert add(center, token, LINE_NUMBER, "--center", "Harbor House")["number"] == LINE_NUMBER


@pytest.mark.parametrize("number", ["+1 (614) 555-0199", "614-555-0199", "+16145550199"])
def test_a_number_is_kept_in_one_form(center: Center, token: Path, number: str) -> None:
    assert add(center, token, number)["number"] == LINE_NUMBER


def test_the_second_line_brings_no_second_set_of_words(center: Center, token: Path) -> None:
    add(center, token)
    with in_center(center.pk):
        before = Template.objects.count()
    add(center, token, "+16145550188")
    with in_center(center.pk):
        assert Template.objects.count() == before


@pytest.mark.parametrize(
    ("number", "more", "sentence"),
    [
        ("nonsense", [], "not a phone number"),
        ("+1614", [], "not a phone number"),
        (LINE_NUMBER, ["--account-sid", "AC123"], "Account SID: This is AC and 32 signs"),
        (LINE_NUMBER, ["--messaging-service", "XX"], "Messaging service SID: This is MG and 32 signs"),
        (LINE_NUMBER, ["--auth-token-file", "/nowhere/at/all"], "cannot be read"),
        (LINE_NUMBER, ["--center", "Nobody"], "enter"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    center: Center, token: Path, number: str, more: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        add(center, token, number, *more)
    with in_center(center.pk):
        assert not Line.objects.exists()


def test_an_empty_token_is_refused(center: Center, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n")
    with pytest.raises(CommandError, match="empty"):
        add(center, empty)


def test_a_number_that_the_center_has_is_refused(center: Center, token: Path) -> None:
    add(center, token)
    with pytest.raises(CommandError, match="this line already"):
        add(center, token)


def test_for_people_it_lists_the_addresses(center: Center, token: Path) -> None:
    said = run(center, token)
    assert "call_status" in said
    assert TOKEN not in said
