"""When a number no longer reaches her: saying so, taking it back, and writing to her again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.models import Staff
from accounts.requests import StaffRequest
from messaging.actions import epochs
from messaging.forms import EndingForm
from messaging.models import Conversation, EpochEnd
from messaging.views.door import conversation_or_404, my_conversations

BY_ITSELF: dict[EpochEnd, Any] = {
    EpochEnd.SILENCE: gettext_lazy(
        "Nothing was heard from her for 90 days, and by then a number may belong to somebody else."
    ),
    EpochEnd.WRONG_NUMBER: gettext_lazy("Whoever has it wrote that it is the wrong number."),
    EpochEnd.CARRIER: gettext_lazy("Three texts in a row found no phone."),
    EpochEnd.SHARED: gettext_lazy("Several people use this phone, and this exchange has ended."),
}
BY_STAFF = {
    **BY_ITSELF,
    EpochEnd.WRONG_NUMBER: gettext_lazy("It is a wrong number."),
    EpochEnd.NEW_OWNER: gettext_lazy("It has a new owner."),
}
TAKEN = gettext_lazy("Somebody has written from this number since. Nothing was changed; look at the note below.")


@dataclass(frozen=True)
class Ending:
    """What the panel in place of the composer says, and what it offers.

    now        the conversation that the number reaches now, or reached since, if this person may see it
    is_taken   whether there is one with somebody else, seen or not
    """

    since: datetime
    by: Staff | None
    why: Any
    now: Conversation | None
    is_taken: bool
    may_be_a_mistake: bool


def ending_of(request: StaffRequest, conversation: Conversation) -> Ending | None:
    """How the time ended in which a conversation's number reached her; None while it goes on."""
    if conversation.ended_at is None:
        return None
    reason, by = EpochEnd(conversation.epoch.end_reason), conversation.epoch.ended_by
    newer = epochs.newest_since(conversation)
    now = my_conversations(request).filter(pk=newer.pk).first() if newer else None
    return Ending(
        since=conversation.ended_at,
        by=by,
        why=(BY_STAFF if by else BY_ITSELF)[reason],
        now=now,
        is_taken=newer is not None and (newer.client_id != conversation.client_id or newer.ended_at is None),
        may_be_a_mistake=reason.may_be_a_mistake,
    )


@require_POST
def end(request: StaffRequest, pk: UUID) -> HttpResponse:
    conversation = conversation_or_404(request, pk)
    form = EndingForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please say what you know of the number. Nothing was changed."))
    else:
        epochs.mark_ended(conversation, EpochEnd(form.cleaned_data["reason"]), by=request.member)
    return redirect("conversation", pk)


@require_POST
def revive(request: StaffRequest, pk: UUID) -> HttpResponse:
    try:
        epochs.revive(conversation_or_404(request, pk), by=request.member)
    except epochs.NumberTaken:
        messages.warning(request, TAKEN)
    return redirect("conversation", pk)


@require_POST
def begin_again(request: StaffRequest, pk: UUID) -> HttpResponse:
    """To the conversation in which she can be written to now, where this person may see it."""
    try:
        begun = epochs.begin_again(conversation_or_404(request, pk), by=request.member)
    except epochs.NumberTaken:
        messages.warning(request, TAKEN)
    except epochs.MarkedWrong:
        messages.warning(request, _("Somebody said that this number is not hers. If that was a mistake, say so first."))
    else:
        if my_conversations(request).filter(pk=begun.pk).exists():
            return redirect("conversation", begun.pk)
        messages.info(request, _("A colleague has begun to write to her again and holds that conversation."))
    return redirect("conversation", pk)
