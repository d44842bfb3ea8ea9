"""A call that nobody took is work for a person. The line does not ring anybody yet, so every call is one."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from audit.events import Event
from audit.record import record
from messaging.actions.clients import begin_conversation, find_conversation
from messaging.actions.follow_ups import owe
from messaging.bell import ring
from messaging.models import Closure, Conversation, FollowUpKind
from messaging.twilio import CallPost, Door
from tenancy.scope import in_center

ONE_CALL = timedelta(minutes=10)  # no call lasts longer: it hears a sentence and ends


def note_missed_call(door: Door, call: CallPost, *, has_ended: bool) -> None:
    """Owe a caller an answer. A withheld number leaves nothing to call back, so nothing is owed.

    has_ended    this is the report of the call's end; what its beginning has opened already stands for both
    """
    if not call.is_known_caller:
        return
    with in_center(door.center_id):
        row = find_conversation(door, call.caller) or begin_conversation(door, call.caller, is_textable=True)
        if not _is_owed_already(row, has_ended=has_ended):
            _owe_a_call(row)


def _is_owed_already(row: Conversation, *, has_ended: bool) -> bool:
    stands = Q(settled_at=None)
    if has_ended:
        stands |= Q(opened_at__gt=timezone.now() - ONE_CALL)
    return row.follow_ups.filter(stands, kind=FollowUpKind.MISSED_CALL).exists()


def _owe_a_call(row: Conversation) -> None:
    owe(row, FollowUpKind.MISSED_CALL)
    if row.closed_at is not None:
        Closure.objects.filter(conversation=row).delete()
        record(Event.REOPENED, subject=row, conversation=row.pk, client=row.client_id)
    row.closed_at, row.last_entry_at = None, timezone.now()
    row.waiting_since = row.waiting_since or row.last_entry_at
    row.save(update_fields=["closed_at", "last_entry_at", "waiting_since"])
    record(Event.CALL_RECEIVED, subject=row, conversation=row.pk, client=row.client_id)
    ring(row)
