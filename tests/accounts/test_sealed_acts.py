"""Who may do what changes only while the log is being sealed, and waits until it is (AUD-08)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions.people import change_role
from accounts.models import Membership
from audit.models import PendingLeaf
from audit.sealing import LogStopped
from tenancy.scope import in_center
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


def _stand_still() -> None:
    PendingLeaf.objects.update(since=timezone.now() - timedelta(minutes=16))


def test_a_role_does_not_change_while_the_log_stands_still(adina: Membership, ruth: Membership) -> None:
    client = signed_in(adina)
    _stand_still()
    answer = client.post(f"/staff/{ruth.pk}/role/", {"role": "specialist"}, follow=True, secure=True)
    assert "The log is not being sealed" in answer.content.decode()
    with in_center(ruth.center_id):
        assert Membership.objects.get(pk=ruth.pk).role == "supervisor"
        with pytest.raises(LogStopped):
            change_role(ruth, "specialist", by=adina)


def test_a_role_changes_while_it_is_sealed(adina: Membership, ruth: Membership) -> None:
    signed_in(adina).post(f"/staff/{ruth.pk}/role/", {"role": "specialist"}, secure=True)
    with in_center(ruth.center_id):
        assert Membership.objects.get(pk=ruth.pk).role == "specialist"
