"""Who holds a conversation. One of two who take it wins; the other is told by whom."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Center, Membership, Staff
from accounts.roles import Permission
from accounts.signals import Held
from audit.events import Event
from audit.record import record
from messaging.actions.thread_events import add_event
from messaging.bell import Lost, ring
from messaging.models import Conversation, EventKind, FollowUp
from tenancy.scope import in_center, in_platform


class WorksHereNoLonger(PermissionDenied):
    """Whoever is to hold the conversation was suspended, or left, in this moment."""


class AlreadyTaken(Exception):
    """Somebody else holds the conversation."""

    def __init__(self, holder: Staff) -> None:
        super().__init__()
        self.holder = holder


@transaction.atomic
def take(conversation: Conversation, *, by: Membership) -> None:
    """Give a conversation that nobody holds to the person who asks for it. Raises `WorksHereNoLonger`."""
    hold(by)
    row = Conversation.objects.locked(conversation.pk)
    if row.assignee_id == by.staff_id:
        return
    if row.assignee is not None:
        raise AlreadyTaken(row.assignee)
    _hand(row, to=by, by=by, what=EventKind.TAKEN, event=Event.TAKEN)


@transaction.atomic
def assign(conversation: Conversation, *, to: Membership, by: Membership) -> None:
    """Give a conversation to a colleague. Raises `WorksHereNoLonger`."""
    hold(to)
    row = Conversation.objects.locked(conversation.pk)
    if row.assignee_id == to.staff_id:
        return
    if to.pk == by.pk:
        _hand(row, to=to, by=by, what=EventKind.TAKEN, event=Event.TAKEN)
    else:
        _hand(row, to=to, by=by, what=EventKind.ASSIGNED, event=Event.ASSIGNED)


@transaction.atomic
def release(conversation: Conversation, *, by: Membership) -> None:
    """Give a conversation back, so that everybody sees it among those nobody has taken."""
    row = Conversation.objects.locked(conversation.pk)
    if row.assignee_id is not None:
        _hand(row, to=None, by=by, what=EventKind.RELEASED, event=Event.UNASSIGNED)


def hold(member: Membership) -> None:
    """Lock her membership, always before a conversation: whoever suspends her waits, and then takes this from her too.

    Otherwise a conversation could be hers that was given away in the moment in which all of hers are returned.
    """
    if not Membership.objects.held(Permission.CONVERSATIONS).filter(pk=member.pk).exists():
        raise WorksHereNoLonger


def _hand(row: Conversation, *, to: Membership | None, by: Membership, what: EventKind, event: Event) -> None:
    before, row.assignee_id = row.assignee_id, to.staff_id if to else None
    add_event(row, what, by=by, to=to)
    row.save(update_fields=["assignee", "sequence"])
    row.follow_ups.open().update(owner=row.assignee_id)
    facts = {"to": str(to.staff_id) if to else None, "from": str(before) if before else None}
    record(event, subject=row, conversation=row.pk, client=row.client_id, facts=facts)
    lost = Lost(before, by.staff_id, row.assignee_id) if before and before != by.staff_id else None
    ring(row, everyone=True, lost=lost)


def give_everything_back(member: Membership, *, by: Membership) -> None:
    """Return what somebody held and owed to everybody."""
    hers = Conversation.objects.filter(assignee=member.staff_id, center=member.center_id)
    for row in hers.select_for_update().order_by("pk"):
        _hand(row, to=None, by=by, what=EventKind.RELEASED, event=Event.UNASSIGNED)
    FollowUp.objects.open().filter(owner=member.staff_id, center=member.center_id).update(owner=None)


def return_what_waits() -> None:
    """Nobody waits for somebody whose hours are over: what she holds goes back to everybody as soon as a client waits.

    What waits for nobody stays hers, so that she finds it when she comes again.
    """
    with in_platform():
        centers = list(Center.objects.values_list("pk", flat=True))
    for center in centers:
        with in_center(center):
            bound = Membership.objects.current().filter(center=center, roster__isnull=False)
            for member in bound.select_related("center", "roster", "staff").order_by("pk"):
                if not member.is_in_hours:
                    _return_what_waits_for(member)


def _return_what_waits_for(member: Membership) -> None:
    hers = Conversation.objects.waiting().filter(assignee=member.staff_id, center=member.center_id)
    for row in hers.select_for_update().order_by("pk"):
        _hand(row, to=None, by=member, what=EventKind.AWAY, event=Event.UNASSIGNED_AWAY)


def held_by(member: Membership) -> Held:
    """How many conversations somebody holds, and how many open follow-ups are hers."""
    hers = {"center": member.center_id}
    conversations = Conversation.objects.open().filter(assignee=member.staff_id, **hers)
    return Held(conversations.count(), FollowUp.objects.open().filter(owner=member.staff_id, **hers).count())
