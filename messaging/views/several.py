"""Several conversations of the list at once: to whom they go, how they end, and back again for a moment."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Staff
from accounts.requests import StaffRequest
from messaging.actions.assignment import WorksHereNoLonger
from messaging.actions.several import Became, close_several, give_several, undo_several
from messaging.forms import colleagues_of
from messaging.several_forms import CloseSeveralForm, GiveSeveralForm, Undo

UNPROCESSABLE = 422


@require_GET
def colleagues(request: StaffRequest) -> HttpResponse:
    """To whom they can be given: fetched when somebody opens that menu."""
    others = colleagues_of(request.member).exclude(pk=request.member.pk)
    return render(request, "messaging/_several_colleagues.html", {"staff_choices": others})


@require_POST
def give(request: StaffRequest) -> HttpResponse:
    form = GiveSeveralForm(request.POST, member=request.member)
    if not form.is_valid():
        return _refused(request, form=form)
    to = form.cleaned_data["to"]
    try:
        became = give_several(form.cleaned_data["chosen"], to=to, by=request.member)
    except WorksHereNoLonger:
        return _refused(request, works_here_no_longer=True)
    what = "released" if to is None else "taken" if to == request.member else "given"
    return _done(request, what, became, to=to)


@require_POST
def close(request: StaffRequest) -> HttpResponse:
    form = CloseSeveralForm(request.POST)
    if not form.is_valid():
        return _refused(request, form=form)
    chosen, outcome = form.cleaned_data["chosen"], form.cleaned_data["outcome"]
    return _done(request, "closed", close_several(chosen, outcome=outcome, by=request.member))


@require_POST
def undo(request: StaffRequest) -> HttpResponse:
    kept = Undo.read(request.POST.get("before", ""), request.member)
    if kept is None:
        return _refused(request, too_late=True)
    return _done(request, "undone", undo_several(kept.before, by=request.member))


def _refused(request: StaffRequest, **why: Any) -> HttpResponse:
    return render(request, "messaging/_several_done.html", why, status=UNPROCESSABLE)


def _done(request: StaffRequest, what: str, became: Became, **more: Any) -> HttpResponse:
    """What became of them in words, and a way back if anything was changed."""
    before = Undo(tuple(became.before)).signed(request.member) if became.before else ""
    context = {"what": what, "became": became, "taken": _by_name(became), "before": before, **more}
    return render(request, "messaging/_several_done.html", context)


def _by_name(became: Became) -> list[tuple[Staff, int]]:
    people: dict[UUID, Staff] = Staff.objects.in_bulk(list(became.taken))
    return [(people[pk], count) for pk, count in became.taken.items() if pk in people]
