"""How staff get to know that something is new. Nothing that reaches out says more than that: no name, no word."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actions.telling import tell
from accounts.models import KnownDevice, Membership
from accounts.notices import Notice
from accounts.roles import Permission
from audit.events import Event
from audit.record import record
from messaging.models import Conversation, ConversationQuerySet, Mention, MentionQuerySet, NotificationSettings
from tenancy.scope import in_center, in_platform

COUNTED = 100  # a tab shows no higher number than one less
MAIL_AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class News:
    """What waits for one person, or calls her by name: in how many conversations, and since when the latest does."""

    waiting: int
    latest: datetime | None


def news_for(member: Membership) -> News:
    """What she holds and what nobody does: what colleagues hold calls them. One statement, of three index ranges."""
    hers, free = (rows.order_by("-waiting_since").values_list("pk", "waiting_since")[:COUNTED] for rows in _of(member))
    called = mentions_of(member).order_by("-made_at").values_list("conversation", "made_at")[:COUNTED]
    found = list(hers.union(free, called, all=True))
    waiting = len({conversation for conversation, _ in found})
    return News(waiting=min(waiting, COUNTED), latest=max((moment for _, moment in found if moment), default=None))


def mentions_of(member: Membership) -> MentionQuerySet:
    """The notes that mention her and that she has not read, where she may read them."""
    return Mention.objects.unseen_by(member).filter(conversation__in=Conversation.objects.visible_to(member))


def settings_of(member: Membership) -> NotificationSettings:
    """Her settings, or the ones of somebody who has chosen nothing yet."""
    found = NotificationSettings.objects.filter(membership=member).first()
    return found or NotificationSettings(membership=member, center_id=member.center_id)


def is_quiet(chosen: NotificationSettings, member: Membership, at: datetime) -> bool:
    """Whether it is an hour in which she wants to be left alone, by the clock of her center."""
    begins, ends = chosen.quiet_from, chosen.quiet_until
    if begins is None or ends is None:
        return False
    clock = at.astimezone(member.center.zone).time()
    return begins <= clock < ends if begins < ends else clock >= begins or clock < ends


@transaction.atomic
def change_settings(
    member: Membership, *, quiet_from: time | None, quiet_until: time | None, mail_after: int | None
) -> None:
    """Keep when she is left alone and when she is asked by mail to look, and have it on the record."""
    chosen = {"quiet_from": quiet_from, "quiet_until": quiet_until, "mail_after": mail_after}
    here = {"center_id": member.center_id}
    NotificationSettings.objects.update_or_create(membership=member, defaults=chosen, create_defaults=chosen | here)
    record(Event.NOTIFICATIONS_CHANGED, subject=member, facts={"mail_after": mail_after or 0})


def change_device(device: KnownDevice, *, notifies: bool, sound: str) -> None:
    """Keep what this one browser shows and plays for her."""
    KnownDevice.objects.filter(pk=device.pk).update(notifies=notifies, sound=sound)


def call_on_staff() -> None:
    """Ask by mail whoever wants to be asked, where a client waits for longer than she said."""
    with in_platform():
        centers = list(_who_want_mail().order_by().values_list("center_id", flat=True).distinct())
    for center in centers:
        with in_center(center):
            for row in _who_want_mail().select_for_update(of=("self",), no_key=True):
                _call_on(row, timezone.now())


def _who_want_mail() -> QuerySet[NotificationSettings]:
    wanted = NotificationSettings.objects.filter(mail_after__isnull=False)
    here = wanted.filter(membership__in=Membership.objects.current().who_may(Permission.CONVERSATIONS))
    return here.select_related("membership__staff", "membership__center").order_by("pk")


def _call_on(row: NotificationSettings, now: datetime) -> None:
    member = row.membership
    if is_quiet(row, member, now) or not member.standing(now).is_on:
        return
    first = _longest_wait(member)
    if first is None or first > now - timedelta(minutes=row.mail_after or 0):
        return
    asked = row.mailed_at
    if asked and first <= asked and now < asked + MAIL_AGAIN_AFTER:
        return
    tell(member.staff, Notice.PLEASE_LOOK)
    row.mailed_at = now
    row.save(update_fields=["mailed_at"])


def _longest_wait(member: Membership) -> datetime | None:
    firsts = (rows.order_by("waiting_since").values_list("waiting_since", flat=True).first() for rows in _of(member))
    return min((first for first in firsts if first), default=None)


def _of(member: Membership) -> tuple[ConversationQuerySet, ConversationQuerySet]:
    """What waits for her: in her own conversations, and in those that nobody holds."""
    waiting = Conversation.objects.visible_to(member).waiting()
    return waiting.filter(assignee=member.staff_id), waiting.filter(assignee=None)
