"""When a desk of a center locks, and from where its people come in. No admin shuts herself out."""

import re
from datetime import timedelta
from io import StringIO
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Center, Membership, Role
from accounts.networks import NotANetwork, admits, parsed
from accounts.places import socket_address
from accounts.roles import FROM_ANYWHERE
from accounts.routes import patterns
from accounts.sockets import SocketMember, members_of
from audit.events import Event
from audit.models import LogEntry
from messaging import consumers
from messaging.consumers import ACCESS_ENDED, BellConsumer, Switchboard
from messaging.models import Conversation, Line
from tenancy.scope import in_center
from tests.accounts.test_gate import PUBLIC, address
from tests.cast import employ
from tests.doors import browser, signed_in, text_in

OFFICE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
PAGE = "/settings/access/"
GUARDED = [one for one in patterns() if one.name not in PUBLIC and one.name not in FROM_ANYWHERE]


def restrict(center: Center, *networks: str, idle_minutes: int | None = None) -> None:
    with in_center(center.pk):
        Center.objects.filter(pk=center.pk).update(networks=list(networks), idle_minutes=idle_minutes)


def entries(center: Center, event: Event) -> list[LogEntry]:
    with in_center(center.pk):
        return list(LogEntry.objects.filter(event=event).order_by("timestamp"))


# The list, by itself


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", []),
        (" \n ", []),
        ("203.0.113.7", ["203.0.113.7"]),
        ("203.0.113.7/24", ["203.0.113.0/24"]),
        ("203.0.113.7/32\n203.0.113.7, 203.0.113.7", ["203.0.113.7"]),
        ("2001:DB8:7::/48; ::ffff:203.0.113.7", ["2001:db8:7::/48", "203.0.113.7"]),
        ("::ffff:203.0.113.0/120 ::/0", ["203.0.113.0/24", "::/0"]),
    ],
)
def test_a_list_is_kept_as_networks_are_usually_written(typed: str, kept: list[str]) -> None:
    assert parsed(typed) == kept


@pytest.mark.parametrize(
    "wrong", ["here", "203.0.113", "203.0.113.7/33", "203.0.113.256", "2001:db8::/129", "fe80::1%eth0", "/24", "1"]
)
def test_what_is_no_network_is_named_by_its_place(wrong: str) -> None:
    with pytest.raises(NotANetwork) as caught:
        parsed(f"203.0.113.7\n{wrong}")
    assert caught.value.number == 2
    assert wrong not in str(caught.value)


@given(st.ip_addresses(), st.lists(st.tuples(st.ip_addresses(), st.integers(0, 128)), max_size=4))
def test_whoever_is_in_a_network_and_nobody_else_is_let_in(here: Any, listed: list[tuple[Any, int]]) -> None:
    here = getattr(here, "ipv4_mapped", None) or here
    networks = [ip_network((one.packed, min(bits, one.max_prefixlen)), strict=False) for one, bits in listed]
    inside = any(
        one.version == here.version
        and int(here) >> (here.max_prefixlen - one.prefixlen) == int(one[0]) >> (one.max_prefixlen - one.prefixlen)
        for one in networks
    )
    kept = parsed("\n".join(map(str, networks)))
    assert admits(kept, str(here)) == (inside or not networks)


def test_an_address_in_the_clothes_of_the_other_kind_is_the_same_address() -> None:
    assert admits(["203.0.113.0/24"], "::ffff:203.0.113.7")
    assert not admits(["203.0.113.0/24"], "::ffff:198.51.100.9")
    assert not admits(["203.0.113.0/24"], str(ip_address("::203.0.113.7")))


# At the gate


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role.values)
def test_from_elsewhere_every_address_is_refused_to_each_role(center: Center, role: str) -> None:
    member = employ(center, "Tirzah", Role(role))
    client, odd = signed_in(member), []
    restrict(center, "203.0.113.0/24")
    for pattern in GUARDED:
        path = address(pattern)
        inside = client.get(path, REMOTE_ADDR=OFFICE)
        answers = [client.get(path, REMOTE_ADDR=ELSEWHERE), client.post(path, {"x": "y"}, REMOTE_ADDR=ELSEWHERE)]
        if {answer.status_code for answer in answers} != {403} or ELSEWHERE.encode() in inside.content:
            odd.append(pattern.name)
        assert all(b"Tirzah" not in answer.content and b"Harbor" not in answer.content for answer in answers)
    assert odd == []


