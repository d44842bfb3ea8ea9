"""Words that leave at a moment: kept, taken back, and looked at once more as their moment comes."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.roles import Permission
from audit.events import Event
from audit.record import record
from jobs.models import Job
from jobs.queue import enqueue
from messaging.actions.assignment import hold
from messaging.actions.drafts import put_above_draft
from messaging.actions.follow_ups import owe, settle_open
from messaging.actions.guardrails import doubts_about
from messaging.actions.opening import FROM_HOUR, TO_HOUR
from messaging.actions.replies import (
    CannotReply,
    ConversationClosed,
    NotTextable,
    NumberEnded,
    OptedOut,
    SomebodyAnswered,
    TellsTooMuch,
    ask_first,
    lock_to_write,
    refuse_if_hindered,
    take_if_free,
    words_since,
    write_reply,
)
from messaging.actions.thread_events import add_event
from messaging.actions.work import Work, record_death
from messaging.bell import ring
from messaging.models import Conversation, EventKind, FollowUpKind, FollowUpOutcome, Held, LaterText
from messaging.models.conversation import UNSURE_AFTER
from tenancy.scope import in_center

SOONEST, FURTHEST = timedelta(minutes=1), timedelta(days=60)
LEAVES_WITHIN = timedelta(hours=1)  # of its moment; later, its words may be wrong
HINDRANCES: dict[type[Exception], Held] = {
    SomebodyAnswered: Held.SPOKEN,
    OptedOut: Held.OPTED_OUT,
    NumberEnded: Held.NUMBER_ENDED,
    TellsTooMuch: Held.UNSURE,
    ConversationClosed: Held.CLOSED,
    NotTextable: Held.NOT_TEXTABLE,
}


class BadMoment(CannotReply):
    words = _(
        "Nothing was kept for later: please choose a moment within the next 60 days, between 8 am and 9 pm"
        " in the center's own time. Your words are still here."
    )


@transaction.atomic
def keep_for_later(
    conversation: Conversation,
    *,
    by: Membership,
    body: str,
    leaves_at: datetime,
    last_sequence: int,
    client_key: UUID,
    confirmed: Collection[str] = (),
) -> LaterText:
    """Keep words that leave at a moment, unless something stands in their way already now.

    She waits for an answer until then: nothing that is owed to her is settled. The parameters and what is raised
    are those of `write_reply`, and `BadMoment`.
    """
    hold(by)
    row = lock_to_write(conversation)
    if kept := row.later_texts.filter(client_key=client_key).first():
        return kept
    refuse_if_hindered(row, body)
    if not may_leave_at(row, leaves_at):
        raise BadMoment
    if words_since(row, last_sequence, by):
        raise SomebodyAnswered
    ask_first(row, body, by, confirmed)
    take_if_free(row, by)
    later = LaterText.objects.create(
        center_id=row.center_id,
        conversation=row,
        epoch=row.epoch_id,
        author_id=by.staff_id,
        body=body,
        leaves_at=leaves_at,
        last_sequence=row.sequence,
        client_key=client_key,
    )
    enqueue(Work.LEAVE_LATER, later.pk, center=row.center_id, run_at=leaves_at)
    _note(row, later, EventKind.LATER_KEPT, Event.LATER_KEPT, by=by)
    return later


def may_leave_at(row: Conversation, moment: datetime) -> bool:
    """Whether a text may be meant for this moment: not at night by the center's clock, whatever the clock does."""
    ahead = moment - timezone.now()
    return SOONEST <= ahead <= FURTHEST and FROM_HOUR <= moment.astimezone(row.center.zone).hour < TO_HOUR


@transaction.atomic
def take_back_later(later: LaterText, *, by: Membership) -> bool:
    """Bring the words of a later text back to where this person writes; False when they have left, or were taken."""
    row = lock_to_write(later.conversation)
    waiting = LaterText.objects.open().filter(pk=later.pk)
    if not waiting.update(taken_back_at=timezone.now()):
        return False
    put_above_draft(row, by=by, body=later.body)
    if not row.later_texts.open().exclude(held_at=None).exists():
        settle_open(row, FollowUpKind.LATER_HELD, by_id=by.staff_id, outcome=FollowUpOutcome.DONE)
    _note(row, later, EventKind.LATER_BACK, Event.LATER_TAKEN_BACK, by=by)
    return True


