"""Which tags a center has, what they are called and in which order they stand. None is ever deleted."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Center
from audit.events import Event
from audit.record import record
from messaging.models import Tag

MOST = 40  # in use at once: more than anybody finds her way in


class TooMany(Exception):
    """The center has as many tags in use as it may have."""


@transaction.atomic
def add_tag(center: Center, label: str) -> Tag:
    """A new tag, after all others. Raises TooMany."""
    tag = Tag(center=center, label=label, place=_next_place(center))
    tag.save()
    record(Event.TAGS_CHANGED, subject=tag, facts={"added": True})
    return tag


@transaction.atomic
def rename_tag(tag: Tag, label: str) -> None:
    """Call it something else, wherever it is."""
    tag.label = label
    tag.save(update_fields=["label"])
    record(Event.TAGS_CHANGED, subject=tag, facts={"renamed": True})


@transaction.atomic
def move_tag(tag: Tag, *, by: int) -> None:
    """Move it so many places down (up, if negative) among those in use; at an end it stays."""
    order = _locked(tag.center)
    if tag not in order:
        return
    at = order.index(tag)
    order.insert(max(0, at + by), order.pop(at))
    for place, one in enumerate(order):
        one.place = place
        one.save(update_fields=["place"])
    record(Event.TAGS_CHANGED, subject=tag, facts={"moved": by})


@transaction.atomic
def retire_tag(tag: Tag) -> None:
    """Put it out of use: it is put on nobody any more, and stays where it is."""
    tag.retired_at = timezone.now()
    tag.save(update_fields=["retired_at"])
    record(Event.TAGS_CHANGED, subject=tag, facts={"retired": True})


@transaction.atomic
def revive_tag(tag: Tag) -> None:
    """Take it into use again, after all others. Raises TooMany."""
    tag.place, tag.retired_at = _next_place(tag.center), None
    tag.save(update_fields=["place", "retired_at"])
    record(Event.TAGS_CHANGED, subject=tag, facts={"retired": False})


def _locked(center: Center) -> list[Tag]:
    """Those in use, in their order, with the center's row held: two who change them at once do so in turn."""
    Center.objects.select_for_update(no_key=True).get(pk=center.pk)
    return list(Tag.objects.in_use().filter(center=center))


def _next_place(center: Center) -> int:
    tags = _locked(center)
    if len(tags) >= MOST:
        raise TooMany
    return max((tag.place for tag in tags), default=-1) + 1
