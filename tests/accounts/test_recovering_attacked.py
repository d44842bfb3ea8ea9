"""A recovery in the hands of somebody who means ill: an admin who is being kept out, or who invited a second self."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.actions import recovering
from accounts.actions.factors import make_recovery_codes
from accounts.actions.people import hold
from accounts.models import Center, Membership, Recovery, Role
from accounts.models.recovery import RecoveryState
from audit.events import Event
from audit.guard import audited
from audit.record import record
from tenancy.scope import in_platform
from tests.accounts.keys import is_in
from tests.accounts.test_recovering import REASON, link_in, long_here, opened, recovery
from tests.authenticator import Authenticator
from tests.cast import PASSWORD, employ
from tests.doors import browser, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(center: Center) -> Membership:
    return long_here(employ(center, "Berta", Role.ADMIN))


def _agreed(adina: Membership, second: Membership, lost: Membership) -> Recovery:
    row = opened(adina, lost)
    signed_in(second).post(f"/staff/recoveries/{row.pk}/agree/")
    assert recovery().state == RecoveryState.READY
    return row


def _stand() -> Any:
    with in_platform():
        return list(Recovery.objects.values_list("pk", "agreed_at", "cancelled_at", "link_hash"))


@pytest.mark.parametrize("act", ["open", "agree", "cancel", "link"])
def test_an_admin_who_is_suspended_while_she_asks_takes_no_recovery_further(
    adina: Membership, second: Membership, naomi: Membership, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    row = None if act == "open" else opened(adina, naomi)
    if act == "link":
        with in_platform():
            Recovery.objects.update(due_at=timezone.now())
    path = f"/staff/recoveries/{row.pk}/{act}/" if row else f"/staff/{naomi.pk}/recovery/"
    client, before = signed_in(second), _stand()

    def suspended_first(by: Membership) -> None:
        with audited():
            Membership.objects.filter(pk=by.pk).update(suspended_at=timezone.now())
            record(Event.STAFF_SUSPENDED, subject=by)
        hold(by)

    monkeypatch.setattr(recovering, "hold", suspended_first, raising=False)
    assert client.post(path, {"reason": REASON}).status_code == 403
    monkeypatch.undo()
    assert _stand() == before
    client.post(path, {"reason": REASON})
    assert _stand() != before, "or this proves nothing"


@pytest.mark.parametrize("act", ["suspend", "role", "end"])
def test_a_link_opens_nothing_once_the_admin_who_made_it_is_one_no_longer(
    adina: Membership, second: Membership, naomi: Membership, act: str
) -> None:
    row = _agreed(adina, second, naomi)
    link = link_in(signed_in(adina).post(f"/staff/recoveries/{row.pk}/link/"))
    assert browser().get(link, secure=True).status_code == 200
    colleague = signed_in(second)
    assert colleague.post(f"/staff/{adina.pk}/{act}/", {"role": "specialist"}).status_code == 302
    assert browser().get(link, secure=True).status_code == 410
    assert browser().post(link, secure=True).status_code == 410
    mended = link_in(colleague.post(f"/staff/recoveries/{row.pk}/link/"))
    assert browser().get(mended, secure=True).status_code == 200, "one who stayed makes another"


def test_whoever_is_suspended_half_way_through_sets_nothing_up_and_comes_to_the_sign_in(
    adina: Membership, second: Membership, naomi: Membership
) -> None:
    row = _agreed(adina, second, naomi)
    admin, hers = signed_in(adina), browser()
    link = link_in(admin.post(f"/staff/recoveries/{row.pk}/link/"))
    hers.post(link, {"with_passkey": "1"}, secure=True)
    asked = hers.post("/set-up/passkey/options/", secure=True).json()
    hers.post("/set-up/passkey/", {"name": "new", "credential": Authenticator().make(asked)}, secure=True)
    hers.post("/set-up/recovery-codes/", {"show": "1"}, secure=True)
    admin.post(f"/staff/{naomi.pk}/suspend/")
    assert hers.post("/set-up/recovery-codes/", {"kept": "on"}, secure=True)["Location"] == "/sign-in/"
    assert hers.post("/set-up/passkey/options/", secure=True).status_code == 401
    assert not is_in(hers)


def test_whoever_came_in_by_a_recovery_code_goes_on_after_making_new_ones(ruth: Membership) -> None:
    with in_platform():
        codes = make_recovery_codes(ruth.staff)
    client = browser()
    client.defaults["wsgi.url_scheme"] = "https"
    client.post("/sign-in/", {"email": ruth.staff.email, "password": PASSWORD})
    client.post("/sign-in/code/", {"code": codes[0]})
    assert is_in(client)
    assert client.post("/settings/recovery-codes/").status_code == 200
    assert is_in(client)
