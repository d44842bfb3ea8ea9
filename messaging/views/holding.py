"""Who holds a conversation, how it ends, and what she is called."""

from collections import Counter
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import StaffRequest, asked_by_itself
from audit.events import Event
from audit.fresh import Why, needs_fresh_factor
from audit.record import record_read
from encryption.errors import SealError
from encryption.templatetags.sealed import unsealed
from messaging.actions import assignment, closing
from messaging.actions.client_card import name_client
from messaging.actions.notes import readers_of
from messaging.actions.numbers import whole_number
from messaging.forms import AssignForm, CloseForm, NameForm, colleagues_of
from messaging.views.conversation import card_context, load
from messaging.views.door import conversation_or_404


@require_POST
def take(request: StaffRequest, pk: UUID) -> HttpResponse:
    try:
        assignment.take(conversation_or_404(request, pk), by=request.member)
    except assignment.AlreadyTaken as taken:
        messages.warning(request, _("%(name)s already holds this conversation.") % {"name": taken.holder.name})
        return redirect("conversation", pk) if request.member.sees_all else redirect("inbox")
    return redirect("conversation", pk)


@require_POST
def release(request: StaffRequest, pk: UUID) -> HttpResponse:
    assignment.release(conversation_or_404(request, pk), by=request.member)
    return redirect("conversation", pk)


@require_GET
def colleagues(request: StaffRequest, pk: UUID) -> HttpResponse:
    """To whom the conversation can be given: fetched when somebody opens that menu."""
    conversation = conversation_or_404(request, pk)
    context = {"conversation": conversation, "staff_choices": colleagues_of(request.member)}
    return render(request, "messaging/_colleagues.html", context)


@require_GET
def readers(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Whom a note in this conversation can mention: fetched when somebody types an @ in one."""
    conversation = conversation_or_404(request, pk)
    found = readers_of(conversation).exclude(pk=request.member.pk).select_related("staff")
    people = sorted((str(unsealed(member.staff, "name")), member.staff_id) for member in found)
    firsts = Counter(name.split(" ")[0] for name, _pk in people)
    context = {
        "conversation": conversation,
        "people": [(pk, name, name if firsts[name.split(" ")[0]] > 1 else name.split(" ")[0]) for name, pk in people],
    }
    return render(request, "messaging/_readers.html", context)


@asked_by_itself
@require_GET
def names(request: StaffRequest) -> HttpResponse:
    """What colleagues are called who answer here: an open page asks once, when it first hears that one is there."""
    people = [member.staff for member in colleagues_of(request.member)]
    return JsonResponse({str(person.pk): unsealed(person, "first_name") for person in people})


@require_POST
def assign(request: StaffRequest, pk: UUID) -> HttpResponse:
    conversation = conversation_or_404(request, pk)
    form = AssignForm(request.POST, member=request.member)
    if not form.is_valid():
        messages.error(request, _("Please choose somebody from the list. Nothing was changed."))
        return redirect("conversation", pk)
    to = form.cleaned_data["to"]
    try:
        assignment.assign(conversation, to=to, by=request.member)
    except assignment.WorksHereNoLonger:
        messages.error(request, _("This person cannot take it any more. Nothing was changed; please choose another."))
        return redirect("conversation", pk)
    may_still_see = request.member.sees_all or to.pk == request.member.pk
    return redirect("conversation", pk) if may_still_see else redirect("inbox")


@require_POST
def close(request: StaffRequest, pk: UUID) -> HttpResponse:
    conversation = conversation_or_404(request, pk)
    form = CloseForm(request.POST)
    if form.is_valid():
        closing.close(conversation, outcome=form.cleaned_data["outcome"], by=request.member)
        words = _("Closed, and kept under Done. It opens again when she writes; “Open again” takes it back.")
        if conversation.ended_at is not None:
            words = _("Closed, and kept under Done. “Open again” takes it back.")
        messages.success(request, words)
    else:
        messages.error(request, _("Please say how it ended. The conversation is still open."))
    return redirect("conversation", pk)


@require_POST
def reopen(request: StaffRequest, pk: UUID) -> HttpResponse:
    if closing.reopen(conversation_or_404(request, pk), by=request.member):
        messages.success(request, _("Taken back: everything is owed as it was before."))
    return redirect("conversation", pk)


@needs_fresh_factor(Why.NUMBER)
@require_POST
def show_number(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Her whole number, for whoever is about to call her. That it was looked at is on the record."""
    conversation = load(request, pk)
    if not conversation.shows_number_to(request.member):
        raise PermissionDenied
    record_read(event=Event.NUMBER_SHOWN, conversation=conversation.pk, client=conversation.client_id)
    context = {**card_context(request, conversation), "number": whole_number(conversation)}
    return render(request, "messaging/_client_card.html", context)


@require_POST
def rename(request: StaffRequest, pk: UUID) -> HttpResponse:
    conversation = load(request, pk)
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            name_client(conversation, name=form.cleaned_data["name"], by=request.member)
        except SealError:
            form.add_error("name", _("What stands here cannot be opened, so it cannot be changed. Nothing was saved."))
        conversation = load(request, pk)
    context = {**card_context(request, conversation), "name_form": form}
    status = 200 if form.is_valid() else 422
    return render(request, "messaging/_client_card.html", context, status=status)
