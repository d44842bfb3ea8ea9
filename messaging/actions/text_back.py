"""One text after a missed call: only where it is lawful and cannot hurt, and never instead of a person's call back.

It leaves a minute after she has hung up. Whatever stands in its way then stays in its way: nothing is kept for
later, because a text at an odd hour is read by whoever holds the phone. The follow-up is there all the same.
A caller's number can be made up, so a line asks and texts so many an hour at most, and only near ones.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from audit.events import Event
from audit.record import record
from jobs.models import Job
from messaging.actions.answering import is_our_own
from messaging.actions.auto_replies import ONE_A, say_by_itself, template_for
from messaging.actions.numbers import is_near
from messaging.actions.opening import FROM_HOUR, TO_HOUR
from messaging.actions.opt_outs import is_opted_out
from messaging.models import (
    Call,
    CallState,
    ContactWay,
    Conversation,
    Direction,
    FollowUpKind,
    Line,
    LineType,
    Message,
    PhoneNumber,
    Purpose,
    TemplateUse,
)
from messaging.models.message import NEVER_LEFT
from messaging.twilio import door_to, is_mobile
from tenancy.scope import in_center

TOO_LATE = timedelta(minutes=15)  # after her call; then it would puzzle more than it helps
NOT_KNOWN = "line_type_unknown"
MISSED_AN_HOUR = 30  # by one line; with more, somebody plays with it


def text_back(center_id: UUID, call_id: UUID) -> None:
    """Send one text after a missed call, or note why not. Raises `Busy`: come back soon."""
    with in_center(center_id):
        row, call = _locked(call_id)
        reason = _why_not(row, call)
        number, door = row.epoch.number, door_to(call.line)
        must_ask = not reason and _is_unknown(row)
    if must_ask:
        _note_line_type(number, is_mobile(door, number.address))
    with in_center(center_id):
        row, call = _locked(call_id)
        reason = _why_not(row, call) or (NOT_KNOWN if _is_unknown(row) else "")
        template = None if reason else template_for(row, TemplateUse.MISSED_CALL)
        if template is None:
            _withhold(row, call, reason or "no_words")
        else:
            sent = Event.TEXT_BACK_SENT
            say_by_itself(row, template, line_id=call.line_id, purpose=Purpose.MISSED_CALL, event=sent)


def give_up(job: Job) -> None:
    """What kind of phone it is could not be had: no text is sent. Runs in the job's own scope."""
    row, call = _locked(job.subject_id)
    _withhold(row, call, NOT_KNOWN)


def _locked(call_id: UUID) -> tuple[Conversation, Call]:
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("epoch__number", "center", "client")
    row = rows.get(calls=call_id)
    return row, Call.objects.select_related("line").get(pk=call_id)


def _why_not(row: Conversation, call: Call) -> str:
    """The first thing that stands in the way, as a code for the log; "" when nothing does."""
    return _why_never(row, call) or _why_not_now(row, call)


def _why_never(row: Conversation, call: Call) -> str:
    """What she, the center or her phone says."""
    if call.line.text_back_off_at is not None:
        return "switched_off"
    if row.ended_at is not None:
        return "number_ended"
    address = row.epoch.number.address
    if not row.epoch.number.is_textable or is_our_own(call.line, address):
        return "not_textable"
    if not is_near(address):
        return "not_near"
    if row.epoch.number.line_type == LineType.OTHER:
        return "not_mobile"
    if is_opted_out(row):
        return "opted_out"
    if row.client.prefers == ContactWay.CALL:
        return "prefers_calls"
    if row.follow_ups.open().filter(kind=FollowUpKind.ASKED_TO_STOP).exists():
        return "asked_to_stop"
    return ""


def _why_not_now(row: Conversation, call: Call) -> str:
    """What has happened since, and the hour."""
    now = timezone.now()
    if now - (call.said_at or call.created_at) > TOO_LATE:
        return "too_late"
    if _is_quiet_hour(row, now):
        return "quiet_hours"
    if call.state != CallState.MISSED or not _is_owed(row):
        return "dealt_with"
    if row.closed_at is not None:
        return "closed"
    if row.messages.filter(created_at__gt=call.created_at).exists() or _called_again(row, call.created_at):
        return "spoke_since"
    sent = row.messages.filter(direction=Direction.OUT, created_at__gt=now - ONE_A)
    if sent.exclude(purpose=Purpose.PERSON).exclude(status__in=NEVER_LEFT).exists():
        return "one_a_day"
    return "too_many" if _misses_too_many(call.line, now) else ""


def why_not_any_more(row: Conversation, text: Message) -> str:
    """What stands in the way of a text that waited to leave: the hour, or what has happened meanwhile."""
    if _is_quiet_hour(row, timezone.now()):
        return "quiet_hours"
    if not _is_owed(row):
        return "dealt_with"
    spoken = row.messages.filter(sequence__gt=text.sequence).exclude(status__in=NEVER_LEFT)
    return "spoke_since" if spoken.exists() or _called_again(row, text.created_at) else ""


def _is_quiet_hour(row: Conversation, now: datetime) -> bool:
    return not FROM_HOUR <= now.astimezone(row.center.zone).hour < TO_HOUR


def _is_owed(row: Conversation) -> bool:
    return row.follow_ups.open().filter(kind=FollowUpKind.MISSED_CALL).exists()


def _called_again(row: Conversation, since: datetime) -> bool:
    """Whether a later call of hers is under way or was taken."""
    under_way_or_taken = Q(ended_at=None) | Q(bridged_at__isnull=False) | Q(accepted_at__isnull=False)
    return row.calls.filter(under_way_or_taken, created_at__gt=since).exists()


def _misses_too_many(line: Line, now: datetime) -> bool:
    missed = Call.objects.filter(line=line, created_at__gt=now - timedelta(hours=1), bridged_at=None)
    return missed.count() > MISSED_AN_HOUR


def _is_unknown(row: Conversation) -> bool:
    return row.epoch.number.line_type == LineType.UNKNOWN


def _note_line_type(number: PhoneNumber, is_mobile_phone: bool | None) -> None:
    """Keep what Twilio knows. What it does not know today it may know another time."""
    if is_mobile_phone is None:
        return
    kind = LineType.MOBILE if is_mobile_phone else LineType.OTHER
    with in_center(number.center_id):
        PhoneNumber.objects.filter(pk=number.pk).update(line_type=kind)


def _withhold(row: Conversation, call: Call, reason: str) -> None:
    facts = {"reason": reason}
    record(Event.TEXT_BACK_WITHHELD, subject=call, conversation=row.pk, client=row.client_id, facts=facts)
