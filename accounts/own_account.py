"""What every page of somebody's may have to say about her own account: one question to the database."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Membership, Passkey, Recovery, RecoveryCode, Staff, TotpDevice
from accounts.ways import ENOUGH

FEW_CODES = 3


@dataclass(frozen=True)
class OwnAccount:
    """One person's account, as its owner should know it."""

    ways: int
    codes_left: int
    recovery: Recovery | None  # that an admin has opened for her
    passkey_from: datetime | None  # when her role needs one, if she has none yet

    @property
    def has_enough_ways(self) -> bool:
        return self.ways >= ENOUGH

    @property
    def has_few_codes(self) -> bool:
        return self.codes_left <= FEW_CODES


def own_account_of(member: Membership) -> OwnAccount:
    keys = Passkey.objects.filter(user=OuterRef("pk"), confirmed=True)
    codes = RecoveryCode.objects.filter(recovery_set__user=OuterRef("pk"), used_at=None)
    open_one = Recovery.objects.open().filter(staff=OuterRef("pk"))
    found = Staff.objects.filter(pk=member.staff_id).values_list(
        _count(keys, "user"),
        Exists(TotpDevice.objects.filter(user=OuterRef("pk"), confirmed=True)),
        _count(codes, "recovery_set__user"),
        Exists(open_one),
    )
    passkeys, has_app, codes_left, is_recovered = found.first() or (0, False, 0, False)
    return OwnAccount(
        ways=passkeys + int(has_app and member.staff.has_usable_password()),
        codes_left=codes_left,
        recovery=_recovery_of(member) if is_recovered else None,
        passkey_from=None if passkeys else member.passkey_from,
    )


def _recovery_of(member: Membership) -> Recovery | None:
    return Recovery.objects.open().filter(staff=member.staff_id).select_related("opened_by").first()


def _count(rows: QuerySet[Passkey] | QuerySet[RecoveryCode], owner: str) -> Coalesce:
    """How many there are of one person: as a part of a question about her."""
    counted = rows.order_by().values(owner).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
