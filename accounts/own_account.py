"""What every page of somebody's may have to say about her own account."""

from dataclasses import dataclass

from accounts.models import Membership, Recovery


@dataclass(frozen=True)
class OwnAccount:
    """One person's account."""

    recovery: Recovery | None  # that an admin has opened for her


def own_account_of(member: Membership) -> OwnAccount:
    return OwnAccount(Recovery.objects.open().filter(staff=member.staff_id).select_related("opened_by").first())
