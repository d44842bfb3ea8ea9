"""Files of a thread. Pictures are shown; everything else can only be saved, under a name that says nothing."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import StaffRequest, asked_by_itself
from audit.events import Event
from audit.record import record_read
from encryption.errors import SealError
from messaging.actions.attachments import ask_again
from messaging.models import Attachment, AttachmentState, Message
from messaging.views.door import my_conversations

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"


@asked_by_itself
@require_GET
def show(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The bytes of one file, if this person may read its conversation."""
    mine = Attachment.objects.filter(message__conversation__in=my_conversations(request))
    attachment = get_object_or_404(mine.select_related("message__conversation"), pk=pk, state=AttachmentState.STORED)
    try:
        content = attachment.content
    except SealError:
        raise Http404 from None
    row = attachment.message.conversation
    record_read(attachment, event=Event.FILE_OPENED, conversation=row.pk, client=row.client_id)
    kind = attachment.content_type if attachment.is_picture else "application/octet-stream"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = "inline" if attachment.is_picture else f'attachment; filename="{attachment.kind}"'
    response["Content-Security-Policy"] = SANDBOX
    return response


@require_POST
def again(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Ask once more for what could not be fetched."""
    messages = Message.objects.filter(conversation__in=my_conversations(request), direction="in", media_count__gt=0)
    message = get_object_or_404(messages.select_related("conversation"), pk=pk)
    ask_again(message)
    return redirect("conversation", message.conversation_id)
