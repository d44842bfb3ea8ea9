from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from messaging.actions.reading import read
from messaging.forms import NoteForm, ReplyForm
from messaging.models import Conversation, Draft, OptOut, Outcome, ReadMark, Template, TemplateUse
from messaging.views.door import StaffRequest, conversation_or_404, my_conversations
from messaging.views.inbox import list_context
from messaging.views.thread import after, latest
from tenancy.ids import uuid7


def load(request: StaffRequest, pk: UUID) -> Conversation:
    """One conversation with everything that its panes draw of it."""
    return conversation_or_404(request, pk, among=my_conversations(request).with_people())


def thread_context(request: StaffRequest, conversation: Conversation) -> dict[str, Any]:
    """What the middle and right panes draw."""
    stretch = latest(conversation, _number(request, "before"))
    return {
        "conversation": conversation,
        "entries": stretch.entries,
        "before": stretch.before,
        "new_since": _read_before(request, conversation),
        **composer_context(request, conversation),
        **card_context(conversation),
    }


def composer_context(request: StaffRequest, conversation: Conversation, **replaced: Any) -> dict[str, Any]:
    """A fresh composer with this person's draft in it; a form in `replaced` keeps what was typed."""
    draft = Draft.objects.filter(conversation=conversation, staff=request.user.pk).first()
    fresh = {"last_sequence": conversation.sequence, "key": uuid7(), "body": draft.body if draft else ""}
    return {
        "conversation": conversation,
        "form": ReplyForm(initial=fresh),
        "note_form": NoteForm(initial={"key": uuid7()}),
        "templates": _templates(request, conversation),
        "conflict": None,
        "opted_out": _is_opted_out(conversation),
        **replaced,
    }


def card_context(conversation: Conversation) -> dict[str, Any]:
    """What the client card draws."""
    return {
        "conversation": conversation,
        "client": conversation.client,
        "number_tail": conversation.epoch.number.tail,
        "follow_ups": list(conversation.follow_ups.open().select_related("owner").order_by("due_at")),
        "outcomes": Outcome.choices,
        "opted_out": _is_opted_out(conversation),
    }


@require_GET
def show(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One conversation: the whole page, or the panes alone when the list asks for them."""
    conversation = load(request, pk)
    context = thread_context(request, conversation)
    read(conversation, by=request.member, up_to=conversation.sequence)
    if request.htmx:
        return render(request, "messaging/_conversation.html", context)
    return render(request, "messaging/inbox.html", {**list_context(request, str(conversation.pk)), **context})


@require_GET
def entries(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What came after a number: how an open page catches up when the bell rings."""
    conversation = load(request, pk)
    number = _number(request, "after") or 0
    context = {"conversation": conversation, "entries": after(conversation, number)}
    if context["entries"]:
        read(conversation, by=request.member, up_to=conversation.sequence)
    return render(request, "messaging/_entries.html", context)


@require_GET
def older(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The hundred entries before a number."""
    conversation = load(request, pk)
    stretch = latest(conversation, _number(request, "before"))
    context = {"conversation": conversation, "entries": stretch.entries, "before": stretch.before}
    return render(request, "messaging/_older.html", context)


def _number(request: StaffRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404
    return int(text)


def _read_before(request: StaffRequest, conversation: Conversation) -> int:
    mark = ReadMark.objects.filter(conversation=conversation, staff=request.user.pk).first()
    return mark.sequence if mark else 0


def _templates(request: StaffRequest, conversation: Conversation) -> list[Template]:
    """The center's ready words in the client's language."""
    language = conversation.client.language
    ready = Template.objects.filter(center=request.member.center_id, use=TemplateUse.REPLY, retired_at=None)
    return list(ready.filter(language=language).order_by("created_at"))


def _is_opted_out(conversation: Conversation) -> bool:
    return OptOut.objects.filter(number=conversation.epoch.number_id, lifted_at=None).exists()
