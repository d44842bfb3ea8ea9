"""What an admin sets for the calls of a line: clear, checked, on the record, and for admins alone."""

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.actions.lines import add_line
from messaging.models import Line
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


def save(member: Membership, line: Line, **values: Any) -> Any:
    posted = {"staff_number": "614 555 0177", "ring_seconds": "25", "text_back": "on", **values}
    return signed_in(member).post(f"/settings/lines/{line.pk}/calls/", posted)


def fresh(line: Line) -> Line:
    with in_center(line.center_id):
        found = Line.objects.get(pk=line.pk)
        assert found.staff_number is None or found.staff_number
    return found


def test_an_admin_sets_the_phone_that_rings(line: Line, adina: Membership) -> None:
    assert save(adina, line).status_code == 302
    assert (fresh(line).staff_number, fresh(line).ring_seconds) == ("+16145550177", 25)
    assert "Calls ring +16145550177" in signed_in(adina).get("/settings/lines/").content.decode()
    with in_center(line.center_id):
        entry = LogEntry.objects.get(event=Event.LINE_CHANGED)
        assert entry.facts["rings"] is True
        assert "5550177" not in str(list(LogEntry.objects.values()))


def test_the_phone_that_rings_stands_in_no_clear_column(line: Line, adina: Membership) -> None:
    save(adina, line)
    with in_center(line.center_id), connection.cursor() as cursor:
        cursor.execute("SELECT messaging_line::text FROM messaging_line")
        assert "5550177" not in cursor.fetchone()[0]


def test_an_empty_phone_rings_none(line: Line, adina: Membership) -> None:
    save(adina, line)
    assert save(adina, line, staff_number=" ").status_code == 302
    assert fresh(line).staff_number is None


def test_the_text_after_a_missed_call_can_be_switched_off_and_on(line: Line, adina: Membership) -> None:
    save(adina, line, text_back="")
    assert fresh(line).text_back_off_at is not None
    save(adina, line)
    assert fresh(line).text_back_off_at is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"staff_number": "12"}, "not a phone number"),
        ({"staff_number": "call me"}, "not a phone number"),
        ({"staff_number": LINE_NUMBER}, "the line itself"),
        ({"staff_number": "876 555 0177"}, "United States or Canada"),
        ({"staff_number": "900 234 5678"}, "United States or Canada"),
        ({"staff_number": "800 555 0177"}, "United States or Canada"),
        ({"staff_number": "+44 7911 123456"}, "United States or Canada"),
        ({"ring_seconds": "2"}, "greater than or equal to 5"),
        ({"ring_seconds": "600"}, "less than or equal to 60"),
        ({"ring_seconds": ""}, "required"),
    ],
)
def test_a_mistake_is_said_beside_its_field(line: Line, adina: Membership, values: dict[str, str], words: str) -> None:
    answer = save(adina, line, **values)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert fresh(line).staff_number is None


def test_a_line_of_any_center_cannot_be_the_phone_that_rings(line: Line, adina: Membership, mara: Membership) -> None:
    ours = add_line(line.center, number="+16145550166", account_sid=ACCOUNT, auth_token=TOKEN)
    theirs = add_line(mara.center, number="+16145550167", account_sid=ACCOUNT, auth_token=TOKEN)
    for other in (ours, theirs):
        answer = save(adina, line, staff_number=other.number)
        assert answer.status_code == 422
        assert "ring in a circle" in answer.content.decode()
    assert fresh(line).staff_number is None
    with in_center(theirs.center_id):
        theirs.retired_at = timezone.now()
        theirs.save()
    assert save(adina, line, staff_number="+16145550167").status_code == 302


def test_only_admins_set_it_and_only_for_their_own_lines(
    line: Line, naomi: Membership, ruth: Membership, mara: Membership
) -> None:
    assert save(naomi, line).status_code == 403
    assert save(ruth, line).status_code == 403
    mara.role = "admin"
    with in_center(mara.center_id):
        mara.save()
    assert save(mara, line).status_code == 404
    assert fresh(line).staff_number is None
