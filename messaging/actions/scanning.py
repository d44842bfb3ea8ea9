"""Files that can only be saved are looked through for viruses, where there is a scanner; or say that they were not."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from audit.events import Event
from audit.record import record
from messaging import scanner
from messaging.actions.work import Work, look_again
from messaging.bell import ring
from messaging.models import Attachment, AttachmentState, Conversation
from messaging.scanner import NotScanned
from tenancy.scope import in_center, release_connection

LATELY = timedelta(days=30)


def scan(center_id: UUID, attachment_id: UUID) -> None:
    """Look through a file that was stored while the scanner did not answer; if it still does not, later again."""
    with in_center(center_id):
        attachment = Attachment.objects.unscanned().filter(pk=attachment_id).first()
        content = attachment.content if attachment else None
    if attachment is None or content is None or not scanner.is_on():
        return
    release_connection()
    try:
        is_harmful = scanner.is_harmful(content)
    except NotScanned:
        with in_center(center_id):
            look_again(Work.SCAN_FILE, attachment_id, center=center_id)
        return
    with in_center(center_id):
        _note(attachment, is_harmful)


def count_found_lately(center_id: UUID) -> int:
    """How many files of the last thirty days the scanner warned of."""
    since = timezone.now() - LATELY
    found = Attachment.objects.filter(center=center_id, state=AttachmentState.HARMFUL, created_at__gt=since)
    return found.count()


def count_unscanned(center_id: UUID) -> int:
    """How many files can be saved that nothing has looked through."""
    return Attachment.objects.unscanned().filter(center=center_id).count()


def _note(attachment: Attachment, is_harmful: bool) -> None:
    """Written once: whoever scanned the same file meanwhile was first."""
    unscanned = Attachment.objects.unscanned().filter(pk=attachment.pk)
    if not unscanned.update(scanned_at=timezone.now()):
        return
    row = Conversation.objects.get(messages=attachment.message_id)
    if is_harmful:
        attachment.state, attachment.content = AttachmentState.HARMFUL, None
        attachment.save(update_fields=["state", "content"])
        record(Event.FILE_BLOCKED, subject=attachment, conversation=row.pk, client=row.client_id)
    ring(row)
