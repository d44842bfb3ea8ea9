"""Search: what was asked for is opened and looked through in stretches, each a request of its own.

Nothing of it lies in an address or on the server: the page posts the words again with each stretch, and a signed place.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import StaffRequest, asked_by_itself
from encryption.blind_index import search_index
from messaging.actions.search.matching import Query
from messaging.actions.search.recording import record_search
from messaging.actions.search.stretches import Place, Search, look_through
from messaging.actions.search.tagged import with_tags
from messaging.actions.search.turns import has_turn, take_turn
from messaging.actions.search.words import words_of
from messaging.forms import SearchForm
from messaging.models import ConversationQuerySet
from messaging.views.door import my_conversations
from messaging.views.found import found
from messaging.views.narrowing import holder_choices
from messaging.views.progress import Progress
from tenancy.ids import uuid7

FIRST_SECONDS, SECONDS = 0.15, 0.4
ENOUGH = 20  # conversations; then somebody asks for more


@require_GET
def search(request: StaffRequest) -> HttpResponse:
    return render(request, "messaging/search.html", {"form": _form(request)})


@require_POST
def begin(request: StaffRequest) -> HttpResponse:
    """The first stretch: short, so that what is found first is seen at once."""
    form = _form(request, request.POST)
    if not form.is_valid():
        return _answer(request, {"form": form}, status=422)
    query = _query(request, form)
    record_search(form.cleaned_data["words"], by=request.member, narrowed=query.is_narrowed)
    progress = Progress(Place(), uuid7(), timezone.now(), _rows(request, form).count())
    take_turn(request.member, progress.token)
    return _answer(request, _stretch(request, form, query, progress, FIRST_SECONDS) | {"is_first": True})


@asked_by_itself
@require_POST
def go_on(request: StaffRequest) -> HttpResponse:
    """The next stretch. Whoever asks for it by hand takes the search up again; a page that asks by itself may not."""
    form = _form(request, request.POST)
    if not form.is_valid():
        raise Http404
    progress = Progress.read(request.POST.get("place", ""), _owner(request))
    if "by_hand" in request.POST:
        take_turn(request.member, progress.token)
    if not has_turn(request.member, progress.token):
        return _answer(request, _context(request, form, progress) | {"state": "ended"})
    return _answer(request, _stretch(request, form, _query(request, form), progress, SECONDS))


def _stretch(
    request: StaffRequest, form: SearchForm, query: Query, progress: Progress, seconds: float
) -> dict[str, Any]:
    search = Search(_rows(request, form), request.member, query, progress.began)
    part = look_through(search, place=progress.place, seconds=seconds, enough=ENOUGH, known=progress.known)
    state = "over" if part.next is None else "full" if len(part.hits) >= ENOUGH else "running"
    context = _context(request, form, progress.after(part))
    return context | {"found": found(search.rows, part.hits, query), "state": state}


def _context(request: StaffRequest, form: SearchForm, progress: Progress) -> dict[str, Any]:
    return {"form": form, "progress": progress, "place": progress.signed(_owner(request))}


def _answer(request: StaffRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A part of the page, or the whole of it for a browser without scripts."""
    template = "messaging/_search_results.html" if request.htmx else "messaging/search.html"
    return render(request, template, context, status=status)


def _form(request: StaffRequest, data: Any = None) -> SearchForm:
    return SearchForm(data, holders=holder_choices(request.member))


def _rows(request: StaffRequest, form: SearchForm) -> ConversationQuerySet:
    rows, holder = my_conversations(request), form.cleaned_data["holder"]
    if holder:
        rows = rows.filter(assignee=None if holder == "nobody" else UUID(holder))
    return rows


def _query(request: StaffRequest, form: SearchForm) -> Query:
    said = form.cleaned_data
    since, until = said["since"], said["until"]
    return Query(
        with_tags(words_of(said["words"]), request.member.center_id),
        said["kind"],
        _midnight(request, since) if since else None,
        _midnight(request, until + timedelta(days=1)) if until else None,
    )


def _midnight(request: StaffRequest, day: date) -> int:
    """The second in which a day of the center's calendar begins."""
    return int(datetime.combine(day, time.min, tzinfo=request.member.center.zone).timestamp())


def _owner(request: StaffRequest) -> str:
    """Whose search it is, and for what: a place serves no other."""
    asked = "\n".join(request.POST.get(name, "").strip() for name in SearchForm.base_fields)
    return search_index(request.member.center_id, f"{request.user.pk}\n{asked}")
