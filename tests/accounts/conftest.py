"""Whoever works in a center, and what each of them finds there."""

import pytest

from accounts.models import Center, Membership, Role
from audit.sequencer import sequence_all
from messaging.actions.lines import add_line
from messaging.models import Line
from tests.accounts.worlds import COLLEAGUES, FOREIGN, FREE, OWN, World, Worlds, world_of
from tests.cast import ACCOUNT, TOKEN, employ


@pytest.fixture
def staff(center: Center) -> dict[str, Membership]:
    return {role.value: employ(center, role.label.replace(" ", ""), role) for role in Role}


@pytest.fixture
def worlds(center: Center, other_center: Center, line: Line, staff: dict[str, Membership]) -> Worlds:
    """What somebody of a role finds of each kind, by whose it is."""

    def make(role: str) -> dict[str, World]:
        colleague = employ(center, "Colleague", Role.SPECIALIST)
        stranger = employ(other_center, "Stranger", Role.SPECIALIST)
        there = add_line(other_center, number="+16145550188", account_sid=ACCOUNT, auth_token=TOKEN)
        found = {
            OWN: world_of(line, staff[role], 0, staff[role]),
            FREE: world_of(line, colleague, 1, None),
            COLLEAGUES: world_of(line, colleague, 2, colleague),
            FOREIGN: world_of(there, stranger, 3, stranger),
        }
        sequence_all()
        return found

    return make
