from django.db import transaction

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from messaging.actions.search.texts import forget_head
from messaging.actions.thread_events import add_event
from messaging.bell import ring
from messaging.models import Client, Conversation, EventKind


@transaction.atomic
def name_client(conversation: Conversation, *, name: str, by: Membership) -> None:
    """Keep the first name that a client gave, sealed; an empty one forgets it."""
    row = Conversation.objects.locked(conversation.pk)
    client = Client.objects.select_for_update().get(pk=row.client_id)
    if (client.name or "") == name:
        return
    client.name = name or None
    client.save(update_fields=["name"])
    forget_head(row)
    add_event(row, EventKind.NAMED, by=by)
    row.save(update_fields=["sequence"])
    record(Event.CLIENT_CHANGED, subject=client, conversation=row.pk, client=client.pk, facts={"field": "name"})
    ring(row)
