"""Texts that leave at a moment, seen from the thread that they wait in."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.requests import StaffRequest
from messaging.actions.later import take_back_later
from messaging.models import LaterText
from messaging.views.door import my_conversations
from messaging.views.writing import written

GONE = _("It was too late to take it back: look at the thread for what became of it.")


@require_POST
def take_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Its words return to the composer, and its moment to the field beside them."""
    texts = LaterText.objects.filter(conversation__in=my_conversations(request))
    later = get_object_or_404(texts.select_related("conversation"), pk=pk)
    seen = later.conversation.sequence
    taken = take_back_later(later, by=request.member)
    return written(request, later.conversation, seen, notice="" if taken else GONE, leaves_at=later.leaves_at)
