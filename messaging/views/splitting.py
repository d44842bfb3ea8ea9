"""From an entry on it is somebody else who writes; and phones that several people use."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import StaffRequest
from messaging.actions.reading import read
from messaging.actions.sharing import unmark_shared
from messaging.actions.splitting import CannotMove, count_from, first_of, split_at
from messaging.people_forms import SplitForm
from messaging.views.conversation import load
from messaging.views.door import conversation_or_404, number_in


@require_http_methods(["GET", "POST"])
def split(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What happens is said before it happens, and why is asked."""
    conversation, number = load(request, pk), number_in(request, "at")
    first = first_of(conversation, number) if number else None
    if first is None or number is None:
        raise Http404
    read(conversation, by=request.member, up_to=0)
    form = SplitForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            fresh = split_at(conversation, number, reason=form.cleaned_data["reason"], by=request.member)
        except CannotMove as hindrance:
            messages.error(request, hindrance.words)
            return redirect("conversation", pk)
        messages.success(request, _("Moved. From here on it is with somebody else; please say who, if you know."))
        return redirect("conversation", fresh.pk)
    context = {"conversation": conversation, "first": first, "count": count_from(conversation, number), "form": form}
    return render(request, "messaging/split.html", context, status=422 if form.is_bound else 200)


@require_POST
def not_shared(request: StaffRequest, pk: UUID) -> HttpResponse:
    unmark_shared(conversation_or_404(request, pk), by=request.member)
    return redirect("conversation", pk)
