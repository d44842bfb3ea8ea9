"""Recoveries by many at the same moment: with real commits, in a database of the test's own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from accounts.actions import recovering
from accounts.actions.centers import add_center
from accounts.actions.recovering import RecoveryOver, RecoveryRefused, find_linked
from accounts.models import Membership, Passkey, Recovery, Role
from audit.context import Actor, acting
from audit.models import LogEntry
from tenancy.scope import in_center, in_platform
from tests.accounts.test_recovering import long_here
from tests.cast import employ
from tests.databases import Database


def _crowd(act: Callable[[int], object], count: int = 32) -> int:
    """How many of so many at once came through."""

    def one(number: int) -> bool:
        try:
            with acting(Actor.command("test")):
                act(number)
        except (RecoveryRefused, RecoveryOver):
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(one, range(count)))


def test_of_thirty_two_who_open_agree_make_a_link_or_use_it_at_once_one_does(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovering, "seal_before_the_answer", lambda entry: None)
    center = add_center("Race")
    admins = [long_here(employ(center, f"Anna{number}", Role.ADMIN)) for number in range(5)]
    lost = employ(center, "Lost", Role.SPECIALIST)
    Passkey.objects.create(user=lost.staff, name="phone", credential_id=b"1", public_key=b"2")

    def here(act: Callable[..., object], by: Membership, **given: Any) -> object:
        with in_center(center.pk):
            return act(by=by, **given)

    def begin(number: int) -> object:
        return here(recovering.open_recovery, admins[number % 4], member=lost, reason="lost her phone")

    assert _crowd(begin) == 1
    with in_platform():
        row = Recovery.objects.get()
    others = [one for one in admins if one.staff_id != row.opened_by_id]
    assert _crowd(lambda number: here(recovering.agree, others[number % 4], recovery=row)) == 1
    with in_center(center.pk):
        link = recovering.make_link(row, by=admins[0])
    found = find_linked(link.rstrip("/").rsplit("/", 1)[1])
    assert _crowd(lambda number: recovering.use(found)) == 1
    assert not Passkey.objects.exists()
    with in_platform():
        seen = list(LogEntry.objects.filter(event__startswith="recovery_").values_list("event", flat=True))
    assert sorted(seen) == ["recovery_agreed", "recovery_link_made", "recovery_opened", "recovery_used"]
