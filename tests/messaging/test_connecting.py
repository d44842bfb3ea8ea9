"""Whether Twilio calls the right addresses for a line, and setting them right."""

import json
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from audit.events import Event
from audit.models import LogEntry
from messaging.models import Line
from tenancy.scope import in_center
from tests.cast import LINE_NUMBER
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db


def doctor(*options: str) -> str:
    """What doctor says of the line."""
    out = StringIO()
    try:
        call_command("doctor", "--json", *options, stdout=out)
    except SystemExit:
        assert any(finding["red"] for finding in json.loads(out.getvalue()))
    (fix,) = [one["fix"] for one in json.loads(out.getvalue()) if one["check"].startswith("webhooks of line")]
    return str(fix)


def number_at(twin: TwinProcess) -> dict[str, Any]:
    (account,) = twin.ask("GET", "/twin/config")["accounts"]
    (number,) = account["numbers"]
    assert number["number"] == LINE_NUMBER
    return dict(number)


def test_doctor_names_a_line_whose_addresses_are_others(twin: TwinProcess, line: Line) -> None:
    assert "doctor --fix" in doctor()


def test_doctor_sets_them_with_retries_and_a_fallback_and_reads_them_back(twin: TwinProcess, line: Line) -> None:
    assert doctor("--fix") == ""
    hook = f"{settings.PUBLIC_BASE_URL}/hooks/twilio/{line.pk}/"
    number = number_at(twin)
    assert number["message_url"] == f"{hook}message#rc=5&rp=all"
    assert number["message_fallback_url"] == f"{hook}message"
    assert number["voice_url"] == f"{hook}voice#rc=5&rp=all"
    assert number["voice_fallback_url"] == f"{hook}voice"
    assert number["call_status_url"] == f"{hook}call_status#rc=5&rp=all"
    assert doctor() == ""
    with in_center(line.center_id):
        assert LogEntry.objects.filter(event=Event.LINE_CHANGED).count() == 1


def test_doctor_changes_nothing_unasked(twin: TwinProcess, line: Line) -> None:
    before = number_at(twin)
    doctor()
    assert number_at(twin) == before


def test_a_change_that_twilio_did_not_keep_is_not_called_well(
    twin: TwinProcess, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    from messaging.actions import connecting

    monkeypatch.setattr(connecting, "set_addresses", lambda door, wanted: connecting.addresses_at_twilio(door))
    assert "doctor --fix" in doctor("--fix")


def test_doctor_names_an_account_that_does_not_hold_the_number(twin: TwinProcess, line: Line) -> None:
    twin.begin_anew(number="+16145550777")
    assert "does not hold its number" in doctor()


@pytest.mark.parametrize("trouble", ["401", "500", "drop_before"])
def test_doctor_says_when_twilio_cannot_be_asked(twin: TwinProcess, line: Line, trouble: str) -> None:
    twin.misbehave(trouble, times=-1)
    assert "cannot be asked" in doctor()
