"""Fills a database with conversations, as `python -m bench.many_messages N` in the product's environment.

Every row is what the product itself would write: sealed under its conversation's own key, with one entry in the
log, numbered and signed. Only the doors are left out.
"""

import os
import sys
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from messaging.twilio import Door

EACH = 10  # messages a conversation
BATCH = 50  # conversations a transaction
WORDS = "I have a question about this week, and I would rather write than call if that is all right with you. "


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from audit.context import Actor, acting
    from audit.sequencer import sequence_all

    wanted = int(sys.argv[1]) // EACH
    with acting(Actor.command("bench")):
        door = _door()
        for first in range(0, wanted, BATCH):
            _converse(door, range(first, min(first + BATCH, wanted)))
            sequence_all()
    return 0


def _door() -> "Door":
    from messaging.models import Line
    from messaging.twilio import door_to
    from tenancy.scope import in_platform

    with in_platform():
        return door_to(Line.objects.get())


def _converse(door: "Door", numbers: range) -> None:
    from audit.events import Event
    from audit.guard import audited
    from audit.record import record
    from messaging.actions.clients import begin_conversation
    from messaging.models import Message
    from tenancy.scope import in_center

    with in_center(door.center_id), audited():
        for number in numbers:
            row = begin_conversation(door, f"+1615{number:07d}", is_textable=True)
            messages = [_message(Message, row, door, sequence) for sequence in range(1, EACH + 1)]
            Message.objects.bulk_create(messages)
            for message in messages:
                record(Event.MESSAGE_RECEIVED, subject=message, conversation=row.pk, client=row.client_id)
            row.sequence, row.last_words = EACH, WORDS[:60]
            row.save(update_fields=["sequence", "last_words"])


def _message(model: Any, row: Any, door: "Door", sequence: int) -> Any:
    return model(
        center_id=row.center_id,
        conversation=row,
        epoch=row.epoch_id,
        line_id=door.line_id,
        sequence=sequence,
        direction="in" if sequence % 2 else "out",
        body=WORDS[: 20 * sequence],
        status="received" if sequence % 2 else "delivered",
        twilio_sid=f"SM{row.pk.hex[-16:]}{sequence:016x}",
    )


if __name__ == "__main__":
    sys.exit(main())
