"""What one person has half typed in one conversation: a reply, a note, and what she typed in another window."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import Membership
from messaging.models import Conversation, Draft
from tenancy.ids import uuid7

BETWEEN = "\n\n"  # paragraphs


@dataclass(frozen=True)
class Window:
    """Where words are typed: the keys of its two forms, and the version of the draft that it began with."""

    key: UUID | None
    note_key: UUID | None
    version: UUID | None
    has_chosen: bool = False  # between these words and those that stand beside them


class TypedElsewhere(Exception):
    """Another window has kept other words meanwhile. They stay, and these are kept beside them."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft


def save_draft(
    conversation: Conversation,
    *,
    by: Membership,
    body: str | None = None,
    note: str | None = None,
    window: Window | None = None,
) -> None:
    """Keep what this person has half typed, sealed; what is None stays as it is, and empty words are forgotten.

    window    where it was typed. Without one the words simply take the place of those before. What arrives after
              its form was sent is no draft any more: its words are in the thread
    raises    `TypedElsewhere`, after both are kept
    """
    with transaction.atomic():
        draft = _mine(conversation, by)
        if note is not None and not (window and _has_become_a_note(conversation, window)):
            draft.note = note or None
        is_sent = window is not None and _has_become_a_reply(conversation, window)
        is_kept = body is None or is_sent or _put(draft, body, window)
        _keep(draft)
    if not is_kept:
        raise TypedElsewhere(draft)


@transaction.atomic
def put_above_draft(conversation: Conversation, *, by: Membership, body: str) -> None:
    """Bring words back to where this person writes: above what is half typed there, so that nothing is lost; once.

    Only words that stand there by themselves are there already: "Yes" is not, because "Yesterday" is.
    """
    draft = _mine(conversation, by)
    if f"{BETWEEN}{body}{BETWEEN}" not in f"{BETWEEN}{draft.body}{BETWEEN}":
        _put(draft, BETWEEN.join(filter(None, [body, draft.body])), None)
    _keep(draft)


@transaction.atomic
def forget_reply_draft(conversation: Conversation, *, by: Membership) -> None:
    """Drop what has become a reply. Words that stood beside it are what is half typed now."""
    draft = _mine(conversation, by)
    draft.body, draft.beside = draft.beside or "", None
    draft.page, draft.version = None, uuid7()
    _keep(draft)


@transaction.atomic
def forget_note_draft(conversation: Conversation, *, by: Membership) -> None:
    """Drop what has become a note."""
    draft = _mine(conversation, by)
    draft.note = None
    _keep(draft)


def _has_become_a_reply(conversation: Conversation, window: Window) -> bool:
    if window.key is None:
        return False
    sent = {"client_key": window.key}
    return conversation.messages.filter(**sent).exists() or conversation.later_texts.filter(**sent).exists()


def _has_become_a_note(conversation: Conversation, window: Window) -> bool:
    return window.note_key is not None and conversation.notes.filter(client_key=window.note_key).exists()


def _mine(conversation: Conversation, by: Membership) -> Draft:
    """The one row that this person has here, locked; made if there is none.

    The conversation's lock comes first, as where words are sent: a save and a post that cross never wait in a circle.
    """
    Conversation.objects.locked(conversation.pk)
    hers = {"conversation": conversation, "staff_id": by.staff_id}
    fresh = {"center_id": conversation.center_id, "epoch": conversation.epoch_id, "body": ""}
    Draft.objects.get_or_create(**hers, defaults=fresh)
    return Draft.objects.select_for_update().get(**hers)


def _put(draft: Draft, body: str, window: Window | None) -> bool:
    """Put words in the place of the draft's, or beside them where that would lose what another window has kept."""
    if window and _would_lose(draft, body, window):
        draft.beside = body if body not in draft.body else draft.beside
        return False
    if (window and window.has_chosen) or (draft.beside and draft.beside in body):
        draft.beside = None
    draft.body = body
    draft.page, draft.version = (window.key if window else None), uuid7()
    return True


def _would_lose(draft: Draft, body: str, window: Window) -> bool:
    is_another = draft.page != window.key and draft.version != window.version
    return is_another and not body.startswith(draft.body)


def _keep(draft: Draft) -> None:
    if draft.body or draft.note or draft.beside:
        draft.save()
    else:
        draft.delete()
