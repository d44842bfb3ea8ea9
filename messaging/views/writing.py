"""Words that staff write: replies, notes, and what is half typed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.requests import StaffRequest
from encryption.templatetags.sealed import unsealed
from messaging.actions.doubts import decide_unknown, send_still
from messaging.actions.draft_pictures import PictureRefused
from messaging.actions.drafts import (
    TypedElsewhere,
    Window,
    forget_note_draft,
    forget_reply_draft,
    put_above_draft,
    save_draft,
)
from messaging.actions.guardrails import AskFirst
from messaging.actions.later import keep_for_later
from messaging.actions.notes import CannotBeMentioned, write_note
from messaging.actions.reading import read
from messaging.actions.replies import CannotReply, NumberEnded, SomebodyAnswered, undo_reply, write_reply
from messaging.actions.sending_again import send_again
from messaging.forms import DraftForm, NoteForm, ReplyForm, RetryDecisionForm
from messaging.models import Conversation, Message
from messaging.views.conversation import composer_context, load, read_on
from messaging.views.door import conversation_or_404, message_or_404
from messaging.views.thread import after, between

UNPROCESSABLE, CONFLICT = 422, 409
TOO_LATE = _("It had already left, so it could not be taken back.")
LOOK_FIRST = _("Nothing was sent yet. The words are where you write: please look at them before you send them.")

CANNOT_READ = _(
    "Somebody you mention cannot read this conversation any more. Nothing was kept yet; your words are here."
)


@require_POST
def create_reply(request: StaffRequest, pk: UUID) -> HttpResponse:
    conversation = load(request, pk)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _composer(request, conversation, status=UNPROCESSABLE, form=form)
    seen = form.cleaned_data["last_sequence"]
    try:
        _keep(request, conversation, form.cleaned_data)
    except SomebodyAnswered:
        news = after(load(request, pk), seen).entries
        read(conversation, by=request.member, up_to=seen)
        return _composer(request, conversation, status=CONFLICT, form=form, conflict=news)
    except AskFirst as ask:
        return _composer(request, conversation, status=UNPROCESSABLE, form=form, doubts=ask.doubts)
    except (CannotReply, PictureRefused) as refusal:
        form.add_error(None, refusal.words)
        if isinstance(refusal, NumberEnded):  # its composer has no place to type in
            put_above_draft(conversation, by=request.member, body=form.cleaned_data["body"])
            conversation = load(request, pk)
        return _composer(request, conversation, status=UNPROCESSABLE, form=form)
    forget_reply_draft(conversation, by=request.member)
    return written(request, conversation, seen)


def _keep(request: StaffRequest, conversation: Conversation, posted: dict[str, Any]) -> None:
    """As a reply that is sent, or as one that leaves at its moment."""
    by, words = request.member, {name: posted[name] for name in ("body", "last_sequence", "confirmed")}
    if posted["later"]:
        keep_for_later(conversation, by=by, client_key=posted["key"], leaves_at=posted["leaves_at"], **words)
    else:
        write_reply(conversation, by=by, client_key=posted["key"], pictures=posted["pictures"], **words)


@require_POST
def create_note(request: StaffRequest, pk: UUID) -> HttpResponse:
    conversation = load(request, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _composer(request, conversation, status=UNPROCESSABLE, note_form=form)
    body, key, mentioned = (form.cleaned_data[name] for name in ("body", "key", "mentions"))
    try:
        note = write_note(conversation, by=request.member, body=body, client_key=key, mentioned=mentioned)
    except CannotBeMentioned:
        form.add_error(None, CANNOT_READ)
        return _composer(request, conversation, status=UNPROCESSABLE, note_form=form)
    forget_note_draft(conversation, by=request.member)
    return written(request, note.conversation, note.sequence - 1)


@require_POST
def keep_draft(request: StaffRequest, pk: UUID) -> HttpResponse:
    conversation = conversation_or_404(request, pk)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=UNPROCESSABLE)
    posted = form.cleaned_data
    window = Window(posted["key"], posted["note_key"], posted["version"], posted["has_chosen"])
    words = {name: posted[name] for name in ("body", "note") if name in request.POST}
    try:
        save_draft(conversation, by=request.member, window=window, **words)
    except TypedElsewhere as other:
        answer = {"body": unsealed(other.draft, "body"), "version": other.draft.version}
        return JsonResponse(answer, status=CONFLICT)
    return HttpResponse(status=204)


@require_POST
def undo(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take a reply back while it waits; its words and pictures return to the composer."""
    message = message_or_404(request, pk)
    failed = message.again_of  # can be sent again once more
    body = undo_reply(message, by=request.member)
    if body:
        put_above_draft(message.conversation, by=request.member, body=body)
    return _changed(request, message, besides=failed, notice=TOO_LATE if body is None else "")


@require_POST
def again(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Send a text that failed once more; where its words need a look first, they come to the composer."""
    message = message_or_404(request, pk)
    seen = message.conversation.sequence
    try:
        sent = send_again(message, by=request.member)
    except (CannotReply, PictureRefused) as refusal:
        return _changed(request, message, notice=refusal.words)
    return _changed(request, message, since=seen, notice="" if sent else LOOK_FIRST)


@require_POST
def decide(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What a person decides about a text that may or may not have been sent, or that waited for a day."""
    message = message_or_404(request, pk)
    form = RetryDecisionForm(request.POST)
    if form.is_valid() and message.is_stale:
        send_still(message, by=request.member)
    elif form.is_valid() and message.is_for_a_person:
        try:
            decide_unknown(message, by=request.member, resend=form.cleaned_data["decision"] == "resend")
        except NumberEnded as refusal:
            return _changed(request, message, notice=refusal.words)
    return _changed(request, message)


def _composer(request: StaffRequest, conversation: Conversation, *, status: int, **replaced: Any) -> HttpResponse:
    """The composer with what was typed and what stands in the way."""
    seen = _seen(request, conversation.sequence)
    context = composer_context(request, conversation, seen=seen, **replaced)
    return render(request, "messaging/_composer.html", context, status=status)


def written(
    request: StaffRequest,
    conversation: Conversation,
    seen: int,
    *,
    notice: object = "",
    leaves_at: datetime | None = None,
) -> HttpResponse:
    """A fresh composer, and everything that came since its writer last looked."""
    fresh = load(request, conversation.pk)
    stretch = after(fresh, _seen(request, seen))
    read_on(request, fresh, stretch)
    context = composer_context(request, fresh, seen=stretch.end, leaves_at=leaves_at)
    context |= {"stretch": stretch, "entries": stretch.entries, "notice": notice}
    return render(request, "messaging/_written.html", context, status=201)


def _changed(
    request: StaffRequest,
    message: Message,
    *,
    besides: Message | None = None,
    since: int | None = None,
    notice: object = "",
) -> HttpResponse:
    """One message as it stands now, what came since, and the composer, which may have got its words back."""
    fresh = load(request, message.conversation_id)
    stretch = after(fresh, _seen(request, fresh.sequence if since is None else since))
    changed = [message.sequence] if besides is None else [besides.sequence, message.sequence]
    entries = [entry for number in changed for entry in between(fresh, number - 1, number)]
    entries += [entry for entry in stretch.entries if entry.sequence not in changed]
    context = {**composer_context(request, fresh, seen=stretch.end), "stretch": stretch, "notice": notice}
    return render(request, "messaging/_written.html", context | {"entries": entries})


def _seen(request: StaffRequest, otherwise: int) -> int:
    """Up to which number the page that asks shows everything; it knows by its script."""
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise
