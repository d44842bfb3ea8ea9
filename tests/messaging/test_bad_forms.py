"""What no page of ours sends, sent all the same: an answer of 4xx or a field error, and nothing is broken by it."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from messaging.models import Conversation, FollowUp, Line
from tenancy.scope import in_center
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("due", ["9999-12-31T23:59", "0001-01-01T00:00", "2999-01-01T10:00"])
def test_a_promise_beyond_all_time_is_refused_and_shuts_no_page(
    line: Line, conversation: Conversation, naomi: Membership, due: str
) -> None:
    client = signed_in(naomi)
    assert client.post(f"/conversations/{conversation.pk}/follow-ups/", {"due_at": due}).status_code == 302
    assert client.get(f"/conversations/{conversation.pk}/").status_code == 200
    assert client.get("/follow-ups/").status_code == 200
    with in_center(line.center_id):
        assert not FollowUp.objects.filter(kind="promise").exists()


@pytest.mark.parametrize("place", ["nonsense", "\x00", "", "1", "00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize(
    "moment", ["2026-01-01T00:00:00+00:00", "9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+14:00"]
)
def test_an_invented_place_in_the_list_is_no_place(line: Line, naomi: Membership, moment: str, place: str) -> None:
    client = signed_in(naomi)
    client.raise_request_exception = False
    assert client.get("/inbox/list/", {"view": "open", "after": f"{moment}~{place}"}).status_code in (200, 404)


@pytest.mark.parametrize("weekday", ["abc", "9", "", "\x00"])
def test_an_invented_weekday_is_a_field_error(line: Line, adina: Membership, weekday: str) -> None:
    posted: dict[str, Any] = {"form-TOTAL_FORMS": 7, "form-INITIAL_FORMS": 7, "days": ""}
    posted |= {f"form-{number}-weekday": weekday for number in range(7)}
    client: Client = signed_in(adina)
    client.raise_request_exception = False
    assert client.post("/settings/hours/", posted).status_code == 422
