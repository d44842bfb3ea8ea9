"""The one receiver that completes every entry, auditlog's own and ours, before it is written.

auditlog's `set_actor` and its middleware are not used: they lose the outer actor when nested, add
a receiver for each request, and believe whatever address the browser claims to have.
"""

from typing import Any

from auditlog.models import AbstractLogEntry
from django.db.models.signals import pre_save

from audit import context, leaf, masking
from audit.events import Event
from audit.guard import current_block
from audit.models import LogEntry
from tenancy.scope import current_center

PLAIN_NAMES = {
    AbstractLogEntry.Action.CREATE: Event.ROW_ADDED,
    AbstractLogEntry.Action.UPDATE: Event.ROW_CHANGED,
    AbstractLogEntry.Action.DELETE: Event.ROW_REMOVED,
    AbstractLogEntry.Action.ACCESS: Event.LIST_READ,
}


def connect() -> None:
    pre_save.connect(complete, sender=LogEntry, dispatch_uid="audit.complete")


def complete(sender: type[LogEntry], instance: LogEntry, **kwargs: Any) -> None:
    """Say who, in which request and where; take away what the log must not hold."""
    _say_who(instance)
    _say_what(instance)
    instance.object_pk = str(instance.object_pk or "")
    instance.object_repr = f"{_label(instance)} {instance.object_pk}".strip()
    instance.changes = masking.shown_changes(_model(instance), instance.changes)
    for name, empty in leaf.ALWAYS_EMPTY.items():
        setattr(instance, name, empty)


def _say_who(entry: LogEntry) -> None:
    actor = context.current_actor()
    entry.actor_id = actor.staff_id
    entry.actor_kind = actor.kind
    entry.cid = context.current_request_id()
    if actor.name:
        entry.facts = {**entry.facts, "command": actor.name}


def _say_what(entry: LogEntry) -> None:
    block = current_block()
    if not entry.event:
        entry.event = (block and block.event) or PLAIN_NAMES[entry.action]
        entry.center_id = entry.center_id or current_center()
    if block:
        block.recorded = True


def _model(entry: LogEntry) -> Any:
    return entry.content_type.model_class() if entry.content_type else None


def _label(entry: LogEntry) -> str:
    kind = entry.content_type
    return f"{kind.app_label}.{kind.model}" if kind else ""
