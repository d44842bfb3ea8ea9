"""Who is behind an id. The rooms above know; they hand their answers down at start.

set_name_resolver(names_of_center)           # in accounts' AppConfig.ready()
set_client_name_resolver(names_of_clients)   # in messaging's
"""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple
from uuid import UUID


class ClientName(NamedTuple):
    """What pages call a client, and her last name as far as it is known: that is compared and never shown."""

    called: str
    last: str


NameResolver = Callable[[UUID], Mapping[UUID, str]]
ClientNameResolver = Callable[[Collection[UUID]], Mapping[UUID, ClientName]]


def _nobody(center: UUID) -> Mapping[UUID, str]:
    return {}


def _no_client(clients: Collection[UUID]) -> Mapping[UUID, ClientName]:
    return {}


_resolver: NameResolver = _nobody
_client_resolver: ClientNameResolver = _no_client


def set_name_resolver(resolver: NameResolver) -> None:
    """`resolver(center)` returns id and name of everybody who works there or ever did, in one query."""
    global _resolver
    _resolver = resolver


def staff_names(center: UUID) -> Mapping[UUID, str]:
    return _resolver(center)


def set_client_name_resolver(resolver: ClientNameResolver) -> None:
    """`resolver(ids)` returns id and name of those clients."""
    global _client_resolver
    _client_resolver = resolver


def client_names(clients: Collection[UUID]) -> Mapping[UUID, ClientName]:
    return _client_resolver(clients)


def last_name(name: str) -> str:
    """The last word of a name of two words or more; a first name alone says nothing about kinship."""
    words = name.casefold().split()
    return words[-1] if len(words) > 1 else ""
