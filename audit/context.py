"""Who acts, in which request, and what the act is called. One place for views, sockets, jobs and commands.

A `ContextVar` follows threads made by `sync_to_async` and each asyncio task has its own, so the
answer is right in all of them, and nothing here touches the database.

    with acting(Actor.staff(member.staff_id), request_id=new_request_id()):   # a door
    with acting(Actor.system()):                                              # a job
    @acting(Actor.command("add_staff"))                                       # a command's handle()
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, NamedTuple, Self
from uuid import UUID

from tenancy.ids import uuid7

Kind = Literal["staff", "client", "twilio", "system", "command", "nobody"]


class Actor(NamedTuple):
    """Who acts. `name` is the name of a command, and empty for everybody else."""

    kind: Kind
    staff_id: UUID | None = None
    name: str = ""

    @classmethod
    def staff(cls, staff_id: UUID) -> Self:
        return cls("staff", staff_id)

    @classmethod
    def client(cls) -> Self:
        return cls("client")

    @classmethod
    def twilio(cls) -> Self:
        return cls("twilio")

    @classmethod
    def system(cls) -> Self:
        return cls("system")

    @classmethod
    def command(cls, name: str) -> Self:
        return cls("command", name=name)

    @classmethod
    def nobody(cls) -> Self:
        """Whoever has not signed in."""
        return cls("nobody")


_actor: ContextVar[Actor | None] = ContextVar("audit_actor", default=None)
_request_id: ContextVar[str | None] = ContextVar("audit_request_id", default=None)


def new_request_id() -> str:
    return str(uuid7())


def current_actor() -> Actor:
    return _actor.get() or Actor.nobody()


def current_request_id() -> str | None:
    """Also what auditlog calls the correlation id (`AUDITLOG_CID_GETTER`)."""
    return _request_id.get()


@contextmanager
def acting(actor: Actor, *, request_id: UUID | str | None = None) -> Iterator[None]:
    """Entries written inside are this actor's. Without `request_id` the outer one stays."""
    actor_token = _actor.set(actor)
    request_token = _request_id.set(str(request_id) if request_id else _request_id.get())
    try:
        yield
    finally:
        _request_id.reset(request_token)
        _actor.reset(actor_token)
