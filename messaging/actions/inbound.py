"""A text comes in. What is committed here is what "nothing lost, nothing twice" means."""

from datetime import timedelta

from django.db import IntegrityError
from django.utils import timezone

from audit.events import Event
from audit.record import record
from jobs.queue import enqueue
from messaging.actions.attachments import expect_files
from messaging.actions.clients import begin_conversation, find_conversation
from messaging.actions.follow_ups import owe
from messaging.actions.opt_outs import heed
from messaging.actions.words.opt_out import Wish, wish_of
from messaging.actions.words.spanish import is_spanish
from messaging.actions.work import Work
from messaging.bell import ring
from messaging.models import Closure, Conversation, Direction, FollowUpKind, Message, OptOut, Status
from messaging.twilio import Door, InboundText
from tenancy.scope import in_center

LAST_WORDS = 120  # characters that the list shows at the most
STALE = timedelta(hours=2)  # an automatic answer to an older text would puzzle more than it helps


def receive_text(door: Door, text: InboundText) -> tuple[Message, bool]:
    """Keep one text from a client; return it, and whether it is new.

    Twilio delivers at least once. A sid that this line holds already comes back as the same row
    with False: nothing is written twice, and no bell rings. Two first posts of one sid race to the
    unique key; whoever loses has written nothing and finds the winner's row.
    """
    try:
        with in_center(door.center_id):
            return _receive(door, text)
    except IntegrityError:
        with in_center(door.center_id):
            return Message.objects.get(line=door.line_id, twilio_sid=text.sid), False


def _receive(door: Door, text: InboundText) -> tuple[Message, bool]:
    """Repeats of one text meet at the conversation's lock: the first writes, the others find."""
    row = find_conversation(door, text.sender)
    known = Message.objects.filter(line=door.line_id, twilio_sid=text.sid).first()
    if known is not None:
        return known, False
    row = row or begin_conversation(door, text.sender, is_textable=text.is_textable)
    _note_language(row, text)
    message = _keep(row, door, text)
    expect_files(message)
    _owe_an_answer(row, message, text, heed(row, _wish(row, text)))
    _save(row, door, text)
    facts = {"sequence": message.sequence, "media": text.media_count}
    event = Event.MESSAGE_RECOVERED if text.was_missed else Event.MESSAGE_RECEIVED
    record(event, subject=message, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)
    return message, True


def _wish(row: Conversation, text: InboundText) -> Wish:
    """What her text asks for. A START that was found late does not lift a stop that came after it."""
    wish = wish_of(text.body, text.opt_out_type)
    if text.said_at is None or wish not in (Wish.START, Wish.YES):
        return wish
    later = OptOut.objects.filter(number=row.epoch.number_id, lifted_at=None, since__gt=text.said_at)
    return Wish.NONE if later.exists() else wish


def _note_language(row: Conversation, text: InboundText) -> None:
    """Her first words say which language to greet her in; the center's is what we begin with."""
    if row.sequence == 0 and row.client.language != "es" and is_spanish(text.body):
        row.client.language = "es"
        row.client.save(update_fields=["language"])


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
        said_at=text.said_at,
    )


def _owe_an_answer(row: Conversation, message: Message, text: InboundText, wish: Wish) -> None:
    """Whatever she says is owed an answer by a person, unless it was her stop; a first text gets one at once."""
    if wish is Wish.STOP:
        return
    is_owed = row.waiting_since is not None and row.follow_ups.open().filter(kind=FollowUpKind.REPLY).exists()
    row.waiting_since = row.waiting_since or text.said_at or timezone.now()
    if is_owed or owe(row, FollowUpKind.REPLY) is None:
        return
    is_fresh = text.said_at is None or text.said_at > timezone.now() - STALE
    if row.answered_at is None and wish is Wish.NONE and is_fresh:
        enqueue(Work.AUTO_REPLY, message.pk, center=row.center_id, dedupe=f"auto-reply:{message.pk}")


def _save(row: Conversation, door: Door, text: InboundText) -> None:
    """What the list shows. We answer from the number that she wrote to last."""
    if row.closed_at is not None and row.waiting_since is not None:
        Closure.objects.filter(conversation=row).delete()
        row.closed_at = None
        record(Event.REOPENED, subject=row, conversation=row.pk, client=row.client_id)
    row.line_id = door.line_id
    row.last_words = text.body[:LAST_WORDS]
    row.last_entry_at = timezone.now()
    row.save(update_fields=["sequence", "line", "last_words", "last_entry_at", "waiting_since", "closed_at"])
