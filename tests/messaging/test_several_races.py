"""Two who choose the same conversations at the same moment: with real commits."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections

from accounts.actions.centers import add_center
from accounts.models import Role
from audit.context import Actor, acting
from messaging.actions.lines import add_line
from messaging.actions.several import Chosen, give_several
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN, employ
from tests.databases import Database
from tests.messaging.test_several import holders, written


def test_of_two_who_take_the_same_ten_in_opposite_orders_each_conversation_has_one_and_nobody_waits_for_ever(
    fresh_database: Database,
) -> None:
    center = add_center("Race")
    line = add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN)
    rows = written(line, 10)
    people = [employ(center, name, Role.SUPERVISOR) for name in ("Rosa", "Noor")]
    begin = Barrier(2)

    def take(number: int) -> int:
        asked = [Chosen(row.pk, row.sequence, None) for row in rows][:: 1 if number else -1]
        try:
            begin.wait(10)
            with acting(Actor.command("test")), in_center(center.pk):
                return give_several(asked, to=people[number], by=people[number]).done
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(take, range(2)))
    held = holders(line)
    assert None not in held
    assert sorted(done) == [0, 10]