@pytest.mark.django_db
def test_the_refusal_is_plain_and_on_the_record_once_in_a_few_minutes_however_addresses_change(
    center: Center, naomi: Membership
) -> None:
    client = signed_in(naomi)
    restrict(center, OFFICE)
    for _ in range(3):
        page = client.get("/", REMOTE_ADDR=ELSEWHERE).content.decode()
    assert "you are at <code>198.51.100.9</code>" in page
    assert 'action="/sign-out/"' in page
    assert len(entries(center, Event.NETWORK_REFUSED)) == 1
    assert entries(center, Event.ACCESS_REFUSED) == []
    client.get("/", REMOTE_ADDR="198.51.100.10")
    assert client.get("/", REMOTE_ADDR=OFFICE).status_code == 200
    client.get("/", REMOTE_ADDR="198.51.100.10")
    assert len(entries(center, Event.NETWORK_REFUSED)) == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert client.get("/", REMOTE_ADDR=OFFICE).status_code == 200
        client.get("/", REMOTE_ADDR=ELSEWHERE)
    facts = [entry.facts for entry in entries(center, Event.NETWORK_REFUSED)]
    assert facts == [{}, {}], "no address stands in the log"


@pytest.mark.django_db
def test_what_a_client_says_of_itself_lets_nobody_in(center: Center, naomi: Membership, settings: Any) -> None:
    client = signed_in(naomi)
    restrict(center, OFFICE)
    claims = {"X-Forwarded-For": OFFICE}
    assert client.get("/", headers=claims, REMOTE_ADDR=ELSEWHERE).status_code == 403
    settings.TRUSTED_PROXIES = 1
    assert client.get("/", headers=claims, REMOTE_ADDR="10.0.0.2").status_code == 200
    forged = {"X-Forwarded-For": f"{OFFICE}, {ELSEWHERE}"}
    assert client.get("/", headers=forged, REMOTE_ADDR="10.0.0.2").status_code == 403
    assert client.get("/", headers={"X-Forwarded-For": "nonsense"}, REMOTE_ADDR="10.0.0.2").status_code == 403


@pytest.mark.django_db
def test_clients_and_machines_come_in_from_everywhere(center: Center, line: Line) -> None:
    restrict(center, OFFICE)
    assert text_in(line, "hello").status_code == 200
    with in_center(center.pk):
        assert Conversation.objects.count() == 1
    assert browser().get("/health/live", REMOTE_ADDR=ELSEWHERE).status_code == 200
    assert browser().get("/m/nothing", REMOTE_ADDR=ELSEWHERE).status_code == 404


@pytest.mark.django_db
def test_another_center_is_not_concerned(center: Center, other_center: Center, mara: Membership) -> None:
    restrict(center, OFFICE)
    assert signed_in(mara).get("/", REMOTE_ADDR=ELSEWHERE).status_code == 200


@pytest.mark.django_db
def test_whoever_works_in_two_centers_finds_the_way_to_the_other(center: Center, other_center: Center) -> None:
    member = employ(center, "Dinah", Role.SPECIALIST)
    with in_center(other_center.pk):
        Membership(center=other_center, staff=member.staff, role=Role.SPECIALIST).save(force_insert=True)
    client = signed_in(member)
    restrict(center, OFFICE)
    assert 'href="/centers/"' in client.get("/", REMOTE_ADDR=ELSEWHERE).content.decode()
    client.post("/centers/enter/", {"center": str(other_center.pk)}, REMOTE_ADDR=ELSEWHERE)
    assert client.get("/", REMOTE_ADDR=ELSEWHERE).status_code == 200


# Sockets


