"""A text comes in. What is committed here is what "nothing lost, nothing twice" means."""

from datetime import timedelta

from django.db import IntegrityError
from django.utils import timezone

from audit.events import Event
from audit.facts import Fact
from audit.record import entry_of, record
from jobs.queue import enqueue
from messaging.actions.attachments import expect_files
from messaging.actions.clients import Answer, answer_in, begin_conversation, question_of
from messaging.actions.epochs import end_epoch
from messaging.actions.follow_ups import owe
from messaging.actions.opt_outs import heed, stops_after
from messaging.actions.silence import note_heard, still_hers
from messaging.actions.words.opt_out import Wish, wish_of
from messaging.actions.words.spanish import is_spanish
from messaging.actions.words.wrong_number import says_wrong_number
from messaging.actions.work import Work
from messaging.bell import ring
from messaging.models import Closure, Conversation, Direction, EpochEnd, FollowUpKind, Message, Status
from messaging.models.conversation import LAST_WORDS
from messaging.twilio import Door, InboundText
from tenancy.scope import in_center, in_center_asking
from tenancy.trips import insertion_of, update_of, write_together

CHANGED = ("sequence", "line", "last_words", "last_entry_at", "waiting_since", "closed_at", "snoozed_until", "heard_at")
STALE = timedelta(hours=2)  # an automatic answer to an older text would puzzle more than it helps


def receive_text(door: Door, text: InboundText) -> tuple[Message, bool]:
    """Keep one text from a client; return it, and whether it is new.

    Twilio delivers at least once. A sid that this line holds already comes back as the same row
    with False: nothing is written twice, and no bell rings. Two first posts of one sid race to the
    unique key; whoever loses has written nothing and finds the winner's row.
    """
    question = question_of(door, text.sender, text.sid)
    try:
        with in_center_asking(door.center_id, question) as rows:
            answer = answer_in(rows, door.center_id)
            if answer.known:
                return Message.objects.get(pk=answer.known), False
            return _receive(answer, door, text), True
    except IntegrityError:
        with in_center(door.center_id):
            return Message.objects.get(line=door.line_id, twilio_sid=text.sid), False


def _receive(answer: Answer, door: Door, text: InboundText) -> Message:
    """Repeats of one text meet at the conversation's lock: the first writes, the others, answered later, find."""
    known = still_hers(answer.row, text.said_at)
    row = known or begin_conversation(door, text.sender, is_textable=text.is_textable)
    _note_language(row, text)
    message = _draw(row, door, text)
    _owe_an_answer(row, message, text, heed(row, _wish(row, text)), is_owed=known is not None and answer.is_owed)
    _open_again(row)
    _write(row, message, text)
    if says_wrong_number(text.body):
        end_epoch(row, EpochEnd.WRONG_NUMBER)
    expect_files(message)
    ring(row, aloud=True)
    return message


def _wish(row: Conversation, text: InboundText) -> Wish:
    """What her text asks for. A START that was found late does not lift a stop that came after it."""
    wish = wish_of(text.body, text.opt_out_type)
    if text.said_at is None or wish not in (Wish.START, Wish.YES):
        return wish
    return Wish.NONE if stops_after(row, text.said_at) else wish


def _note_language(row: Conversation, text: InboundText) -> None:
    """Her first words say which language to greet her in; the center's is what we begin with."""
    if row.sequence == 0 and row.client.language != "es" and is_spanish(text.body):
        row.client.language = "es"
        row.client.save(update_fields=["language"])


def _draw(row: Conversation, door: Door, text: InboundText) -> Message:
    """Her words as the next entry, and what the list shows. We answer from the number that she wrote to last."""
    row.line_id, row.last_words, row.last_entry_at = door.line_id, text.body[:LAST_WORDS], timezone.now()
    row.snoozed_until = None
    note_heard(row, text.said_at)
    return Message(
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


def _owe_an_answer(row: Conversation, message: Message, text: InboundText, wish: Wish, *, is_owed: bool) -> None:
    """Whatever she says is owed an answer by a person, unless it was her stop; a first text gets one at once."""
    if wish is Wish.STOP:
        return
    is_owed = is_owed and row.waiting_since is not None
    row.waiting_since = row.waiting_since or text.said_at or timezone.now()
    if is_owed or owe(row, FollowUpKind.REPLY) is None:
        return
    is_fresh = text.said_at is None or text.said_at > timezone.now() - STALE
    if row.answered_at is None and wish is Wish.NONE and is_fresh:
        enqueue(Work.AUTO_REPLY, message.pk, center=row.center_id, dedupe=f"auto-reply:{message.pk}")


def _open_again(row: Conversation) -> None:
    if row.closed_at is None or row.waiting_since is None:
        return
    Closure.objects.filter(conversation=row).delete()
    row.closed_at = None
    record(Event.REOPENED, subject=row, conversation=row.pk, client=row.client_id)


def _write(row: Conversation, message: Message, text: InboundText) -> None:
    """The text, the conversation and the entry in the log, together."""
    facts: dict[str, Fact] = {"sequence": message.sequence, "media": text.media_count}
    event = Event.MESSAGE_RECOVERED if text.was_missed else Event.MESSAGE_RECEIVED
    entry = entry_of(event, subject=message, conversation=row.pk, client=row.client_id, facts=facts)
    write_together(insertion_of(message), update_of(row, *CHANGED), insertion_of(entry))
