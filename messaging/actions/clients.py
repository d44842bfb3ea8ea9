"""From a number to the conversation that is held with whoever it reaches now."""

from uuid import UUID

from accounts.models import Center
from audit.events import Event
from audit.record import record
from encryption.blind_index import phone_index
from encryption.keystore import create_epoch_key
from messaging.models import Client, Conversation, Line, NumberEpoch, PhoneNumber
from tenancy.ids import uuid7


def locked_conversation(
    line_id: UUID, center_id: UUID, *, address: str, is_textable: bool, language: str
) -> Conversation:
    """The conversation with this number, its row locked; begun if there is none.

    Two first texts of one number at the same moment meet at the number's row: one begins the
    conversation, the other finds it.
    """
    index = phone_index(center_id, address)
    found = _find_locked(center_id, index)
    if found is not None:
        return found
    number, _ = PhoneNumber.objects.get_or_create(
        center_id=center_id, index=index, defaults={"address": address, "is_textable": is_textable}
    )
    PhoneNumber.objects.select_for_update().get(pk=number.pk)
    return _find_locked(center_id, index) or _begin(line_id, number, language)


def _find_locked(center_id: UUID, index: bytes) -> Conversation | None:
    """One query, by the unique index of numbers and the unique open epoch."""
    conversations = Conversation.objects.select_for_update(of=("self",)).select_related(
        "epoch__number", "client", "center"
    )
    return conversations.filter(
        epoch__number__center=center_id, epoch__number__index=index, epoch__ended_at=None
    ).first()


def _begin(line_id: UUID, number: PhoneNumber, language: str) -> Conversation:
    """A new epoch of a number: a client of whom nothing is known, and an empty conversation under a new key."""
    epoch_id, center_id = uuid7(), number.center_id
    create_epoch_key(center_id, epoch_id)
    client = Client.objects.create(center_id=center_id, epoch=epoch_id, language=language)
    epoch = NumberEpoch.objects.create(id=epoch_id, center_id=center_id, number=number, client=client)
    conversation = Conversation.objects.create(
        center=Center.objects.get(pk=center_id), client=client, epoch=epoch, line=Line(pk=line_id)
    )
    record(Event.NUMBER_EPOCH_STARTED, subject=epoch, conversation=conversation.pk, client=client.pk)
    return conversation
