"""One's own views of the list, and what narrows it."""

from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import StaffRequest
from messaging.actions import saved_views
from messaging.list_forms import NarrowForm, RenameViewForm, SaveViewForm
from messaging.models import SavedView
from messaging.views.narrowing import Asked, State, Waited, holder_choices, line_choices, tag_choices

NOTHING_WAITS = ("done", "snoozed")  # views in which no state and no wait tells rows apart
UNPROCESSABLE = 422


@require_GET
def narrow(request: StaffRequest) -> HttpResponse:
    """What a view can be narrowed by: fetched when somebody opens that menu."""
    asked = Asked.of(request.GET)
    tells_apart = asked.view not in NOTHING_WAITS
    offered = {
        "holder": holder_choices(request.member),
        "line": line_choices(request.member),
        "tag": tag_choices(request.member),
        "state": [("", _("Any state")), *State.choices] if tells_apart else [],
        "waited": [("", _("However long")), *Waited.choices] if tells_apart else [],
    }
    context = {"asked": asked, "narrow_form": NarrowForm(offered=offered, initial=asdict(asked))}
    return render(request, "messaging/_narrow_fields.html", context)


@require_POST
def save(request: StaffRequest) -> HttpResponse:
    form = SaveViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please give it a name of at most 40 characters. Nothing was saved."))
        return _list(Asked.of(QueryDict(request.POST.get("address", ""))).address)
    address = Asked.of(QueryDict(form.cleaned_data["address"])).address
    try:
        saved_views.save_view(request.member, name=form.cleaned_data["name"], address=address)
    except saved_views.TooMany:
        messages.error(request, _("You have 20 views of your own, which is the most. Please remove one first."))
    return _list(address)


@require_POST
def rename(request: StaffRequest, pk: UUID) -> HttpResponse:
    view = _mine(request, pk)
    form = RenameViewForm(request.POST)
    if form.is_valid():
        saved_views.rename_view(view, name=form.cleaned_data["name"])
    else:
        messages.error(request, _("Please give it a name of at most 40 characters. It keeps the one it has."))
    return _list(view.address)


@require_POST
def remove(request: StaffRequest, pk: UUID) -> HttpResponse:
    view = _mine(request, pk)
    saved_views.remove_view(view)
    if request.htmx:
        return render(request, "messaging/_view_removed.html", {"removed": view})
    messages.success(request, _("The view was removed."))
    return _list(view.address)


@require_POST
def put_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, membership=request.member)
    try:
        is_back = saved_views.put_back(view)
    except saved_views.TooMany:
        is_back = False
    return render(
        request, "messaging/_view_removed.html", {"is_back": is_back}, status=200 if is_back else UNPROCESSABLE
    )


def _mine(request: StaffRequest, pk: UUID) -> SavedView:
    """Of everybody else's views there are none. Raises Http404."""
    return get_object_or_404(SavedView.objects.of(request.member), pk=pk)


def _list(address: str) -> HttpResponse:
    return redirect(f"{reverse('inbox')}?{address}")
