from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Membership
from accounts.roles import Permission, who_may
from audit.events import Event
from audit.record import record
from messaging.bell import ring
from messaging.models import Conversation, Mention, Note


class CannotBeMentioned(Exception):
    """Somebody whom the note mentions may not read this conversation."""


def readers_of(conversation: Conversation) -> QuerySet[Membership]:
    """Everybody who may read a conversation: those for whom `visible_to` finds it."""
    here = Membership.objects.current().who_may(Permission.CONVERSATIONS).filter(center=conversation.center_id)
    if conversation.assignee_id is None:
        return here
    return here.filter(Q(role__in=who_may(Permission.ALL_CONVERSATIONS)) | Q(staff=conversation.assignee_id))


@transaction.atomic
def write_note(
    conversation: Conversation, *, by: Membership, body: str, client_key: UUID, mentioned: Collection[UUID] = ()
) -> Note:
    """Keep words among staff in the thread. The same `client_key` again returns the first note.

    mentioned    colleagues whom it mentions, by the ids of their persons
    raises       `CannotBeMentioned`, and nothing is kept
    """
    row = Conversation.objects.locked(conversation.pk)
    if written := row.notes.filter(client_key=client_key).first():
        return written
    called = _called(row, by, set(mentioned))
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
    for member in called:
        _mention(member, note, row)
    ring(row, called=[member.staff_id for member in called])
    return note


def _called(row: Conversation, by: Membership, mentioned: set[UUID]) -> list[Membership]:
    found = list(readers_of(row).filter(staff__in=mentioned).exclude(staff=by.staff_id)) if mentioned else []
    if len(found) < len(mentioned):
        raise CannotBeMentioned
    return found


def _mention(member: Membership, note: Note, row: Conversation) -> None:
    mention = Mention.objects.create(
        center_id=row.center_id, conversation=row, note=note, staff_id=member.staff_id, sequence=note.sequence
    )
    facts = {"to": str(member.staff_id)}
    record(Event.MENTIONED, subject=mention, conversation=row.pk, client=row.client_id, facts=facts)
