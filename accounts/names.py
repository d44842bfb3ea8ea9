from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Membership
from encryption.errors import SealError


def names_of_center(center: UUID) -> dict[UUID, str]:
    """Everybody who works in a center or ever did, for the log's sentences."""
    people = Membership.objects.filter(center=center).select_related("staff")
    return {membership.staff_id: _name_of(membership) for membership in people}


def _name_of(membership: Membership) -> str:
    """One name that cannot be opened may not shut the whole log."""
    try:
        return membership.staff.name
    except SealError:
        return _("A name that cannot be shown")