def leave(center_id: UUID, later_id: UUID) -> None:
    """Have a later text sent now that its moment has come, or hold it back. Run twice, it does so once."""
    with in_center(center_id):
        later = LaterText.objects.select_related("conversation").get(pk=later_id)
        writer = _writer_of(later)
        row = lock_to_write(later.conversation)
        if not LaterText.objects.open().filter(pk=later_id, held_at=None).exists():
            return
        if hindrance := _try_to_send(row, later, writer):
            hold_back_later(row, later, hindrance)


def give_up(job: Job) -> None:
    """What could not even be looked at is held back like the rest. Runs in the job's own scope."""
    record_death(job)
    later = LaterText.objects.select_related("conversation").get(pk=job.subject_id)
    row = lock_to_write(later.conversation)
    if LaterText.objects.open().filter(pk=later.pk, held_at=None).exists():
        hold_back_later(row, later, Held.TOO_LATE)


def _writer_of(later: LaterText) -> Membership | None:
    """Whoever wrote it, if she still may. Her row is locked before the conversation's, as everywhere."""
    writers = Membership.objects.held(Permission.CONVERSATIONS)
    return writers.filter(center=later.center_id, staff=later.author_id).first()


def _try_to_send(row: Conversation, later: LaterText, writer: Membership | None) -> Held | None:
    """Send it as every reply is sent; or say what stands in the way."""
    if writer is None:
        return Held.WRITER_GONE
    if timezone.now() - later.leaves_at > LEAVES_WITHIN:
        return Held.TOO_LATE
    if row.follow_ups.open().filter(kind=FollowUpKind.ASKED_TO_STOP).exists():
        return Held.ASKED_TO_STOP
    if row.is_unsure and not _was_unsure(row, later):
        return Held.UNSURE
    if row.calls.filter(sequence__gt=later.last_sequence).exists():
        return Held.SPOKEN
    try:
        _send(row, later, writer)
    except tuple(HINDRANCES) as hindrance:
        return HINDRANCES[type(hindrance)]
    return None


def _was_unsure(row: Conversation, later: LaterText) -> bool:
    """Whether its writer was asked about her silence when it was kept."""
    return row.heard_at is None or later.created_at - row.heard_at > UNSURE_AFTER


@transaction.atomic
def _send(row: Conversation, later: LaterText, writer: Membership) -> None:
    later.message = write_reply(
        row,
        by=writer,
        body=later.body,
        last_sequence=later.last_sequence,
        client_key=later.client_key,
        confirmed=[doubt.key for doubt in doubts_about(row, later.body, by=writer)],  # when it was kept
        takes_it=False,  # whoever wrote it may be away by now
    )
    later.save(update_fields=["message"])
    _note(lock_to_write(row), later, EventKind.LATER_LEFT, Event.LATER_LEFT)


def hold_back_later(row: Conversation, later: LaterText, hindrance: Held) -> None:
    """Have a later text wait for a person's decision. The caller holds the conversation's lock."""
    later.held_at, later.held_because = timezone.now(), hindrance
    later.save(update_fields=["held_at", "held_because"])
    owe(row, FollowUpKind.LATER_HELD, due_at=timezone.now())
    _note(row, later, EventKind.LATER_HELD, Event.LATER_HELD, reason=str(hindrance))


def _note(
    row: Conversation,
    later: LaterText,
    what: EventKind,
    event: Event,
    *,
    by: Membership | None = None,
    reason: str = "",
) -> None:
    """A quiet line in the thread, which has open pages draw the list anew, and an entry in the log."""
    add_event(row, what, by=by)
    row.save(update_fields=["sequence", "assignee"])
    facts = {"reason": reason} if reason else None
    record(event, subject=later, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row, everyone=True)
