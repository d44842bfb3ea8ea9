"""In how many ways a person can sign in. Recovery codes are for bad days and do not count."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q

from accounts.models import Passkey, Staff, TotpDevice

ENOUGH = 2
# Of memberships: those of people who can sign in, by a passkey or by a password with an authenticator app.
HAS_A_WAY = Q(Exists(Passkey.objects.filter(user=OuterRef("staff"), confirmed=True))) | (
    Q(Exists(TotpDevice.objects.filter(user=OuterRef("staff"), confirmed=True)))
    & ~Q(staff__password__startswith=UNUSABLE_PASSWORD_PREFIX)
)


@dataclass(frozen=True)
class Ways:
    """Each passkey is a way; a password together with an authenticator app is one more."""

    passkeys: list[Passkey]
    has_password: bool
    has_authenticator: bool

    @property
    def usable_passkeys(self) -> list[Passkey]:
        """Those that are not shut."""
        return [passkey for passkey in self.passkeys if passkey.confirmed]

    @property
    def count(self) -> int:
        return len(self.usable_passkeys) + int(self.has_password and self.has_authenticator)

    @property
    def are_enough(self) -> bool:
        return self.count >= ENOUGH


def ways_of(staff: Staff) -> Ways:
    return ways_of_all([staff])[staff.pk]


def ways_of_all(people: Sequence[Staff]) -> dict[UUID, Ways]:
    """The ways of each of these people, with two queries."""
    passkeys = defaultdict(list)
    for passkey in Passkey.objects.filter(user__in=people).order_by("created_at"):
        passkeys[passkey.user_id].append(passkey)
    authenticators = set(TotpDevice.objects.filter(user__in=people, confirmed=True).values_list("user_id", flat=True))
    return {one.pk: Ways(passkeys[one.pk], one.has_usable_password(), one.pk in authenticators) for one in people}
