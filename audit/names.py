"""Who is behind an id. The rooms above know; they hand their answers down at start.

set_name_resolver(names_of_center)           # in accounts' AppConfig.ready()
set_client_name_resolver(names_of_clients)   # in messaging's
"""

from collections.abc import Callable, Collection, Mapping
from uuid import UUID

NameResolver = Callable[[UUID], Mapping[UUID, str]]
ClientNameResolver = Callable[[Collection[UUID]], Mapping[UUID, str]]


def _nobody(center: UUID) -> Mapping[UUID, str]:
    return {}


def _no_client(clients: Collection[UUID]) -> Mapping[UUID, str]:
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
    """`resolver(ids)` returns id and name of those clients that gave one and whose name can be read."""
    global _client_resolver
    _client_resolver = resolver


def client_names(clients: Collection[UUID]) -> Mapping[UUID, str]:
    return _client_resolver(clients)
