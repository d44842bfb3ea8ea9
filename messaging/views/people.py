"""Who writes: said, taken back, and what else is said with her."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import StaffRequest
from messaging.actions.recognizing import (
    SaidMeanwhile,
    call_new,
    choices_for,
    find_by_number,
    latest_standing,
    others_of,
    recognize,
    take_back,
)
from messaging.models import Client, Conversation, Knowing, Recognition
from messaging.people_forms import OtherNumberForm, RecognizeForm, TakeApartForm
from messaging.views.conversation import load


@require_POST
def say(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Who writes from a number that has reached somebody else before."""
    conversation, form = load(request, pk), RecognizeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please say how you know. Nothing was changed."))
        return redirect("conversation", pk)
    said = form.cleaned_data
    if said["how"] == Knowing.NEW:
        _call_new(request, conversation, said["seen"])
        return redirect("conversation", pk)
    people = choices_for(conversation, by=request.member).people
    known = next((row for row in people if row.pk == said["known_by"]), None)
    if known is None:
        messages.error(request, _("This cannot be chosen any more. Nothing was changed."))
    else:
        _join(request, conversation, known, said["how"], said["seen"])
    return redirect("conversation", pk)


@require_POST
def other_number(request: StaffRequest, pk: UUID) -> HttpResponse:
    """She is somebody whom we know under another number."""
    conversation, form = load(request, pk), OtherNumberForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("conversation", pk)
    found = find_by_number(conversation, form.cleaned_data["number"], by=request.member)
    if found is None:
        messages.error(request, _("There is no conversation with this number that you can open. Nothing was changed."))
    elif conversation.has_others and not others_of(found).exists():
        said = latest_standing(found)
        _join(request, found, conversation, form.cleaned_data["how"], said.pk if said else None)
    else:
        _join(request, conversation, found, form.cleaned_data["how"], form.cleaned_data["seen"])
    return redirect("conversation", pk)


@require_POST
def take_apart(request: StaffRequest, pk: UUID) -> HttpResponse:
    conversation, form = load(request, pk), TakeApartForm(request.POST)
    form.full_clean()
    mine = Recognition.objects.filter(conversation=conversation)
    take_back(get_object_or_404(mine, pk=form.cleaned_data.get("recognition")), by=request.member)
    messages.success(request, _("Taken back. This conversation is again with whom it was with before."))
    return redirect("conversation", pk)


def _call_new(request: StaffRequest, conversation: Conversation, seen: UUID | None) -> None:
    try:
        call_new(conversation, seen=seen, by=request.member)
    except SaidMeanwhile:
        _warn_late(request)


def _join(request: StaffRequest, conversation: Conversation, known: Conversation, how: str, seen: UUID | None) -> None:
    try:
        left = recognize(conversation, known, how=Knowing(how), seen=seen, by=request.member)
    except SaidMeanwhile:
        _warn_late(request)
        return
    messages.success(request, _("Kept. It is with her now, and can be taken back under About her."))
    if left:
        names = ", ".join(str(field.verbose_name) for field in Client._meta.concrete_fields if field.name in left)
        words = _("Her card says something else about: %(names)s. What stood here is kept. Please ask her.")
        messages.warning(request, words % {"names": names})


def _warn_late(request: StaffRequest) -> None:
    messages.warning(request, _("A colleague has just said who writes here. Nothing was changed; please look again."))
