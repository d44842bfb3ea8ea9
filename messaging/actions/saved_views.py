"""One's own views of the list: saved under a name, renamed, removed, and back again for a moment."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from messaging.actions.assignment import hold
from messaging.models import SavedView

MOST = 20  # views a person
UNDO_WITHIN = timedelta(minutes=1)


class TooMany(Exception):
    """This person has as many views as one can have."""


@transaction.atomic
def save_view(member: Membership, *, name: str, address: str) -> SavedView:
    """Save a view; one of this address that is there already is given the name. Raises `TooMany`."""
    hold(member)
    _forget_removed(member)
    kept = SavedView.objects.of(member).filter(address=address).first()
    if kept is not None:
        rename_view(kept, name=name)
        return kept
    if SavedView.objects.of(member).count() >= MOST:
        raise TooMany
    saved = SavedView.objects.create(center_id=member.center_id, membership=member, name=name, address=address)
    _record(saved, "saved")
    return saved


@transaction.atomic
def rename_view(view: SavedView, *, name: str) -> None:
    view.name = name
    view.save(update_fields=["name"])
    _record(view, "renamed")


@transaction.atomic
def remove_view(view: SavedView) -> None:
    """Take a view away; for a minute it can be put back."""
    _forget_removed(view.membership)
    view.removed_at = timezone.now()
    view.save(update_fields=["removed_at"])
    _record(view, "removed")


@transaction.atomic
def put_back(view: SavedView) -> bool:
    """Undo the removal of a view; return whether it was in time. Raises `TooMany`."""
    hold(view.membership)
    if view.removed_at is None:
        return True
    if view.removed_at < timezone.now() - UNDO_WITHIN:
        return False
    if SavedView.objects.of(view.membership).count() >= MOST:
        raise TooMany
    view.removed_at = None
    view.save(update_fields=["removed_at"])
    _record(view, "put_back")
    return True


def _forget_removed(member: Membership) -> None:
    """Nobody can put these back any more."""
    long_ago = timezone.now() - UNDO_WITHIN
    SavedView.objects.filter(membership=member, removed_at__lt=long_ago).delete()


def _record(view: SavedView, what: str) -> None:
    record(Event.VIEW_CHANGED, subject=view, facts={"what": what})
