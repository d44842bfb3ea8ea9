"""From an entry to the 32 bytes that the tree holds. `docs/audit.md` says it byte by byte."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models

from audit.notes import timestamp_text
from audit.tree import HASH, leaf_hash

if TYPE_CHECKING:
    from audit.models import LogEntry

VERSION = 1
# auditlog's columns that could hold a person's data, and what stands in them here.
ALWAYS_EMPTY: dict[str, object] = {
    "object_id": None,
    "serialized_data": None,
    "changes_text": "",
    "remote_addr": None,
    "remote_port": None,
    "additional_data": None,
    "actor_email": None,
}


class PersonalData(Exception):
    """An entry was about to hold what the log must never hold. Names the column, not the value."""


def canonical(entry: "LogEntry") -> bytes:
    """The entry as sorted, compact JSON in ASCII, of values as the database gives them back.

    `at` sorts first and has a fixed width, so a verifier finds the time without parsing.
    A column that must be empty and is not appears as well, and so breaks the leaf.
    """
    content: dict[str, Any] = {
        "at": timestamp_text(entry.timestamp),
        "by": _text(entry.actor_id),
        "by_kind": entry.actor_kind,
        "center": _text(entry.center_id),
        "changes": entry.changes,
        "client": _text(entry.client_id),
        "conversation": _text(entry.conversation_id),
        "did": entry.action,
        "event": entry.event,
        "facts": entry.facts,
        "id": _text(entry.pk),
        "object": entry.object_repr,
        "object_pk": entry.object_pk,
        "object_type": entry.content_type_id,
        "request": entry.cid,
        "v": VERSION,
    }
    content |= {name: str(value) for name, value in filled_in_vain(entry).items()}
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def filled_in_vain(entry: "LogEntry") -> dict[str, object]:
    """The columns that should be empty and are not."""
    values = {name: getattr(entry, name) for name in ALWAYS_EMPTY}
    return {name: value for name, value in values.items() if value != ALWAYS_EMPTY[name]}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


class LeafField(models.BinaryField):  # type: ignore[type-arg]
    """Fills itself when the row is written: after all signals, so that nothing changes later."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": HASH, "editable": False, **kwargs})

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes:
        entry: LogEntry = model_instance  # type: ignore[assignment]
        if filled := filled_in_vain(entry):
            raise PersonalData(f"The log does not keep {', '.join(sorted(filled))}.")
        leaf = leaf_hash(canonical(entry))
        setattr(entry, self.attname, leaf)
        return leaf
