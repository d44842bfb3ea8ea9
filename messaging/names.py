from collections.abc import Collection
from uuid import UUID

from audit.names import ClientName, last_name
from encryption.errors import SealError
from encryption.prefetch import prefetch_keys
from messaging.models import Client, Conversation


def names_of_clients(clients: Collection[UUID]) -> dict[UUID, ClientName]:
    """What these clients are called, for the review of the log."""
    rows = Conversation.objects.filter(client__in=clients).select_related("client", "epoch__number")
    found = list(rows.order_by("created_at"))
    prefetch_keys(part for row in found for part in (row.client, row.epoch.number))
    return {row.client_id: ClientName(row.called, _last_name_of(row.client)) for row in found}


def _last_name_of(client: Client) -> str:
    """One that cannot be opened is like none."""
    try:
        return last_name(client.name or "")
    except SealError:
        return ""
