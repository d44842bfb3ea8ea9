"""A person answers. Nothing leaves here: the words wait, sealed, for the worker."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from jobs.queue import enqueue
from messaging.actions.assignment import hold
from messaging.actions.draft_pictures import attach, bring_home, chosen
from messaging.actions.follow_ups import owe, settle_open
from messaging.actions.guardrails import AskFirst, doubts_about
from messaging.actions.opt_outs import is_opted_out
from messaging.actions.statuses import no_longer_in_doubt, still_failed
from messaging.actions.thread_events import add_event
from messaging.actions.words.fields import fields_in, in_braces
from messaging.actions.words.parts import parts_of
from messaging.actions.words.telling import telling_words
from messaging.actions.work import Work
from messaging.bell import ring
from messaging.models import (
    Conversation,
    Direction,
    EventKind,
    FollowUpKind,
    FollowUpOutcome,
    Message,
    Purpose,
    Status,
)
from messaging.models.conversation import LAST_WORDS
from messaging.models.message import NEVER_LEFT


class SomebodyAnswered(Exception):
    """The thread moved on since the writer last looked: she wrote again, or a colleague answered."""


class CannotReply(Exception):
    """This conversation may not be written to now. `words` says why, for people."""

    words: Any = ""


class OptedOut(CannotReply):
    words = _("She asked to stop texts, so nothing can be sent. Your words are kept here.")


class NotTextable(CannotReply):
    words = _("This sender cannot receive texts. Your words are kept here; try another way to reach her.")


class NumberEnded(CannotReply):
    words = _("This number no longer reaches her, so nothing can be sent. Your words are kept here.")


class TellsTooMuch(CannotReply):
    words = _(
        "Nothing was sent: her number may belong to somebody else by now, and these words, a picture or a link may tell"
        " what this place is. Ask first whether it is her, in words that anybody may read. Your words are kept here."
    )


class FieldLeft(CannotReply):
    def __init__(self, fields: list[str]) -> None:
        super().__init__()
        named = {"fields": in_braces(*fields)}
        self.words = _("Nothing was sent: please put the right words in place of %(fields)s first.") % named


class ConversationClosed(CannotReply):
    words = _("This conversation is closed. Open it again to write; your words are kept here.")


@transaction.atomic
def write_reply(
    conversation: Conversation,
    *,
    by: Membership,
    body: str,
    last_sequence: int,
    client_key: UUID,
    pictures: Sequence[UUID] = (),
    confirmed: Collection[str] = (),
    takes_it: bool = True,
) -> Message:
    """Keep a reply that leaves after the time for undoing it has gone by.

    last_sequence    the last entry its writer had seen
    client_key       the page's own key: the same one again returns the first message
    pictures         those of the writer's draft pictures that go with it, in their order
    confirmed        the keys of the doubts that its writer has looked at, and wants it sent all the same
    takes_it         whether its writer holds the conversation from now on, if nobody does
    raises           `SomebodyAnswered` when words came since; `CannotReply` when none may be sent; `AskFirst`
                     when it may be meant for somebody else; `PictureRefused` when a picture is gone, or they are
                     too many for one text; `WorksHereNoLonger` when its writer was suspended in this moment
    """
    hold(by)
    row = lock_to_write(conversation)
    if written := row.messages.filter(client_key=client_key).first():
        return written
    refuse_if_hindered(row, body)
    if pictures and row.is_unsure:
        raise TellsTooMuch
    if words_since(row, last_sequence, by):
        raise SomebodyAnswered
    sure_of = ask_first(row, body, by, confirmed)
    going = chosen(row, by, pictures)
    if takes_it:
        take_if_free(row, by)
    message = _keep(row, by, body, client_key, media_count=len(going))
    attach(message, going)
    _answer(row, message, by)
    facts = {"sequence": message.sequence, "media": message.media_count, "parts": _parts(message), "sure_of": sure_of}
    record(Event.MESSAGE_WRITTEN, subject=message, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row, everyone=True)
    return message


def _answer(row: Conversation, message: Message, by: Membership) -> None:
    """She is answered by it: nothing is owed any more but that it leaves."""
    now = timezone.now()
    row.waiting_since, row.answered_at = None, row.answered_at or now
    row.last_words, row.last_entry_at = message.body[:LAST_WORDS], now
    row.save(update_fields=["sequence", "assignee", "waiting_since", "answered_at", "last_words", "last_entry_at"])
    settle_open(row, FollowUpKind.REPLY, by_id=by.staff_id, outcome=FollowUpOutcome.ANSWERED)
    enqueue(Work.DELIVER, message.pk, center=row.center_id, run_at=message.send_after)


@transaction.atomic
def undo_reply(message: Message, *, by: Membership) -> str | None:
    """Take a reply back while it waits and return its words; None when it has left already.

    Its pictures go back to what this person is writing. Her words wait for an answer again, since when and until when
    they did before.
    """
    row = lock_to_write(message.conversation)
    waiting = Message.objects.filter(pk=message.pk, status=Status.QUEUED, sending_since=None)
    undone = waiting.update(status=Status.UNDONE, again_of=None)
    if not undone:
        return None
    bring_home(message, by)
    no_longer_in_doubt(row, message, by_id=by.staff_id)
    if message.again_of_id:
        still_failed(row, message.again_of_id)
    _wait_again(row, message)
    _show_last_words(row)
    row.save(update_fields=["waiting_since", "answered_at", "last_words"])
    record(Event.MESSAGE_UNDONE, subject=message, conversation=row.pk, client=row.client_id)
    ring(row)
    return message.body


def _wait_again(row: Conversation, undone: Message) -> None:
    answers = _said(row).filter(direction=Direction.OUT, purpose=Purpose.PERSON)
    first, last = answers.order_by("sequence").first(), answers.order_by("-sequence").first()
    row.answered_at = first.created_at if first else None
    hers = _said(row).filter(direction=Direction.IN, sequence__gt=last.sequence if last else 0)
    waiting = hers.order_by("sequence").first()
    if waiting is None:
        return
    row.waiting_since = waiting.created_at
    answered = row.follow_ups.filter(
        kind=FollowUpKind.REPLY, outcome=FollowUpOutcome.ANSWERED, settled_at__gte=undone.created_at
    )
    settled = answered.order_by("-settled_at").first()
    if settled is None or _owes_a_reply(row):
        owe(row, FollowUpKind.REPLY)
        return
    settled.settled_at = settled.settled_by = None
    settled.outcome = ""
    settled.save(update_fields=["settled_at", "settled_by", "outcome"])


def _show_last_words(row: Conversation) -> None:
    last = _said(row).order_by("-sequence").first()
    row.last_words = last.body[:LAST_WORDS] if last else None


def _said(row: Conversation) -> QuerySet[Message]:
    """What was said: neither taken back nor held back."""
    return row.messages.exclude(status__in=NEVER_LEFT)


def _owes_a_reply(row: Conversation) -> bool:
    return row.follow_ups.open().filter(kind=FollowUpKind.REPLY).exists()


def lock_to_write(conversation: Conversation) -> Conversation:
    """The row, locked, with all that is looked at before words are kept in it."""
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("epoch__number", "center", "client")
    return rows.get(pk=conversation.pk)


def refuse_if_hindered(row: Conversation, body: str) -> None:
    """Raise `CannotReply` when these words may not be sent now, whoever wrote them. The caller holds the lock."""
    if row.ended_at is not None:
        raise NumberEnded
    if row.closed_at is not None:
        raise ConversationClosed
    if not row.epoch.number.is_textable:
        raise NotTextable
    if is_opted_out(row):
        raise OptedOut
    if fields := fields_in(body):
        raise FieldLeft(fields)
    if row.is_unsure and telling_words(body, center_name=row.center.name, quiet_name=row.center.quiet_name):
        raise TellsTooMuch


def ask_first(row: Conversation, body: str, by: Membership, confirmed: Collection[str]) -> int:
    """Raise `AskFirst` for what is doubtful and not yet confirmed; return how many doubts were looked at."""
    doubts = doubts_about(row, body, by=by)
    if open_still := [doubt for doubt in doubts if doubt.key not in confirmed]:
        raise AskFirst(open_still)
    return len(doubts)


def _parts(message: Message) -> int:
    """In how many parts it is billed; with pictures it travels as one."""
    return 1 if message.media_count else parts_of(message.body).count


def words_since(row: Conversation, last_sequence: int, by: Membership) -> bool:
    """Whether she, or a colleague, said something after the writer last looked. The writer's own words do not count."""
    since = _said(row).filter(sequence__gt=last_sequence, purpose=Purpose.PERSON)
    return since.exclude(direction=Direction.OUT, author=by.staff_id).exists()


def take_if_free(row: Conversation, by: Membership) -> None:
    """Whoever answers a conversation that nobody holds, holds it."""
    if row.assignee_id is not None:
        return
    row.assignee_id = by.staff_id
    row.follow_ups.open().filter(owner=None).update(owner=by.staff_id)
    add_event(row, EventKind.TAKEN, by=by)
    record(Event.TAKEN, subject=row, conversation=row.pk, client=row.client_id)


def _keep(row: Conversation, by: Membership, body: str, client_key: UUID, *, media_count: int) -> Message:
    return Message.objects.create(
        center_id=row.center_id,
        conversation=row,
        epoch=row.epoch_id,
        line_id=row.line_id,
        sequence=row.take_number(),
        direction=Direction.OUT,
        body=body,
        media_count=media_count,
        status=Status.QUEUED,
        purpose=Purpose.PERSON,
        author_id=by.staff_id,
        client_key=client_key,
        send_after=timezone.now() + timedelta(seconds=settings.UNDO_SECONDS),
    )
