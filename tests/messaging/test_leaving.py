import pytest

from accounts.actions.people import end_membership
from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.actions.promises import promise
from messaging.models import Conversation, EventKind, FollowUp, ThreadEvent
from tenancy.scope import in_center
from tests.messaging.conftest import Reply

pytestmark = pytest.mark.django_db


def test_what_somebody_held_and_owed_goes_back_to_everybody_when_she_leaves(
    conversation: Conversation, reply: Reply, naomi: Membership, ruth: Membership, adina: Membership
) -> None:
    message = reply(naomi)
    with in_center(conversation.center_id):
        promise(conversation, due_at=message.created_at, by=naomi)
        assert FollowUp.objects.open().filter(owner=naomi.staff_id).exists(), "or this proves nothing"
        end_membership(naomi, by=adina)

        assert Conversation.objects.get().assignee_id is None
        assert not FollowUp.objects.open().filter(owner=naomi.staff_id).exists()
        assert ThreadEvent.objects.filter(what=EventKind.RELEASED).exists()
        assert LogEntry.objects.filter(event=Event.UNASSIGNED).exists()
        assert Conversation.objects.visible_to(ruth).exists()
