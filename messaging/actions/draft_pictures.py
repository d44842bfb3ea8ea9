"""Pictures that a person puts with what she is writing: drawn anew, sealed, hers until they are sent or removed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from audit.events import Event
from audit.facts import Fact
from audit.record import record
from encryption.errors import SealError
from messaging.actions.picture_limits import left_today
from messaging.actions.room import has_room_for_files
from messaging.models import Attachment, AttachmentKind, AttachmentState, Conversation, DraftPicture, Message
from messaging.models.picture import DraftPictureQuerySet
from messaging.pictures import Picture, TooBusy, drawn_for_phone

MOST_PICTURES = 10  # Twilio takes no more with one text
MOST_TOGETHER = 5_000_000  # bytes; Twilio takes five megabytes, in whichever way they are counted


class PictureRefused(Exception):
    """This picture cannot be added, or not sent as it is. `words` says why, for people."""

    words: Any = ""


class NotAPicture(PictureRefused):
    words = _(
        "This picture was not added: it is damaged, too large, or of a kind that phones do not show."
        " JPEG, PNG, GIF and WebP can be sent."
    )


class NoTimeForIt(PictureRefused):
    words = _("Too much is being done just now, so this picture was not added. Please add it again in a moment.")


class NoRoom(PictureRefused):
    words = _(
        "There is no room for more pictures just now, so this one was not added. Words go out as usual."
        " Please tell your admin; the health page says more."
    )


class EnoughToday(PictureRefused):
    words = _(
        "You have sent as many pictures as one person may within a day. Words go out as usual;"
        " a colleague can still send pictures, and so can you tomorrow."
    )


class EnoughOfAllToday(PictureRefused):
    words = _(
        "Your center has sent as many pictures as it may within a day. Words go out as usual;"
        " pictures do again tomorrow."
    )


class TooManyPictures(PictureRefused):
    words = _("One text takes ten pictures at most. Send these first; the others can follow.")


class TooLargeTogether(PictureRefused):
    words = _("Together these pictures are too large for one text. Send some of them first; the others can follow.")


class PictureGone(PictureRefused):
    words = _("A picture is no longer here, so nothing was sent. Your words are kept; please add the picture again.")


def pictures_of(conversation: Conversation, by: Membership) -> DraftPictureQuerySet:
    """What this person has put with what she is writing, in its order, without the content."""
    return DraftPicture.objects.filter(conversation=conversation, staff=by.staff_id).without_content()


def added_before(conversation: Conversation, by: Membership, client_key: UUID) -> DraftPicture | None:
    """The picture that came under this key, if one did."""
    return pictures_of(conversation, by).filter(client_key=client_key).first()


def refuse_without_room(by: Membership) -> None:
    """Raise `PictureRefused` unless another picture may be kept, and may leave today."""
    refuse_beyond_a_day(by, 1)
    if not has_room_for_files(by.center_id):
        raise NoRoom


def draw(file: bytes) -> Picture:
    """Draw what somebody adds, before any transaction: it takes seconds. Raises `PictureRefused`."""
    try:
        picture = drawn_for_phone(file)
    except TooBusy:
        raise NoTimeForIt from None
    if picture is None:
        raise NotAPicture
    return picture


@transaction.atomic
def add_picture(conversation: Conversation, *, by: Membership, picture: Picture, client_key: UUID) -> DraftPicture:
    """Put a picture with what this person is writing; the same key again returns the first one.

    Raises `PictureRefused`.
    """
    Conversation.objects.locked(conversation.pk)  # of two at once, the second counts the first
    if added := added_before(conversation, by, client_key):
        return added
    refuse_too_many([*pictures_of(conversation, by).values_list("size", flat=True), len(picture.content)])
    added = _keep(conversation, by, picture, client_key)
    facts: dict[str, Fact] = {"bytes": added.size}
    _record(Event.PICTURE_ADDED, added, conversation, facts)
    return added


@transaction.atomic
def remove_picture(picture: DraftPicture) -> None:
    """Take a picture away from what this person is writing."""
    _record(Event.PICTURE_REMOVED, picture, picture.conversation)
    picture.delete()


def attach(message: Message, pictures: list[DraftPicture]) -> None:
    """Make draft pictures the files of a text. Raises `PictureGone` when one cannot be opened any more."""
    try:
        for position, picture in enumerate(pictures):
            _attachment_of(message, position, picture).save(force_insert=True)
    except SealError:
        raise PictureGone from None
    DraftPicture.objects.filter(pk__in=[picture.pk for picture in pictures]).delete()


def chosen(conversation: Conversation, by: Membership, ids: Sequence[UUID]) -> list[DraftPicture]:
    """The pictures that a reply names, in its order, locked. Raises `PictureRefused` unless all can go with it."""
    mine = DraftPicture.objects.select_for_update().filter(conversation=conversation, staff=by.staff_id)
    found = {picture.pk: picture for picture in mine.filter(pk__in=ids)}
    if len(found) < len(set(ids)):
        raise PictureGone
    pictures = [found[pk] for pk in dict.fromkeys(ids)]
    refuse_too_many([picture.size for picture in pictures])
    refuse_beyond_a_day(by, len(pictures))
    return pictures


def bring_home(message: Message, by: Membership) -> list[DraftPicture]:
    """Put the pictures of a text with what this person is writing, each once. Raises `PictureGone`."""
    try:
        return [_brought_home(message, by, file) for file in message.attachments.order_by("position")]
    except SealError:
        raise PictureGone from None


def _brought_home(message: Message, by: Membership, file: Attachment) -> DraftPicture:
    picture = Picture(file.content_type, file.width or 0, file.height or 0, file.content or b"")
    return added_before(message.conversation, by, file.pk) or _keep(message.conversation, by, picture, file.pk)


def refuse_beyond_a_day(by: Membership, count: int) -> None:
    """Raise `PictureRefused` when so many more would be too many for a day: of this person, or of her center."""
    hers, all_of_them = left_today(by) if count else (0, 0)
    if count > hers:
        raise EnoughToday
    if count > all_of_them:
        raise EnoughOfAllToday


def refuse_too_many(sizes: Sequence[int]) -> None:
    """Raise `PictureRefused` unless pictures of these sizes can go with one text."""
    if len(sizes) > MOST_PICTURES:
        raise TooManyPictures
    if sum(sizes) > MOST_TOGETHER:
        raise TooLargeTogether


def _keep(conversation: Conversation, by: Membership, picture: Picture, client_key: UUID) -> DraftPicture:
    return DraftPicture.objects.create(
        center_id=conversation.center_id,
        conversation=conversation,
        epoch=conversation.epoch_id,
        staff_id=by.staff_id,
        client_key=client_key,
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        size=len(picture.content),
        content=picture.content,
    )


def _attachment_of(message: Message, position: int, picture: DraftPicture) -> Attachment:
    return Attachment(
        center_id=message.center_id,
        message=message,
        epoch=message.epoch,
        position=position,
        state=AttachmentState.STORED,
        kind=AttachmentKind.PICTURE,
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        content=picture.content,
    )


def _record(
    event: Event, picture: DraftPicture, conversation: Conversation, facts: dict[str, Fact] | None = None
) -> None:
    record(event, subject=picture, conversation=conversation.pk, client=conversation.client_id, facts=facts)
