"""Suspending somebody keeps her out at once, loses nothing, and can be taken back."""

import time
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.sessions.models import Session
from django.test import Client
from django_otp.oath import TOTP

from accounts.actions.invitations import AlreadyHere, invite
from accounts.actions.people import LastAdmin, MayNoLonger, change_role, end_membership
from accounts.actions.suspending import suspend
from accounts.models import Center, Membership, Role
from accounts.sockets import members_of
from accounts.ways import ways_of
from audit.events import Event
from audit.models import LogEntry
from messaging import consumers
from messaging.actions.assignment import take
from messaging.consumers import ACCESS_ENDED, BellConsumer, Switchboard
from messaging.models import Conversation, FollowUp, Line
from tenancy.scope import in_center
from tests.cast import PASSWORD, employ
from tests.doors import browser, signed_in, text_in

pytestmark = pytest.mark.django_db


def works(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def entries(center: Center, event: Event) -> list[LogEntry]:
    with in_center(center.pk):
        return list(LogEntry.objects.filter(event=event))


def signs_in(member: Membership) -> bool:
    """Whether her password and the next code of her authenticator let her in."""
    client = browser()
    client.post("/sign-in/", {"email": member.staff.email, "password": PASSWORD}, secure=True)
    totp = TOTP(member.staff.totpdevice_set.latest("created_at").key)
    totp.time = time.time()
    return bool(client.post("/sign-in/code/", {"code": f"{totp.token():06d}"}, secure=True).status_code == 302)


def test_suspending_ends_sessions_and_sockets_and_gives_back_what_she_held(
    adina: Membership, naomi: Membership, line: Line
) -> None:
    desk, phone = signed_in(naomi), signed_in(naomi)
    keys = [str(client.session.session_key) for client in (desk, phone)]
    text_in(line, "hello")
    with in_center(line.center_id):
        take(Conversation.objects.get(), by=naomi)
    assert members_of(keys), "or this proves nothing"
    assert works(desk)

    page = signed_in(adina).post(f"/staff/{naomi.pk}/suspend/", follow=True).content.decode()

    assert "Suspended. What this person held went back" in page
    assert [works(desk), works(phone)] == [False, False]
    assert members_of(keys) == {}
    assert Session.objects.count() == 1, "only the admin's is left"
    with in_center(line.center_id):
        assert Conversation.objects.get().assignee is None
        assert not FollowUp.objects.open().exclude(owner=None).exists()
    (entry,) = entries(line.center, Event.STAFF_SUSPENDED)
    assert (entry.actor_id, entry.object_pk) == (adina.staff_id, str(naomi.pk))


def test_whoever_is_suspended_cannot_sign_in_and_is_told_no_more_than_a_stranger(
    adina: Membership, naomi: Membership
) -> None:
    signed_in(naomi)
    signed_in(adina).post(f"/staff/{naomi.pk}/suspend/")
    with time_machine.travel(time.time() + 60, tick=True):
        assert not signs_in(naomi)
    refused = entries(naomi.center, Event.SECOND_FACTOR_REFUSED)
    assert [entry.object_pk for entry in refused] == [str(naomi.staff_id)], "the admins see that she tried"


def test_taking_up_again_lets_her_in_as_before_and_opens_no_old_session(adina: Membership, naomi: Membership) -> None:
    old, ways = signed_in(naomi), ways_of(naomi.staff)
    admin = signed_in(adina)
    admin.post(f"/staff/{naomi.pk}/suspend/")
    page = admin.post(f"/staff/{naomi.pk}/resume/", follow=True).content.decode()
    assert "Taken up again" in page
    assert not works(old)
    assert ways_of(naomi.staff) == ways
    with time_machine.travel(time.time() + 60, tick=True):
        assert signs_in(naomi)
    (entry,) = entries(naomi.center, Event.STAFF_RESUMED)
    assert entry.actor_id == adina.staff_id


def test_the_pages_of_the_staff_say_since_when_and_by_whom(adina: Membership, naomi: Membership) -> None:
    admin = signed_in(adina)
    admin.post(f"/staff/{naomi.pk}/suspend/")
    for path in ("/staff/", f"/staff/{naomi.pk}/"):
        page = admin.get(path).content.decode()
        assert "Suspended <local-time" in page
        assert "· Adina Tester" in page
    assert f"/staff/{naomi.pk}/resume/" in page
    assert f"/staff/{naomi.pk}/suspend/" not in page


def test_suspending_is_asked_about_first(adina: Membership, naomi: Membership) -> None:
    page = signed_in(adina).get(f"/staff/{naomi.pk}/").content.decode()
    dialog = page[page.index("<dialog") : page.index("</dialog>")]
    assert f'action="/staff/{naomi.pk}/suspend/"' in dialog
    assert page.count(f'action="/staff/{naomi.pk}/suspend/"') == 1


def test_nobody_suspends_herself_nor_the_last_admin_who_comes_in_at_any_hour(center: Center, adina: Membership) -> None:
    second = employ(center, "Berta", Role.ADMIN)
    admin = signed_in(adina)
    assert "cannot suspend yourself" in admin.post(f"/staff/{adina.pk}/suspend/", follow=True).content.decode()
    assert f"/staff/{adina.pk}/suspend/" not in admin.get(f"/staff/{adina.pk}/").content.decode()
    admin.post(f"/staff/{second.pk}/suspend/")
    with in_center(center.pk):
        second.refresh_from_db()
        assert second.suspended_at is not None
        for leaves in (
            lambda: change_role(adina, Role.SPECIALIST, by=adina),
            lambda: end_membership(adina, by=adina),
        ):
            with pytest.raises(LastAdmin):
                leaves()
        with pytest.raises(MayNoLonger):
            suspend(adina, by=second)


def test_somebody_who_is_suspended_in_one_center_works_in_another(
    center: Center, other_center: Center, adina: Membership
) -> None:
    here = employ(center, "Dinah", Role.SPECIALIST)
    with in_center(other_center.pk):
        Membership(center=other_center, staff=here.staff, role=Role.SPECIALIST).save(force_insert=True)
    client = signed_in(here)
    client.post("/centers/enter/", {"center": str(other_center.pk)})
    signed_in(adina).post(f"/staff/{here.pk}/suspend/")
    assert works(client)
    client.post("/centers/enter/", {"center": str(center.pk)})
    assert client.session["center"] == str(other_center.pk)
    assert "Harbor" not in client.get("/centers/").content.decode()


def test_no_invitation_leads_around_it(center: Center, adina: Membership, naomi: Membership) -> None:
    signed_in(naomi)
    signed_in(adina).post(f"/staff/{naomi.pk}/suspend/")
    with pytest.raises(AlreadyHere):
        invite(center, email=naomi.staff.email, role=Role.SPECIALIST, by=None)


def test_nothing_can_be_given_to_her(adina: Membership, naomi: Membership, line: Line) -> None:
    text_in(line, "hello")
    admin = signed_in(adina)
    with in_center(line.center_id):
        path = f"/conversations/{Conversation.objects.get().pk}"
    assert str(naomi.pk) in admin.get(f"{path}/colleagues/").content.decode()
    admin.post(f"/staff/{naomi.pk}/suspend/")
    assert str(naomi.pk) not in admin.get(f"{path}/colleagues/").content.decode()
    admin.post(f"{path}/assign/", {"to": naomi.pk})
    with in_center(line.center_id):
        assert Conversation.objects.get().assignee is None


def test_an_open_socket_is_closed_by_looking_again_when_nothing_says_so(
    adina: Membership, naomi: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "database_sync_to_async", sync_to_async)  # stays in the test's transaction
    closed: list[Any] = []
    socket, key = BellConsumer(), str(signed_in(naomi).session.session_key)

    async def close(code: Any = None, reason: Any = None) -> None:
        closed.append(code)

    monkeypatch.setattr(socket, "close", close)
    socket.member = members_of([key])[key]
    signed_in(adina).post(f"/staff/{naomi.pk}/suspend/")
    async_to_sync(Switchboard()._look_again)([socket])
    assert closed == [ACCESS_ENDED]
    assert consumers.LOOK_AGAIN_EVERY < 5