def connected(address: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    """What a socket first hears that comes from an address."""
    scope = {"type": "websocket", "path": "/ws/bell/", "client": (address, 1), "headers": list(headers)}

    async def open_one() -> dict[str, Any]:
        socket = ApplicationCommunicator(BellConsumer.as_asgi(), scope)
        await socket.send_input({"type": "websocket.connect"})
        assert (await socket.receive_output())["type"] == "websocket.accept"
        said: dict[str, Any] = await socket.receive_output()
        await socket.send_input({"type": "websocket.disconnect", "code": said["code"]})
        await socket.wait()
        return said

    return async_to_sync(open_one)()


@pytest.mark.django_db
def test_a_socket_from_elsewhere_is_refused(center: Center, naomi: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    key = str(signed_in(naomi).session.session_key)
    restrict(center, OFFICE)
    member = members_of([key])[key]

    async def hers(scope: Any) -> SocketMember:
        return member

    async def deaf(self: Switchboard) -> bool:
        return False

    monkeypatch.setattr(consumers, "member_of", hers)
    monkeypatch.setattr(Switchboard, "is_listening", deaf)
    assert connected(OFFICE)["code"] == consumers.TRY_AGAIN_LATER, "it would have been let in"
    assert connected(ELSEWHERE)["code"] == ACCESS_ENDED
    assert connected(ELSEWHERE, (b"x-forwarded-for", OFFICE.encode()))["code"] == ACCESS_ENDED


@pytest.mark.django_db
def test_an_open_socket_is_closed_when_a_list_shuts_it_out(
    center: Center, naomi: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "database_sync_to_async", sync_to_async)
    closed: dict[str, Any] = {}

    class Socket(BellConsumer):
        async def close(self, code: Any = None, reason: Any = None) -> None:
            closed[self.address] = code

    key, sockets = str(signed_in(naomi).session.session_key), [Socket(), Socket()]
    for socket, where in zip(sockets, (OFFICE, ELSEWHERE), strict=True):
        socket.member, socket.address = members_of([key])[key], where
    restrict(center, OFFICE)
    async_to_sync(Switchboard()._look_again)(sockets)
    assert closed == {ELSEWHERE: ACCESS_ENDED}


def test_a_socket_s_address_is_what_our_own_proxy_saw(settings: Any) -> None:
    scope = {"client": ("10.0.0.2", 1), "headers": [(b"x-forwarded-for", b"1.2.3.4, 203.0.113.7")]}
    assert socket_address(scope) == "10.0.0.2"
    settings.TRUSTED_PROXIES = 1
    assert socket_address(scope) == "203.0.113.7"
    assert socket_address({"client": None, "headers": []}) == "0.0.0.0"


# The page


@pytest.mark.django_db
def test_an_admin_sets_both_and_the_log_says_how_many(center: Center, adina: Membership) -> None:
    client = signed_in(adina)
    fields = {"idle_minutes": "3", "networks": "203.0.113.0/24\n2001:db8:7::/48"}
    assert client.post(PAGE, fields, REMOTE_ADDR=OFFICE)["Location"] == PAGE
    page = client.get(PAGE, REMOTE_ADDR=OFFICE).content.decode()
    assert "203.0.113.0/24\n2001:db8:7::/48</textarea>" in page
    assert '<idle-lock seconds="180"' in page
    assert "<code>203.0.113.7</code>" in page
    (entry,) = entries(center, Event.ACCESS_CHANGED)
    assert entry.actor_id == adina.staff_id
    assert entry.facts == {
        "idle_minutes_before": None, "idle_minutes_after": 3, "networks_before": 0, "networks_after": 2,
    }  # fmt: skip
    assert client.post(PAGE, {"idle_minutes": "", "networks": ""}, REMOTE_ADDR=OFFICE).status_code == 302
    assert client.get(PAGE, REMOTE_ADDR=ELSEWHERE).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"networks": ELSEWHERE}, "it would shut you out"),
        ({"networks": "203.0.113.8\n2001:db8::/32"}, "it would shut you out"),
        ({"networks": "203.0.113.7\nmy office"}, "Number 2 of the list"),
        ({"networks": "\n".join(f"203.0.113.{number}" for number in range(60))}, "too many"),
        ({"networks": "203.0.113.7," * 400}, "at most 4000"),
        ({"idle_minutes": "1"}, "greater than or equal to 2"),
        ({"idle_minutes": "31"}, "less than or equal to 30"),
        ({"idle_minutes": "ten"}, "whole number"),
    ],
)
def test_what_cannot_hold_is_said_and_nothing_changes(
    center: Center, adina: Membership, fields: dict[str, str], words: str
) -> None:
    client = signed_in(adina)
    answer = client.post(PAGE, fields, REMOTE_ADDR=OFFICE)
    assert answer.status_code == 422
    assert words in re.sub(r"\s+", " ", answer.content.decode())
    with in_center(center.pk):
        row = Center.objects.get(pk=center.pk)
    assert (row.networks, row.idle_minutes) == ([], None)


@pytest.mark.django_db
def test_the_console_lets_people_in_again(center: Center, adina: Membership) -> None:
    client = signed_in(adina)
    restrict(center, "192.0.2.1", idle_minutes=5)
    assert client.get(PAGE, REMOTE_ADDR=ELSEWHERE).status_code == 403
    call_command("open_networks", center="Harbor House", stdout=StringIO())
    assert client.get(PAGE, REMOTE_ADDR=ELSEWHERE).status_code == 200
    with in_center(center.pk):
        assert Center.objects.get(pk=center.pk).idle_minutes == 5
    facts = {"command": "open_networks", "networks_before": 1, "networks_after": 0}
    assert entries(center, Event.ACCESS_CHANGED)[0].facts == facts


# Locking


@pytest.mark.django_db
def test_each_center_has_its_own_time_until_a_desk_locks(
    center: Center, other_center: Center, naomi: Membership, mara: Membership
) -> None:
    here, there = signed_in(naomi), signed_in(mara)
    keys = {name: str(client.session.session_key) for name, client in (("here", here), ("there", there))}
    restrict(center, idle_minutes=2)
    restrict(other_center, idle_minutes=30)
    with time_machine.travel(timezone.now() + timedelta(minutes=2, seconds=1)):
        assert here.get("/")["Location"].startswith("/confirm/")
        assert there.get("/shift/").status_code == 200
        assert set(members_of(keys.values())) == {keys["there"]}
    with time_machine.travel(timezone.now() + timedelta(minutes=29)):
        assert there.get("/shift/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=30, seconds=1)):
        assert there.get("/shift/")["Location"].startswith("/confirm/")
