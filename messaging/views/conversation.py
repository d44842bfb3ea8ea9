import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.requests import StaffRequest, asked_by_itself
from encryption.prefetch import prefetch_keys
from encryption.templatetags.sealed import unsealed
from messaging.actions.client_card import unreadable
from messaging.actions.draft_pictures import pictures_of
from messaging.actions.opt_outs import standing_opt_out
from messaging.actions.reading import read
from messaging.actions.ready_words import ready_for
from messaging.actions.recognizing import choices_for, latest_standing, others_of
from messaging.actions.words.parts import BASIC, EXTENDED, FOLDS
from messaging.forms import LONGEST_TEXT, CardForm, EndingForm, NoteForm, ReplyForm
from messaging.models import POSITIVE, Client, ClientTag, Conversation, Outcome, Tag
from messaging.views.door import conversation_or_404, my_conversations, number_in
from messaging.views.epochs import ending_of
from messaging.views.inbox import with_list
from messaging.views.moments import as_field, offers
from messaging.views.narrowing import Asked
from messaging.views.pictures import MOST_BYTES
from messaging.views.thread import Stretch, after, around, latest, opening
from tenancy.ids import uuid7

COUNTING = {
    "basic": BASIC,
    "extended": EXTENDED,
    "folds": json.dumps(FOLDS),
    "most": LONGEST_TEXT,
    "cents": settings.TEXT_PART_CENTS,
}


def load(request: StaffRequest, pk: UUID) -> Conversation:
    """One conversation with everything that its panes draw of it, in one query."""
    rows = my_conversations(request).opened_by(request.member)
    conversation = conversation_or_404(request, pk, among=rows)
    prefetch_keys([conversation, conversation.epoch.number])
    return conversation


def thread_context(request: StaffRequest, conversation: Conversation) -> dict[str, Any]:
    """What the middle and right panes draw."""
    at = number_in(request, "at")
    stretch = _stretch(request, conversation, at)
    return {
        "conversation": conversation,
        "stretch": stretch,
        "entries": stretch.entries,
        "before": stretch.before,
        "at": at,
        "back_address": Asked.of(request.GET).address if "view" in request.GET else "",
        "new_since": 0 if at else _read_before(conversation),
        "choices": choices_for(conversation, by=request.member) if conversation.asks_who else None,
        **composer_context(request, conversation, seen=stretch.end),
        **card_context(request, conversation),
    }


def _stretch(request: StaffRequest, conversation: Conversation, at: int | None) -> Stretch:
    if at:
        return around(conversation, at)
    if before := number_in(request, "before"):
        return latest(conversation, before)
    return opening(conversation, _read_before(conversation))


def composer_context(
    request: StaffRequest,
    conversation: Conversation,
    *,
    seen: int,
    leaves_at: datetime | None = None,
    **replaced: Any,
) -> dict[str, Any]:
    """A fresh composer with this person's draft in it; a form in `replaced` keeps what was typed.

    seen    the last entry that is shown above it, with nothing missing before it
    """
    draft = conversation.my_draft
    fresh = {"last_sequence": seen, "key": uuid7(), "body": draft.body if draft else ""}
    later = conversation.later_texts.open().select_related("author").order_by("leaves_at")
    return {
        "conversation": conversation,
        "form": ReplyForm(initial={**fresh, "leaves_at": as_field(leaves_at) if leaves_at else ""}),
        "note_form": NoteForm(initial={"key": uuid7(), "body": unsealed(draft, "note") if draft else None}),
        "draft": draft,
        "pictures": list(pictures_of(conversation, request.member)) if conversation.has_my_pictures else [],
        "most_bytes": MOST_BYTES,
        "later_texts": list(later) if conversation.has_later_texts else [],
        "offers": offers(),
        "conflict": None,
        "doubts": [],
        "counting": COUNTING,
        "opted_out": conversation.opted_out,
        "ending": ending_of(request, conversation),
        **replaced,
    }


