"""The first answer, which a machine gives: neutral words, once, and never after a person has spoken."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import Center
from audit.events import Event
from audit.record import record
from jobs.queue import enqueue
from messaging.actions.opening import say_opening, schedule_of
from messaging.actions.opt_outs import is_opted_out
from messaging.actions.work import Work
from messaging.bell import ring
from messaging.models import (
    Conversation,
    Direction,
    FollowUpKind,
    Message,
    Purpose,
    Status,
    Template,
    TemplateUse,
)
from tenancy.scope import in_center

ONE_A = timedelta(hours=24)


def answer_automatically(center_id: UUID, message_id: UUID) -> None:
    """Answer a first text by itself, if it is lawful, safe and nobody has answered yet."""
    with in_center(center_id):
        rows = Conversation.objects.select_for_update(of=("self",)).select_related("epoch__number", "center", "client")
        row = rows.get(messages=message_id)
        reason = _why_not(row)
        template = None if reason else template_for(row, _use_now(row))
        if template is None:
            facts = {"reason": reason or "no_template"}
            record(Event.AUTO_REPLY_WITHHELD, subject=row, conversation=row.pk, facts=facts)
            return
        say_by_itself(row, template, line_id=row.line_id, purpose=Purpose.AUTO_REPLY, event=Event.AUTO_REPLY_SENT)


def _why_not(row: Conversation) -> str:
    """The first thing that stands in the way, as a code for the log; "" when nothing does."""
    if row.answered_at is not None:
        return "person_answered"
    if row.closed_at is not None:
        return "closed"
    if row.ended_at is not None:
        return "number_ended"
    if not row.epoch.number.is_textable:
        return "not_textable"
    if is_opted_out(row):
        return "opted_out"
    if row.follow_ups.open().filter(kind=FollowUpKind.ASKED_TO_STOP).exists():
        return "asked_to_stop"
    automatic = row.messages.exclude(purpose=Purpose.PERSON)
    if automatic.filter(created_at__gt=timezone.now() - ONE_A).exists():
        return "one_a_day"
    return ""


def why_not_any_more(row: Conversation, text: Message) -> str:
    """What stands in the way of an answer that waited to leave: a person has spoken meanwhile."""
    return "person_answered" if row.answered_at is not None else ""


def _use_now(row: Conversation) -> TemplateUse:
    return TemplateUse.AUTO_OPEN if schedule_of(row.center).is_open(timezone.now()) else TemplateUse.AUTO_CLOSED


def template_for(row: Conversation, use: TemplateUse) -> Template | None:
    """The center's words for one use, in her language or else in its own."""
    ready = Template.objects.filter(center=row.center, use=use, retired_at=None)
    return ready.filter(language=row.client.language).first() or ready.filter(language=row.center.language).first()


def say_by_itself(row: Conversation, template: Template, *, line_id: UUID, purpose: Purpose, event: Event) -> None:
    """Have the center's own words sent, without a person. The caller holds the conversation's lock."""
    message = Message.objects.create(
        center_id=row.center_id,
        conversation=row,
        epoch=row.epoch_id,
        line_id=line_id,
        sequence=row.take_number(),
        direction=Direction.OUT,
        body=filled(template.body, row.center, template.language, timezone.now()),
        status=Status.QUEUED,
        purpose=purpose,
        send_after=timezone.now(),
    )
    row.save(update_fields=["sequence"])
    enqueue(Work.DELIVER, message.pk, center=row.center_id)
    facts = {"use": template.use, "language": template.language}
    record(event, subject=message, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)


def filled(body: str, center: Center, language: str, now: datetime) -> str:
    """The words with the next opening in them, said in the template's language and the center's zone."""
    if "{opens}" not in body:
        return body
    return body.replace("{opens}", say_opening(center, language, now))
