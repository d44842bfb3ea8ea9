"""A whole conversation goes on paper when two people want it: one asks, another agrees, and both stand in the log."""

from django.db import transaction
from django.utils import timezone

from accounts.actions.telling import tell
from accounts.models import Membership
from accounts.notices import Notice
from accounts.roles import Permission
from audit.events import Event
from audit.record import record
from messaging.models import Conversation, Printout


class NotOpen(Exception):
    """It was decided meanwhile, nobody needs it any more, or it is one's own."""


@transaction.atomic
def ask_to_print(conversation: Conversation, *, by: Membership, reason: str) -> Printout:
    """Ask for a second person, and have everybody who could be that told to look. One open request a conversation."""
    row = Conversation.objects.locked(conversation.pk)
    if waiting := row.printouts.waiting().filter(asked_by=by.staff_id).first():
        return waiting
    printout = Printout.objects.create(
        center_id=row.center_id, conversation=row, epoch=row.epoch_id, asked_by_id=by.staff_id, reason=reason
    )
    record(Event.PRINT_ASKED, subject=printout, conversation=row.pk, client=row.client_id)
    others = Membership.objects.current().who_may(Permission.COPY).filter(center=row.center_id)
    for member in others.exclude(staff=by.staff_id).select_related("staff"):
        tell(member.staff, Notice.PLEASE_LOOK)
    return printout


@transaction.atomic
def decide(printout: Printout, *, by: Membership, agrees: bool) -> None:
    """Agree to what a colleague asked for, or refuse it, once. Raises `NotOpen`."""
    if not Membership.objects.held(Permission.COPY).filter(pk=by.pk).exists():
        raise NotOpen
    decided = {"decided_by": by.staff_id, ("agreed_at" if agrees else "refused_at"): timezone.now()}
    open_ones = Printout.objects.waiting().filter(pk=printout.pk).exclude(asked_by=by.staff_id)
    if not open_ones.update(**decided):
        raise NotOpen
    row, event = printout.conversation, Event.PRINT_AGREED if agrees else Event.PRINT_REFUSED
    record(event, subject=printout, conversation=row.pk, client=row.client_id)
