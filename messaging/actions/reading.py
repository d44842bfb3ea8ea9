from uuid import UUID

from django.db import connection, transaction

from accounts.models import Membership
from audit.record import record_read
from messaging.models import Conversation
from tenancy.ids import uuid7

# One statement, so that two tabs of one person never trip over each other; the mark only moves on.
# Notes behind which it has come call her no longer.
MARK = """
    WITH seen AS (
        UPDATE messaging_mention SET seen_at = now()
        WHERE center_id = %s AND staff_id = %s AND conversation_id = %s AND seen_at IS NULL AND sequence <= %s
    )
    INSERT INTO messaging_readmark (id, center_id, conversation_id, staff_id, sequence, read_at)
    VALUES (%s, %s, %s, %s, %s, now())
    ON CONFLICT (conversation_id, staff_id) DO UPDATE
    SET sequence = GREATEST(messaging_readmark.sequence, EXCLUDED.sequence), read_at = now()
"""


@transaction.atomic
def read(conversation: Conversation, *, by: Membership, up_to: int) -> None:
    """Remember how far this person has read, and put the reading on the record."""
    if conversation.my_mark is None or conversation.my_mark.sequence < up_to:
        _mark(conversation, by, up_to)
    holder = _holder(conversation, by)
    record_read(conversation, conversation=conversation.pk, client=conversation.client_id, facts={"holder": holder})


def _holder(conversation: Conversation, by: Membership) -> str:
    """Who had it when it was read: the review of the log asks who reads what colleagues have taken."""
    if conversation.assignee_id is None:
        return "nobody"
    return "self" if conversation.assignee_id == by.staff_id else "colleague"


def _mark(conversation: Conversation, by: Membership, up_to: int) -> None:
    center, pk, person = conversation.center_id, conversation.pk, by.staff_id
    values: list[UUID | int] = [center, person, pk, up_to, uuid7(), center, pk, person, up_to]
    with connection.cursor() as cursor:
        cursor.execute(MARK, values)
