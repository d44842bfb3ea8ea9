"""No answer and no time tells whether an address is anybody's (AUTH-07)."""

import re
import time
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.actions.people import end_membership
from accounts.hashers import Argon2idHasher
from accounts.limits import LIMITS, Door, Limit
from accounts.models import Attempts, Membership
from accounts.views import limited
from tenancy.scope import in_center
from tests.cast import employ
from tests.doors import browser

pytestmark = pytest.mark.django_db
ROUNDS, TRIALS = 3, 120  # a leak shows in every round, a busy machine in one
INDISTINGUISHABLE = 0.6  # of a classifier that sees nothing but time: 0.5 is a coin, 1 is certainty
GUESS = "a guess at a password"


@pytest.fixture(autouse=True)
def _cheap_and_without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 costs little here, so that it hides nothing of what comes besides; the limits are tested elsewhere."""
    monkeypatch.setattr(Argon2idHasher, "memory_cost", 64)
    monkeypatch.setattr(limited, "refuse_strangers", lambda: None)
    for door in (Door.PASSWORD_HERE, Door.PASSWORD_ACCOUNT, Door.PASSWORD_PLACE):
        monkeypatch.setitem(LIMITS, door, Limit(((1_000_000, LIMITS[door].remembers),)))


@pytest.fixture
def addresses(ruth: Membership, naomi: Membership, adina: Membership) -> dict[str, str]:
    """One address of each kind."""
    with in_center(naomi.center_id):
        end_membership(naomi, by=adina)
    inactive, keyed = employ(ruth.center, "Ida", ruth.role).staff, employ(ruth.center, "Kay", ruth.role).staff
    inactive.is_active = False
    inactive.save()
    keyed.set_unusable_password()
    keyed.save()
    kinds = {"wrong": ruth.staff, "ended": naomi.staff, "inactive": inactive, "passkey only": keyed}
    return {"unknown": "nobody@aaaaaa.example.org", **{kind: staff.email for kind, staff in kinds.items()}}


def tries(client: Client, email: str) -> Any:
    return client.post("/sign-in/", {"email": email, "password": GUESS}, secure=True)


def told(email: str) -> tuple[Any, ...]:
    """Everything that a stranger sees, but for what differs with every request and what she typed herself."""
    answer = tries(browser(), email)
    page = re.sub(rb'(value|nonce|hx-nonce)="[^"]*"', b"", answer.content).replace(email.encode(), b"")
    headers = {name: value for name, value in answer.headers.items() if name not in ("X-Request-Id", "Content-Length")}
    policy = re.sub(r"nonce-[^']+", "", headers.pop("Content-Security-Policy"))
    return answer.status_code, page, headers, policy, sorted(answer.cookies)


def test_every_kind_of_address_gets_the_same_bytes(addresses: dict[str, str]) -> None:
    seen = {kind: told(email) for kind, email in addresses.items()}
    assert seen["unknown"][0] == 403
    assert all(answer == seen["unknown"] for answer in seen.values())


def test_every_kind_of_address_costs_the_same_work(addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One Argon2 and the same statements, in the same order."""
    work: list[str] = []

    def counted(name: str) -> Callable[..., Any]:
        whole = getattr(Argon2idHasher.__mro__[1], name)
        return lambda self, *given: (work.append("argon2"), whole(self, *given))[1]

    for name in ("encode", "verify"):
        monkeypatch.setattr(Argon2idHasher.__mro__[1], name, counted(name))

    def watch(execute: Any, sql: str, *given: Any) -> Any:
        work.append(re.sub(r'"s[\d_a-z]+"', "", sql))
        return execute(sql, *given)

    def work_of(email: str) -> list[str]:
        Attempts.objects.all().delete()  # how many failed from this place before decides what is noted of it
        tries(browser(), email)
        work.clear()
        with connection.execute_wrapper(watch):
            tries(browser(), email)
        return list(work)

    seen = {kind: work_of(email) for kind, email in addresses.items()}
    assert seen["unknown"].count("argon2") == 1
    for kind in addresses:
        assert seen[kind] == seen["unknown"], kind


def test_time_does_not_tell_whose_address_it_is(addresses: dict[str, str]) -> None:
    kinds = ["unknown", "wrong", "passkey only"]
    rounds = []
    for _ in range(ROUNDS):
        rounds.append(_told_apart({kind: addresses[kind] for kind in kinds}))
        if rounds[-1] < INDISTINGUISHABLE:
            return
    pytest.fail(f"a classifier tells them apart: {rounds}")


def test_the_classifier_can_tell(addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a hash for nobody, or one more than for somebody, would show."""
    monkeypatch.setattr("accounts.backends.make_password", lambda password: None)
    monkeypatch.setattr(Argon2idHasher, "memory_cost", 47_104)
    kinds = {kind: addresses[kind] for kind in ("unknown", "passkey only")}
    assert _told_apart(kinds, trials=12) > 0.9


def _told_apart(emails: dict[str, str], trials: int = TRIALS) -> float:
    """How well time alone tells the first kind from each of the others: the worst of them."""
    took: dict[str, list[float]] = {kind: [] for kind in emails}
    client = browser()
    for email in emails.values():
        tries(client, email)
    for _ in range(trials):
        for kind, email in emails.items():
            began = time.perf_counter()
            tries(client, email)
            took[kind].append(time.perf_counter() - began)
    first, *others = took.values()
    return max(max(area, 1 - area) for area in (_area(first, other) for other in others))


def _area(some: list[float], others: list[float]) -> float:
    """The area under the curve: how often one of these is longer than one of those."""
    return sum((one > other) + (one == other) / 2 for one, other in product(some, others)) / len(some) / len(others)
