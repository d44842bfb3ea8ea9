"""What one center's webhooks say reaches no other center: not with its secret, and not with the other's ids."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Center, Membership
from accounts.routes import patterns
from messaging.actions.lines import add_line
from messaging.models import Line
from tests.accounts.tables import all_rows
from tests.accounts.worlds import World, world_of
from tests.cast import ACCOUNT, LINE_NUMBER
from tests.doors import parameters, post_signed

pytestmark = pytest.mark.django_db

HOOKS = sorted(str(one.name) for one in patterns() if str(one.name).startswith("hook-"))
THEIR_TOKEN = "f" * 32
CALL = f"CA{3:032x}"
# What may change when a webhook is refused or names what it may not: how often, and the log.
OURS_ALONE = frozenset({"django_session"})


@pytest.fixture
def theirs(other_center: Center, mara: Membership) -> World:
    """A line of another center with one of everything."""
    line = add_line(other_center, number="+16145550188", account_sid=ACCOUNT, auth_token=THEIR_TOKEN)
    return world_of(line, mara, 3, mara, token=THEIR_TOKEN)


def _said(theirs: World) -> dict[str, Any]:
    """A post that names their call, their text and their recording in every place there is."""
    call = {
        "CallSid": f"CA{3:032x}",
        "ParentCallSid": f"CA{3:032x}",
        "CallStatus": "completed",
        "DialCallStatus": "completed",
    }
    more = {"DialBridged": "true", "RecordingSid": f"RE{3:032x}", "RecordingStatus": "absent", "RecordingDuration": "0"}
    status = {"MessageStatus": "failed", "ErrorCode": "30003", "MessageSid": theirs["sid"], "SmsSid": theirs["sid"]}
    return {**parameters(**status, From="+16145550103", To=LINE_NUMBER), **call, **more, "Digits": "1"}


def _of(center: Center) -> set[tuple[str, str]]:
    return {row for row in all_rows(but=OURS_ALONE) if str(center.pk) in row[1]}


@pytest.mark.parametrize("hook", HOOKS)
def test_a_webhook_reaches_its_own_center_alone(line: Line, other_center: Center, theirs: World, hook: str) -> None:
    before = _of(other_center)
    assert len(before) > 20, "or this proves nothing"
    ids = f"?message={theirs['message']}&call={CALL}"
    assert post_signed(reverse(hook, args=[line.pk]) + ids, _said(theirs)).status_code < 500
    assert _of(other_center) == before
    forged = post_signed(reverse(hook, args=[theirs["line"]]) + ids, _said(theirs))
    assert forged.status_code == 403
    grown = _of(other_center) - before
    assert {table for table, _ in grown} <= {"audit_logentry", "audit_pendingleaf"}
    assert before <= _of(other_center)
