"""A call that nobody took is work for a person. The line does not ring anybody yet, so every call is one."""

from django.utils import timezone

from audit.events import Event
from audit.record import record
from messaging.actions.clients import locked_conversation
from messaging.actions.follow_ups import owe
from messaging.bell import ring
from messaging.models import Closure, FollowUpKind
from messaging.twilio import CallPost, Door
from tenancy.scope import in_center


def note_missed_call(door: Door, call: CallPost) -> None:
    """Owe a caller an answer. A withheld number leaves nothing to call back, so nothing is owed."""
    if not call.is_known_caller:
        return
    with in_center(door.center_id):
        row = locked_conversation(door.line_id, door.center_id, address=call.caller, is_textable=True, language="en")
        if row.follow_ups.open().filter(kind=FollowUpKind.MISSED_CALL).exists():
            return
        owe(row, FollowUpKind.MISSED_CALL)
        Closure.objects.filter(conversation=row).delete()
        row.closed_at, row.last_entry_at = None, timezone.now()
        row.waiting_since = row.waiting_since or row.last_entry_at
        row.save(update_fields=["closed_at", "last_entry_at", "waiting_since"])
        record(Event.CALL_RECEIVED, subject=row, conversation=row.pk, client=row.client_id)
        ring(row)
