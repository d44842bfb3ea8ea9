from django.db import transaction

from accounts.models import Membership
from messaging.models import Conversation, Draft

BETWEEN = "\n\n"  # paragraphs


@transaction.atomic
def save_draft(conversation: Conversation, *, by: Membership, body: str) -> None:
    """Keep what this person has half typed, sealed; an empty text forgets it."""
    mine = Draft.objects.filter(conversation=conversation, staff=by.staff_id)
    if not body:
        mine.delete()
        return
    draft = mine.select_for_update().first() or Draft(
        center_id=conversation.center_id,
        conversation=conversation,
        epoch=conversation.epoch_id,
        staff_id=by.staff_id,
    )
    draft.body = body
    draft.save()


def put_above_draft(conversation: Conversation, *, by: Membership, body: str) -> None:
    """Bring words back to where this person writes: above what is half typed there, so that nothing is lost; once.

    Only words that stand there by themselves are there already: "Yes" is not, because "Yesterday" is.
    """
    draft = Draft.objects.filter(conversation=conversation, staff=by.staff_id).first()
    typed = draft.body if draft else ""
    if f"{BETWEEN}{body}{BETWEEN}" not in f"{BETWEEN}{typed}{BETWEEN}":
        save_draft(conversation, by=by, body=BETWEEN.join(filter(None, [body, typed])))


def forget_draft(conversation: Conversation, *, by: Membership) -> None:
    """Drop a draft that has become a reply or a note."""
    Draft.objects.filter(conversation=conversation, staff=by.staff_id).delete()
