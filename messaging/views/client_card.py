"""The client's card: what she told us, edited in place, and how it came to say so."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import StaffRequest
from encryption.errors import SealError
from messaging.actions.client_card import (
    ChangedMeanwhile,
    change_card,
    past_changes,
    set_tag,
    undo_last_change,
    unreadable,
)
from messaging.actions.reading import read
from messaging.forms import CardForm, ClientTagForm, SeenForm
from messaging.models import Call
from messaging.views.conversation import card_context, load
from messaging.views.door import my_conversations
from messaging.views.thread import with_recordings

CALLS_SHOWN = 10  # the latest ones


@require_POST
def change(request: StaffRequest, pk: UUID) -> HttpResponse:
    conversation = load(request, pk)
    form = CardForm(request.POST, shut=unreadable(conversation.client))
    if not form.is_valid():
        return _drawn(request, pk, status=422, card_form=form)
    values = form.cleaned_data
    seen = values.pop("seen")
    try:
        change_card(conversation, values, seen=seen, by=request.member)
    except ChangedMeanwhile as late:
        return _drawn_late(request, pk, late)
    except SealError:
        form.add_error(None, _("What stands here cannot be opened now. Nothing was saved; your words are kept."))
        return _drawn(request, pk, status=409, card_form=form)
    return _drawn(request, pk) if request.htmx else redirect("conversation", pk)


@require_POST
def undo(request: StaffRequest, pk: UUID) -> HttpResponse:
    conversation, form = load(request, pk), SeenForm(request.POST)
    try:
        if not form.is_valid():
            raise ChangedMeanwhile
        undo_last_change(conversation, seen=form.cleaned_data["seen"], by=request.member)
    except ChangedMeanwhile:
        messages.warning(request, _("A colleague changed this a moment ago. Nothing was undone."))
        return _drawn(request, pk, status=409)
    except SealError:
        messages.warning(request, _("What stood there before cannot be opened. Nothing was undone."))
        return _drawn(request, pk, status=409)
    messages.success(request, _("Undone. It says again what it said before."))
    return _drawn(request, pk) if request.htmx else redirect("conversation", pk)


@require_POST
def tag(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Put a tag on her, or take it off. What is out of use comes off, and not on."""
    conversation, form = load(request, pk), ClientTagForm(request.POST, center_id=request.member.center_id)
    form.full_clean()
    put_on, take_off = form.cleaned_data.get("put_on"), form.cleaned_data.get("take_off")
    if chosen := put_on or take_off:
        set_tag(conversation, chosen, on=bool(put_on), by=request.member)
    else:
        messages.error(request, _("Please choose a tag that is in use. Nothing was changed."))
    if not request.htmx:
        return redirect("conversation", pk)
    context = {**card_context(request, load(request, pk)), "is_drawn_again": True}
    return render(request, "messaging/_tag_choices.html", context, status=200 if chosen else 422)


@require_GET
def history(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Her calls, of all conversations that this person may open, and who changed the card: fetched when asked for."""
    conversation = load(request, pk)
    read(conversation, by=request.member, up_to=0)
    hers = my_conversations(request).filter(client=conversation.client_id)
    calls = with_recordings(Call.objects.filter(conversation__in=hers).order_by("-created_at")[:CALLS_SHOWN])
    context = {"conversation": conversation, "calls": calls, "changes": past_changes(conversation)}
    return render(request, "messaging/_client_history.html", context)


def _drawn_late(request: StaffRequest, pk: UUID, late: ChangedMeanwhile) -> HttpResponse:
    """What this person changed stays in the form; all else says what it says now, lest she write over it unseen."""
    context = card_context(request, load(request, pk))
    now = {**context["told"], "seen": context["client"].version}
    form = CardForm({**now, **late.mine}, shut=context["shut"])
    for name in late.both:
        form.add_error(name, _("A colleague has just changed this too. What it says now stands above."))
    form.add_error(None, _("Nothing was saved yet, and your words are kept here. Save again if they are to stand."))
    return _drawn(request, pk, status=409, card_form=form)


def _drawn(request: StaffRequest, pk: UUID, *, status: int = 200, **replaced: Any) -> HttpResponse:
    """The form, closed or with what is wrong in it, and the rest of the card as it is now."""
    context = {**card_context(request, load(request, pk)), "is_drawn_again": True, **replaced}
    return render(request, "messaging/_client_edit.html", context, status=status)
