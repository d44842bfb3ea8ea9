from uuid import UUID

from django.db import transaction

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from messaging.bell import ring
from messaging.models import Conversation, Note


@transaction.atomic
def write_note(conversation: Conversation, *, by: Membership, body: str, client_key: UUID) -> Note:
    """Keep words among staff in the thread. The same `client_key` again returns the first note."""
    row = Conversation.objects.locked(conversation.pk)
    if written := row.notes.filter(client_key=client_key).first():
        return written
    note = Note.objects.create(
        center_id=row.center_id,
        conversation=row,
        epoch=row.epoch_id,
        sequence=row.take_number(),
        body=body,
        author_id=by.staff_id,
        client_key=client_key,
    )
    row.save(update_fields=["sequence"])
    record(Event.NOTE_WRITTEN, subject=note, conversation=row.pk, client=row.client_id)
    ring(row)
    return note
