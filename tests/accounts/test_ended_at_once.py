"""Whatever ends somebody's access ends it at every desk and on every socket within five seconds (AUTH-11)."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from accounts.actions.desks import sign_out_everywhere
from accounts.actions.people import change_password, change_role, end_membership
from accounts.actions.suspending import suspend
from accounts.models import Membership, Role
from accounts.sockets import members_of
from messaging import consumers
from messaging.consumers import LOOK_AGAIN_EVERY, BellConsumer, Switchboard
from tenancy.scope import in_center
from tests.doors import signed_in

pytestmark = pytest.mark.django_db
DESKS = 20
Ending = Callable[[Membership, Membership], object]
ENDINGS: dict[str, Ending] = {
    "ended": lambda her, admin: end_membership(her, by=admin),
    "suspended": lambda her, admin: suspend(her, by=admin),
    "made an auditor": lambda her, admin: change_role(her, Role.AUDITOR, by=admin),
    "another password": lambda her, admin: change_password(her.staff, "nine loud otters swim"),
    "signed out everywhere": lambda her, admin: sign_out_everywhere(her),
}


class _Socket(BellConsumer):
    """A socket of a desk, which remembers with what it was closed."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.member, self.code = members_of([key])[key], 0

    async def close(self, code: int | None = None, *args: Any, **kwargs: Any) -> None:
        self.code = code or 0


def test_a_process_looks_often_enough() -> None:
    assert LOOK_AGAIN_EVERY <= 4, "and a look takes less than a second"


@pytest.mark.parametrize("how", ENDINGS)
def test_twenty_desks_and_twenty_sockets_end_at_the_next_look_without_a_bell(
    naomi: Membership, adina: Membership, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """No bell rings here: it is as if Valkey were away."""
    monkeypatch.setattr(consumers, "database_sync_to_async", sync_to_async)  # stays in the test's transaction
    clients = [signed_in(naomi) for _ in range(DESKS)]
    sockets = [_Socket(str(client.session.session_key)) for client in clients]
    look = async_to_sync(Switchboard()._look_again)
    look(sockets)
    assert {socket.code for socket in sockets} == {0}, "or this proves nothing"
    with in_center(naomi.center_id):
        ENDINGS[how](naomi, adina)
    look(sockets)
    assert {socket.code for socket in sockets} == {consumers.ACCESS_ENDED}
    answers = [client.get("/inbox/list/") for client in clients]
    assert {answer.status_code for answer in answers} <= {302, 401, 403}
