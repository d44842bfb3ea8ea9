"""Where Twilio fetches a picture of ours: an address that is random, of one text alone, and over after a while.

It is made as the text is handed over, so that whoever sends it again makes new ones, and is committed before Twilio is
asked, so that it opens at once. It opens whatever has become of the text: a carrier's report may overtake the fetch.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.utils import timezone

from audit.events import Event
from audit.record import record
from encryption.errors import SealError
from messaging.models import Attachment, AttachmentState, Message, PictureAddress
from tenancy.scope import in_center, in_platform

LASTS = timedelta(hours=2)
SECRET_BYTES = 32


@dataclass(frozen=True)
class Handed:
    """One picture, as it is handed to whoever knows its address."""

    content_type: str
    content: bytes = field(repr=False)


def addresses_for(message: Message) -> list[str]:
    """New addresses of a text's pictures, in their order. What is over in this center is forgotten on the way."""
    if not message.media_count:
        return []
    now = timezone.now()
    PictureAddress.objects.filter(expires_at__lt=now).delete()
    return [_address_of(file, now + LASTS) for file in message.files]


def open_address(secret: str, *, record_it: bool) -> Handed | None:
    """The picture behind an address; None for one that is wrong or over, or whose picture cannot be opened."""
    with in_platform():
        valid = PictureAddress.objects.filter(secret_hash=_hash(secret), expires_at__gt=timezone.now())
        found = valid.values_list("center_id", "attachment_id").first()
    if found is None:
        return None
    center_id, attachment_id = found
    with in_center(center_id):
        files = Attachment.objects.select_related("message__conversation")
        file = files.get(pk=attachment_id, state=AttachmentState.STORED)
        try:
            handed = Handed(file.content_type, file.content or b"")
        except SealError:
            return None
        if record_it:
            row = file.message.conversation
            record(Event.PICTURE_FETCHED, subject=file, conversation=row.pk, client=row.client_id)
    return handed


def _address_of(file: Attachment, expires_at: datetime) -> str:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    PictureAddress.objects.create(
        center_id=file.center_id, attachment=file, secret_hash=_hash(secret), expires_at=expires_at
    )
    return f"{settings.PUBLIC_BASE_URL}/m/{secret}"


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
