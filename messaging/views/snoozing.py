"""To put a conversation aside until a moment, and to take it up again."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import StaffRequest
from messaging.actions import snoozing
from messaging.forms import SnoozeForm
from messaging.views.door import conversation_or_404


@require_POST
def snooze(request: StaffRequest, pk: UUID) -> HttpResponse:
    conversation = conversation_or_404(request, pk)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please give a day and a time. Nothing was put aside."))
        return redirect("conversation", pk)
    try:
        snoozing.snooze(conversation, until=_moment(request, form), by=request.member)
        messages.success(request, _("Put aside. It comes back by itself, and at once when she writes or calls."))
    except snoozing.CannotSnooze as hindered:
        messages.error(request, hindered.words)
    return redirect("conversation", pk)


@require_POST
def wake(request: StaffRequest, pk: UUID) -> HttpResponse:
    snoozing.wake(conversation_or_404(request, pk), by=request.member)
    return redirect("conversation", pk)


def _moment(request: StaffRequest, form: SnoozeForm) -> datetime:
    if form.cleaned_data["when"] == "later":
        return timezone.now() + snoozing.LATER_TODAY
    if form.cleaned_data["when"] == "opening":
        return snoozing.next_day_we_open(request.member.center, timezone.now())
    moment: datetime = form.cleaned_data["until"]
    return moment
