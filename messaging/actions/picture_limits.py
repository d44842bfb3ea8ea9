"""How many pictures may leave within a day: of one person, and of her center (FILE-08)."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Membership
from messaging.models import Attachment, Direction
from messaging.models.message import NEVER_LEFT

MOST_OF_ONE, MOST_OF_ALL = 60, 400  # a day


def left_today(by: Membership) -> tuple[int, int]:
    """How many pictures this person, and her whole center, may still send within this day."""
    today = _sent_today(by)
    return MOST_OF_ONE - today.filter(message__author=by.staff_id).count(), MOST_OF_ALL - today.count()


def _sent_today(by: Membership) -> "QuerySet[Attachment]":
    since = timezone.now() - timedelta(days=1)
    ours = Attachment.objects.filter(center=by.center_id, created_at__gt=since, message__direction=Direction.OUT)
    return ours.exclude(message__status__in=NEVER_LEFT)