def card_context(request: StaffRequest, conversation: Conversation) -> dict[str, Any]:
    """What the client card draws."""
    told, shut = _told_by(conversation.client), unreadable(conversation.client)
    return {
        "conversation": conversation,
        "client": conversation.client,
        "told": told,
        "number_tail": unsealed(conversation.epoch.number, "tail"),
        "may_see_number": conversation.shows_number_to(request.member),
        "follow_ups": list(conversation.follow_ups.open().select_related("owner").order_by("due_at")),
        "outcomes": Outcome.choices,
        "endings": EndingForm.REASONS,
        "opted_out": conversation.opted_out,
        "opt_out": standing_opt_out(conversation) if conversation.opted_out else None,
        "card_form": CardForm(initial=told, shut=shut),
        "shut": shut,
        "tags": _tags_for(conversation.client),
        "ways_to_know": [(way.value, way.label) for way in POSITIVE],
        "said": latest_standing(conversation) if conversation.is_recognized else None,
        **_others(request, conversation),
    }


def _others(request: StaffRequest, conversation: Conversation) -> dict[str, Any]:
    """What else is said with her: what this person may open, the latest first, and how much there is beside it."""
    if not conversation.has_others:
        return {"others": [], "hidden_others": 0, "earlier": None}
    rows = others_of(conversation)
    others = list(rows.visible_to(request.member).select_related("epoch__number"))
    prefetch_keys(row.epoch.number for row in others)
    began = conversation.epoch.started_at
    return {
        "others": others,
        "hidden_others": rows.count() - len(others),
        "earlier": next((row for row in others if row.epoch.started_at < began), None),
    }


def _told_by(client: Client) -> dict[str, Any]:
    names = "language", "prefers", "calls", "safe_times", "note"
    return {name: unsealed(client, name) or "" for name in names}


def _tags_for(client: Client) -> list[Tag]:
    """What can be put on her, and what is on her (`is_on`), out of use or not."""
    on = Exists(ClientTag.objects.filter(client=client, tag=OuterRef("pk")))
    here = Tag.objects.filter(center=client.center_id).annotate(is_on=on)
    tags = list(here.filter(Q(retired_at=None) | Q(is_on=True)))
    prefetch_keys(tags)
    return tags


@require_GET
def show(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One conversation: the whole page, or the panes alone when the list asks for them."""
    conversation = load(request, pk)
    context = thread_context(request, conversation)
    stretch = context["stretch"]
    has_seen_all = not stretch.stops_early or stretch.start <= _read_before(conversation)
    read(conversation, by=request.member, up_to=stretch.end if has_seen_all else 0)
    if request.htmx:
        return render(request, "messaging/_conversation.html", context)
    return render(request, "messaging/inbox.html", {**with_list(request, str(conversation.pk)), **context})


def read_on(request: StaffRequest, conversation: Conversation, stretch: Stretch) -> None:
    """What is shown below what she has read counts as read; behind a gap it does not."""
    has_seen_all = stretch.start <= _read_before(conversation)
    read(conversation, by=request.member, up_to=stretch.end if has_seen_all else 0)


@asked_by_itself
@require_GET
def entries(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What came after a number: how an open page catches up when the bell rings."""
    conversation = load(request, pk)
    stretch = after(conversation, number_in(request, "after") or 0)
    if stretch.entries:
        read_on(request, conversation, stretch)
    context = {"conversation": conversation, "stretch": stretch, "entries": stretch.entries}
    return render(request, "messaging/_came.html", context)


@require_GET
def older(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The hundred entries before a number."""
    conversation = load(request, pk)
    stretch = latest(conversation, number_in(request, "before"))
    read(conversation, by=request.member, up_to=0)
    context = {"conversation": conversation, "entries": stretch.entries, "before": stretch.before}
    if not stretch.before:
        context |= _others(request, conversation)
    return render(request, "messaging/_older.html", context)


@require_GET
def ready_words(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The center's ready words in the client's language: fetched when somebody opens that menu."""
    conversation = conversation_or_404(request, pk, among=my_conversations(request).select_related("client"))
    context = {"conversation": conversation, "ready": ready_for(conversation, by=request.member)}
    return render(request, "messaging/_ready_words.html", context)


def _read_before(conversation: Conversation) -> int:
    return conversation.my_mark.sequence if conversation.my_mark else 0
