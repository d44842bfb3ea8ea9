from uuid import UUID

from django.core.management.base import CommandError

from accounts.models import Center
from tenancy.scope import in_platform


def center_named(name: str) -> Center:
    """The center with this id or name, for commands. Raises `CommandError` in plain words.

    Names are sealed, so they are opened one by one; an installation has a handful.
    """
    with in_platform():
        found = [center for center in Center.objects.all() if name in (str(center.pk), center.name)]
    if not found and _is_id(name):
        raise CommandError("There is no center with this id.")
    if not found:
        raise CommandError("There is no center with this name. `add_center` makes one.")
    if len(found) > 1:
        raise CommandError("Several centers have this name. Please give the id instead.")
    return found[0]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
