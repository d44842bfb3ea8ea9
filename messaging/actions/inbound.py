"""A text comes in. What is committed here is what "nothing lost, nothing twice" means."""

from django.db import IntegrityError
from django.utils import timezone

from audit.events import Event
from audit.record import record
from jobs.queue import enqueue
from messaging.actions.clients import locked_conversation
from messaging.actions.follow_ups import owe
from messaging.actions.opt_outs import heed
from messaging.actions.words.opt_out import Wish, wish_of
from messaging.actions.words.spanish import is_spanish
from messaging.actions.work import Work
from messaging.bell import ring
from messaging.models import Closure, Conversation, Direction, FollowUpKind, Message, Status
from messaging.twilio import Door, InboundText
from tenancy.scope import in_center

LAST_WORDS = 120  # characters that the list shows at the most


def receive_text(door: Door, text: InboundText) -> tuple[Message, bool]:
    """Keep one text from a client; return it, and whether it is new.

    Twilio delivers at least once. A sid that this line holds already comes back as the same row
    with False: nothing is written twice, and no bell rings.
    """
    try:
        with in_center(door.center_id):
            return _receive(door, text)
    except IntegrityError:
        with in_center(door.center_id):
            return Message.objects.get(line=door.line_id, twilio_sid=text.sid), False


def _receive(door: Door, text: InboundText) -> tuple[Message, bool]:
    """Repeats of one text meet at the conversation's lock: the first writes, the others find."""
    language = "es" if is_spanish(text.body) else "en"
    row = locked_conversation(
        door.line_id, door.center_id, address=text.sender, is_textable=text.is_textable, language=language
    )
    known = Message.objects.filter(line=door.line_id, twilio_sid=text.sid).first()
    if known is not None:
        return known, False
    message = _keep(row, door, text)
    _owe_an_answer(row, message, wish_of(text.body, text.opt_out_type))
    _save(row, text)
    facts = {"sequence": message.sequence, "media": text.media_count}
    record(Event.MESSAGE_RECEIVED, subject=message, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)
    return message, True


def _keep(row: Conversation, door: Door, text: InboundText) -> Message:
    return Message.objects.create(
        center_id=row.center_id,
        conversation=row,
        epoch=row.epoch_id,
        line_id=door.line_id,
        sequence=row.take_number(),
        direction=Direction.IN,
        body=text.body,
        media_count=text.media_count,
        status=Status.RECEIVED,
        twilio_sid=text.sid,
    )


def _owe_an_answer(row: Conversation, message: Message, wish: Wish) -> None:
    """What she asks of the machine is done at once; everything else is owed an answer by a person."""
    if heed(row, wish):
        return
    begins_to_wait = row.waiting_since is None
    if begins_to_wait:
        row.waiting_since = timezone.now()
        owe(row, FollowUpKind.REPLY)
    if begins_to_wait and row.answered_at is None and wish is Wish.NONE:
        enqueue(Work.AUTO_REPLY, message.pk, center=row.center_id, dedupe=f"auto-reply:{message.pk}")


def _save(row: Conversation, text: InboundText) -> None:
    if row.closed_at is not None and row.waiting_since is not None:
        Closure.objects.filter(conversation=row).delete()
        row.closed_at = None
    row.last_words = text.body[:LAST_WORDS]
    row.last_entry_at = timezone.now()
    row.save(update_fields=["sequence", "last_words", "last_entry_at", "waiting_since", "closed_at"])
