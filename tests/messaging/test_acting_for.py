"""Work that is done later for a person is done only while she may have it done (AUTHZ-09)."""

from collections.abc import Callable

import pytest

from accounts.actions.people import change_role, end_membership
from accounts.actions.suspending import suspend
from accounts.models import Membership, Role
from jobs import registry
from messaging.actions.doubts import decide_unknown
from messaging.actions.work import Work
from messaging.models import Conversation, FollowUp, FollowUpKind, Message, Status
from tenancy.scope import in_center
from tests.doors import signed_in
from tests.messaging.conftest import Reply, fresh, work_after
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db

# Of each kind of work: for whom it is done. All other kinds stand for nobody: they begin with what a client, Twilio
# or the clock did.
FOR_A_PERSON = {
    Work.DELIVER: "who wrote the text, or who decided that it goes still",
    Work.LEAVE_LATER: "who wrote it; test_later holds it back when she may write no longer",
}
FOR_NOBODY = {
    Work.SETTLE, Work.ASK_A_PERSON, Work.AUTO_REPLY, Work.FETCH_FILES, Work.SCAN_FILE, Work.FETCH_RECORDING,
    Work.TEXT_BACK, Work.RECONCILE, Work.COME_BACK, Work.GATHER_WORDS, Work.GATHER_ALL_WORDS,
}  # fmt: skip
Revoke = Callable[[Membership, Membership], object]
REVOKED: dict[str, Revoke] = {
    "ended": lambda her, admin: end_membership(her, by=admin),
    "suspended": lambda her, admin: suspend(her, by=admin),
    "made an auditor": lambda her, admin: change_role(her, Role.AUDITOR, by=admin),
}


def _status_after(message: Message) -> Status:
    work_after(5)
    return Status(fresh(message).status)


@pytest.mark.parametrize("how", REVOKED)
def test_words_of_somebody_who_may_speak_no_longer_do_not_leave_and_somebody_is_asked(
    twin: TwinProcess, reply: Reply, naomi: Membership, ruth: Membership, adina: Membership, how: str
) -> None:
    message = reply(naomi)
    with in_center(naomi.center_id):
        REVOKED[how](naomi, adina)
    assert _status_after(message) == Status.FAILED
    assert twin.texts == []
    with in_center(message.center_id):
        assert FollowUp.objects.open().filter(message=message, kind=FollowUpKind.FAILED, owner=None).exists()
        assert Conversation.objects.get().failed_at is not None
    page = signed_in(ruth).get(f"/conversations/{message.conversation_id}/").content.decode()
    assert "may not write to clients any more, so it was not sent" in page


def test_words_of_somebody_with_another_role_who_may_still_speak_leave(
    twin: TwinProcess, reply: Reply, naomi: Membership, adina: Membership
) -> None:
    message = reply(naomi)
    with in_center(naomi.center_id):
        change_role(naomi, Role.SUPERVISOR, by=adina)
    assert _status_after(message) != Status.FAILED
    assert len(twin.texts) == 1


def test_what_a_colleague_has_sent_again_is_sent_for_her(
    twin: TwinProcess, reply: Reply, naomi: Membership, ruth: Membership, adina: Membership
) -> None:
    message = reply(naomi)
    with in_center(message.center_id):
        Message.objects.filter(pk=message.pk).update(status=Status.UNKNOWN, sending_since="2026-01-01T00:00Z")
        end_membership(naomi, by=adina)
        assert decide_unknown(fresh(message), by=ruth, resend=True)
    assert _status_after(message) != Status.FAILED
    assert len(twin.texts) == 1


def test_every_kind_of_work_says_whether_it_is_done_for_a_person() -> None:
    of_messaging = {kind for kind in registry._registered if kind.startswith("messaging.")}
    assert {str(kind) for kind in (*FOR_A_PERSON, *FOR_NOBODY)} == of_messaging
