"""In how many ways a person can sign in. Recovery codes are for bad days and do not count."""

from dataclasses import dataclass

from accounts.models import Passkey, Staff

ENOUGH = 2


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
    passkeys = list(Passkey.objects.filter(user=staff).order_by("created_at"))
    authenticators = staff.totpdevice_set.filter(confirmed=True)
    return Ways(passkeys, staff.has_usable_password(), authenticators.exists())
