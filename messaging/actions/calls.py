"""A call that nobody took is work for a person. The line does not ring anybody yet, so every call is one."""

from django.utils import timezone

from audit.events import Event
from audit.record import record
from messaging.actions.clients import begin_conversation, find_conversation
from messaging.actions.follow_ups import owe
from messaging.bell import ring
from messaging.models import Call, Closure, Conversation, FollowUpKind
from messaging.twilio import CallPost, Door
from tenancy.scope import in_center


def note_missed_call(door: Door, call: CallPost) -> bool:
    """Owe a caller an answer, once a call; return whether this call was new.

    Its beginning, its end and Twilio's list tell of the same call, in any order and number. A withheld
    number leaves nothing to call back, so nothing is owed.
    """
    if not call.is_known_caller:
        return False
    with in_center(door.center_id):
        row = find_conversation(door, call.caller) or begin_conversation(door, call.caller, is_textable=True)
        is_new = _keep(row, door, call)
        if is_new:
            _owe_a_call(row, call)
    return is_new


def _keep(row: Conversation, door: Door, call: CallPost) -> bool:
    kept = Call(
        center_id=door.center_id, conversation=row, line_id=door.line_id, twilio_sid=call.sid, said_at=call.said_at
    )
    Call.objects.bulk_create([kept], ignore_conflicts=True)
    return Call.objects.filter(pk=kept.pk).exists()


def _owe_a_call(row: Conversation, call: CallPost) -> None:
    if not row.follow_ups.open().filter(kind=FollowUpKind.MISSED_CALL).exists():
        owe(row, FollowUpKind.MISSED_CALL)
    if row.closed_at is not None:
        Closure.objects.filter(conversation=row).delete()
        record(Event.REOPENED, subject=row, conversation=row.pk, client=row.client_id)
    row.closed_at, row.last_entry_at = None, timezone.now()
    row.waiting_since = row.waiting_since or call.said_at or row.last_entry_at
    row.save(update_fields=["closed_at", "last_entry_at", "waiting_since"])
    record(Event.CALL_RECEIVED, subject=row, conversation=row.pk, client=row.client_id)
    ring(row)
