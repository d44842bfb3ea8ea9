"""What every door of messaging does first: load what this person may see."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.requests import StaffRequest
from messaging.models import Conversation, ConversationQuerySet, Message


def my_conversations(request: StaffRequest) -> ConversationQuerySet:
    return Conversation.objects.visible_to(request.member)


def conversation_or_404(request: StaffRequest, pk: UUID, among: ConversationQuerySet | None = None) -> Conversation:
    """The load is the permission: what this person may not see does not exist."""
    return get_object_or_404(my_conversations(request) if among is None else among, pk=pk)


def message_or_404(request: StaffRequest, pk: UUID) -> Message:
    """A message of ours, with its conversation, if this person may see it."""
    messages = Message.objects.filter(conversation__in=my_conversations(request), direction="out")
    return get_object_or_404(messages.select_related("conversation"), pk=pk)


def number_in(request: StaffRequest, name: str) -> int | None:
    """A whole number in the address, None where there is none. Raises Http404 for what is not one."""
    text = request.GET.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404
    return int(text)
