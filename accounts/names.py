from uuid import UUID

from accounts.models import Membership


def names_of_center(center: UUID) -> dict[UUID, str]:
    """Everybody who works in a center or ever did, for the log's sentences."""
    people = Membership.objects.filter(center=center).select_related("staff")
    return {membership.staff_id: membership.staff.name for membership in people}
