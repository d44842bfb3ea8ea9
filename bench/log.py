"""The log for `bench.audit`, in the product's environment.

    python -m bench.log export FILE COUNT    an export of so many entries
    python -m bench.log write COUNT          so many entries into the database, committed at once; prints when

Entries are filled in, hashed, numbered and signed by the code that does it for the product. An export is made without
the database: a million rows would only be read again.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from audit.models import LogEntry


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from audit.context import Actor, acting

    with acting(Actor.twilio()):
        if sys.argv[1] == "write":
            _write(int(sys.argv[2]))
        else:
            with Path(sys.argv[2]).open("wb") as file:
                file.writelines(export_lines(int(sys.argv[3])))
    return 0


def _write(count: int) -> None:
    from audit.models import LogEntry
    from tenancy.scope import in_platform

    entries = list(_entries(count))  # a transaction may not wait for them
    with in_platform():
        LogEntry.objects.bulk_create(entries, batch_size=500)
    print(time.monotonic())


def export_lines(count: int) -> Iterator[bytes]:
    """The lines that `audit.export` would write of a log of this size."""
    from django.utils import timezone

    from audit.export import FORMAT, entry_line, line_of
    from audit.models import SequencedLeaf
    from audit.notes import Signer, checkpoint_text, timestamp_text
    from audit.sequencer import BATCH
    from audit.tree import Frontier, leaf_hash
    from encryption.keystore import signing_key_bytes

    signer, tree, previous = Signer(signing_key_bytes()), Frontier(), None
    key = str(signer.public)
    yield line_of(format=FORMAT, at=timestamp_text(timezone.now()), center=None, key=key, keys=[key], size=count)
    for entry in _entries(count):
        entry.leaf = leaf_hash(entry.canonical)
        yield entry_line(SequencedLeaf(seq=tree.size, entry=entry.pk, leaf=entry.leaf), entry)
        tree.append(entry.leaf)
        if tree.size % BATCH == 0 or tree.size == count:
            at, behind = timezone.now(), tree.size < count
            text = checkpoint_text(
                signer.public.origin, tree.size, tree.root(), at=at, behind=behind, previous=previous
            )
            previous = signer.sign(text)
            yield line_of(checkpoint=previous)


def _entries(count: int) -> "Iterator[LogEntry]":
    """What texts leave in the log: who, where, about which message of whom."""
    from django.contrib.contenttypes.models import ContentType

    from audit.events import Event
    from audit.fill import complete
    from audit.models import LogEntry
    from messaging.models import Message
    from tenancy.ids import uuid7

    kind, center, action = ContentType.objects.get_for_model(Message), uuid7(), LogEntry.Action.UPDATE
    for _ in range(count):
        about = {"conversation_id": uuid7(), "client_id": uuid7(), "object_pk": str(uuid7())}
        entry = LogEntry(event=Event.MESSAGE_RECEIVED, action=action, content_type=kind, center_id=center, **about)
        complete(LogEntry, entry)
        yield entry


if __name__ == "__main__":
    sys.exit(main())
