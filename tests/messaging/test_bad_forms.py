"""What no page of ours sends, sent all the same: an answer of 4xx or a field error, and nothing is broken by it."""

import pytest

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
