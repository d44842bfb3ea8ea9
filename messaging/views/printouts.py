"""To put a whole conversation on paper: asked for, agreed to by a second person, printed within the hour."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import StaffRequest
from audit.events import Event
from audit.fresh import Why, needs_fresh_factor
from audit.record import record_read
from encryption.prefetch import prefetch_keys
from messaging.actions.printouts import NotOpen, ask_to_print
from messaging.actions.printouts import decide as decide_on
from messaging.forms import PrintForm
from messaging.models import Printout
from messaging.views.conversation import load
from messaging.views.door import my_conversations
from messaging.views.thread import between


@require_http_methods(["GET", "POST"])
def ask(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Where a printout of this conversation stands; a reason begins one."""
    conversation = load(request, pk)
    form = PrintForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        ask_to_print(conversation, by=request.member, reason=form.cleaned_data["reason"])
        return redirect("print-ask", pk)
    latest = _with_people(conversation.printouts.filter(asked_by=request.member.staff_id)).first()
    return render(
        request,
        "messaging/print_ask.html",
        {
            "conversation": conversation,
            "form": form,
            "printout": latest,
            "may_print": latest is not None and latest.may_be_printed_by(request.member),
        },
        status=422 if form.is_bound else 200,
    )


@require_GET
def waiting(request: StaffRequest) -> HttpResponse:
    """What colleagues ask to print, the oldest first."""
    rows = Printout.objects.waiting().exclude(asked_by=request.member.staff_id)
    mine = _with_people(rows.filter(conversation__in=my_conversations(request))).order_by("asked_at")
    found = list(mine.select_related("conversation__client", "conversation__epoch__number"))
    prefetch_keys(part for one in found for part in (one, one.conversation.client, one.conversation.epoch.number))
    return render(request, "messaging/printouts.html", {"printouts": found})


@needs_fresh_factor(Why.PRINT)
@require_POST
def decide(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A second person agrees, or does not."""
    printout = _printout(request, pk)
    agrees = request.POST.get("answer") == "yes"
    try:
        decide_on(printout, by=request.member, agrees=agrees)
        messages.success(request, _("You agreed. It can be printed for an hour.") if agrees else _("You refused it."))
    except NotOpen:
        messages.error(request, _("Nothing was changed: it was decided meanwhile, or it is your own."))
    return redirect("printouts")


@needs_fresh_factor(Why.PRINT)
@require_GET
def show(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The whole conversation as it goes on paper. Each time it is opened stands in the log."""
    printout = _printout(request, pk)
    if not printout.may_be_printed_by(request.member):
        raise Http404
    conversation = load(request, printout.conversation_id)
    record_read(printout, event=Event.CONVERSATION_PRINTED, conversation=conversation.pk, client=conversation.client_id)
    entries = between(conversation, 0, conversation.sequence)
    context = {"conversation": conversation, "printout": printout, "entries": entries}
    return render(request, "messaging/print_sheet.html", context)


def _printout(request: StaffRequest, pk: UUID) -> Printout:
    mine = Printout.objects.filter(conversation__in=my_conversations(request))
    return get_object_or_404(_with_people(mine), pk=pk)


def _with_people(rows: "QuerySet[Printout]") -> "QuerySet[Printout]":
    return rows.select_related("asked_by", "decided_by", "conversation").order_by("-asked_at")
