"""Of one person's searches one runs: to look through everything is dear, and she waits for the newest alone."""

from uuid import UUID

from django.db.models import BooleanField, Func, TextField, Value
from django.db.models.functions import Cast

from accounts.models import Membership
from messaging.models import RunningSearch


def take_turn(member: Membership, token: UUID) -> None:
    """From now on this search is the one that runs."""
    RunningSearch.objects.update_or_create(
        membership_id=member.pk, defaults={"center_id": member.center_id, "token": token}
    )


def has_turn(member: Membership, token: UUID) -> bool:
    """Whether this search may go on: it is the newest, and no other stretch of it runs until this transaction ends."""
    number = Func(Cast("token", TextField()), Value(0), function="hashtextextended")
    is_free = Func(number, function="pg_try_advisory_xact_lock", output_field=BooleanField())
    found = RunningSearch.objects.filter(membership=member.pk, token=token).annotate(is_free=is_free)
    return found.values_list("is_free", flat=True).first() is True
