"""The one-time link by which the first admin of an installation without demo comes in."""

from accounts.actions.centers import add_center
from accounts.actions.invitations import invite
from accounts.models import Center, Role
from audit.context import Actor, acting
from encryption.keystore import create_center_keys
from tenancy.ids import INSTALLATION
from tenancy.scope import in_platform

CENTER = "Our center"
EMAIL = "admin@quietline.local"


@acting(Actor.command("bin/up"))
def invite_first_admin() -> dict[str, str]:
    """Make the first center, unless there is one, and return a link for its admin."""
    create_center_keys(INSTALLATION)
    with in_platform():
        center = Center.objects.order_by("created_at").first()
    link = invite(center or add_center(CENTER), email=EMAIL, role=Role.ADMIN, by=None)
    return {"email": EMAIL, "link": link}
