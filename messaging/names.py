from collections.abc import Collection
from uuid import UUID

from encryption.errors import SealError
from messaging.models import Client


def names_of_clients(clients: Collection[UUID]) -> dict[UUID, str]:
    """The names that clients gave, for the review of the log. One that cannot be opened is left out there."""
    named = Client.objects.filter(pk__in=clients, name__isnull=False)
    return {client.pk: name for client in named if (name := _name_of(client))}


def _name_of(client: Client) -> str:
    try:
        return client.name or ""
    except SealError:
        return ""
