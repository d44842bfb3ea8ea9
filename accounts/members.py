from uuid import UUID

from django.apps import apps
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.crypto import constant_time_compare

from accounts.models import Membership
from accounts.models.factors import OwnDevice
from accounts.sessions import Proof


def member_behind(proof: Proof) -> Membership | None:
    """The membership that a session's proof stands for, inside the scope of its center; one query.

    None when the work in that center has ended, the password has changed since, or the second
    factor that signed in is gone.
    """
    try:
        hers = _device(proof.device_id).filter(user=OuterRef("staff"), confirmed=True)
    except (LookupError, ValueError):
        return None  # a kind of device that there is no more
    current = Membership.objects.current().filter(Exists(hers), staff=proof.staff_id, center=proof.center_id)
    member = current.select_related("center", "staff", "roster").first()
    is_hers = member is not None and constant_time_compare(proof.password_hash, member.staff.get_session_auth_hash())
    return member if is_hers else None


def _device(name: str) -> QuerySet[OwnDevice]:
    """The device that bears this persistent id, as a part of another question."""
    kind, _slash, number = name.partition("/")
    model: type[OwnDevice] = apps.get_model(kind)
    found: QuerySet[OwnDevice] = model._default_manager.filter(pk=UUID(int=int(number)))
    return found
