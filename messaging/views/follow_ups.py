from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import StaffRequest
from audit.events import Event
from audit.record import record_read
from encryption.prefetch import prefetch_keys
from messaging.actions.promises import promise, settle
from messaging.forms import FollowUpForm, SettleForm
from messaging.models import FollowUp, FollowUpOutcome
from messaging.views.door import conversation_or_404
from messaging.views.pages import beyond, cut

SHOWN = 50


@require_GET
def due(request: StaffRequest) -> HttpResponse:
    """All that is owed, the most urgent first, page by page."""
    owed, after = FollowUp.objects.visible_to(request.member).open(), request.GET.get("after", "")
    if after:
        owed = owed.filter(beyond("due_at", descends=False, after=after))
    people = owed.select_related("conversation__client", "conversation__epoch__number").prefetch_related("owner")
    shown, next_after = cut(list(people.order_by("due_at", "pk")[: SHOWN + 1]), SHOWN, "due_at")
    if after and not shown:
        return redirect("follow-ups")  # the last ones are settled: what comes first may not be
    record_read(event=Event.LIST_READ, facts={"view": "follow_ups"})
    prefetch_keys(row for one in shown for row in (one.conversation.client, one.conversation.epoch.number))
    context = {"follow_ups": shown, "outcomes": FollowUpOutcome.choices, "after": after, "next_after": next_after}
    return render(request, "messaging/follow_ups.html", context)


@require_POST
def add(request: StaffRequest, pk: UUID) -> HttpResponse:
    conversation = conversation_or_404(request, pk)
    form = FollowUpForm(request.POST)
    if form.is_valid():
        promise(conversation, due_at=form.cleaned_data["due_at"], by=request.member)
    else:
        messages.error(request, _("Please give a day and a time. No follow-up was added."))
    return redirect("conversation", pk)


@require_POST
def finish(request: StaffRequest, pk: UUID) -> HttpResponse:
    owed = get_object_or_404(FollowUp.objects.visible_to(request.member), pk=pk)
    form = SettleForm(request.POST)
    if form.is_valid():
        settle(owed, outcome=form.cleaned_data["outcome"], by=request.member)
    else:
        messages.error(request, _("Please say what became of it. It is still open."))
    if request.POST.get("return") == "list":
        after = request.POST.get("after")
        return redirect(reverse("follow-ups") + (f"?{urlencode({'after': after})}" if after else ""))
    return redirect("conversation", owed.conversation_id)
