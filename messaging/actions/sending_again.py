"""A text that failed for sure goes once more, as a new one: a person says so, and may take it back."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from messaging.actions.assignment import hold
from messaging.actions.draft_pictures import bring_home
from messaging.actions.drafts import put_above_draft
from messaging.actions.guardrails import doubts_about
from messaging.actions.replies import CannotReply, NumberEnded, write_reply
from messaging.actions.statuses import lock_around, no_longer_in_doubt
from messaging.models import Conversation, Message
from messaging.models.failure import Again
from messaging.models.message import FAILURES, NEVER_LEFT
from tenancy.ids import uuid7


class MayHaveReachedHer(CannotReply):
    words = _("It was not sent again: it has reached her meanwhile, or it may have. Look at the text above.")


@transaction.atomic
def send_again(message: Message, *, by: Membership) -> Message | None:
    """Send the words and pictures of a text that failed as a new text; asked twice, it returns the first one.

    None when they have to be looked at first, because something was said since, the same words would fail again or
    her number may be somebody else's by now: then they are with what this person is writing. Raises `CannotReply` and
    `PictureRefused`, and nothing is sent.
    """
    hold(by)
    row = lock_around(message.pk)
    if row.ended_at is not None:
        raise NumberEnded
    failed = Message.objects.get(pk=message.pk)
    if again := Message.objects.filter(again_of=failed).first():
        return again
    if failed.again is Again.NEVER:
        raise MayHaveReachedHer
    pictures = [picture.pk for picture in bring_home(failed, by)]
    if failed.again is Again.CHANGED or row.is_unsure or _said_since(row, failed):
        put_above_draft(row, by=by, body=failed.body)
        return None
    again = write_reply(
        row,
        by=by,
        body=failed.body,
        last_sequence=row.sequence,
        client_key=uuid7(),
        pictures=pictures,
        confirmed=[doubt.key for doubt in doubts_about(row, failed.body, by=by)],  # when it was written
    )
    again.again_of = failed
    again.save(update_fields=["again_of"])
    no_longer_in_doubt(lock_around(failed.pk), failed, by_id=by.staff_id)
    facts = {"sequence": again.sequence}
    record(Event.MESSAGE_SENT_AGAIN, subject=failed, conversation=row.pk, client=row.client_id, facts=facts)
    return again


def _said_since(row: Conversation, failed: Message) -> bool:
    """Whether anything was said after it, by her or by us, but for what failed too and what was sent again."""
    later = row.messages.filter(sequence__gt=failed.sequence, again_of=None)
    return later.exclude(status__in=(*NEVER_LEFT, *FAILURES)).exists()
