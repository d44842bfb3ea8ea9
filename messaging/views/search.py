"""Search: what was asked for is opened and looked through in stretches, each a request of its own.

Nothing of it lies in an address or on the server: the page posts the words again with each stretch, and a signed place.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Self
from uuid import UUID

from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Membership
from accounts.requests import StaffRequest, asked_by_itself
from accounts.roles import Permission
from encryption.blind_index import search_index
from messaging.actions.search.matching import Query, words_of
from messaging.actions.search.recording import record_search
from messaging.actions.search.stretches import Place, look_through
from messaging.forms import SearchForm
from messaging.models import ConversationQuerySet
from messaging.views.door import my_conversations
from messaging.views.found import found

FIRST_SECONDS, SECONDS = 0.15, 0.4
ENOUGH = 20  # conversations; then somebody asks for more
KEPT = timedelta(hours=1)  # for so long a search can go on
SALT = "messaging.search"


@dataclass(frozen=True)
class Progress:
    """How far a search has come. It travels with the page, signed, bound to the person, the center and the words."""

    place: Place
    total: int
    looked: int = 0
    hits: int = 0
    unreadable: int = 0

    def signed(self, owner: str) -> str:
        part, moment, pk = self.place
        at = [part, moment.isoformat() if moment else None, str(pk) if pk else None]
        return signing.dumps([owner, at, self.total, self.looked, self.hits, self.unreadable], salt=SALT)

    @classmethod
    def read(cls, text: str, owner: str) -> Self:
        """Raises Http404 for anything that was not signed for this search of this person."""
        try:
            whose, (part, moment, pk), *counts = signing.loads(text, salt=SALT, max_age=KEPT)
        except signing.BadSignature as error:
            raise Http404 from error
        if whose != owner:
            raise Http404
        return cls(Place(part, datetime.fromisoformat(moment) if moment else None, UUID(pk) if pk else None), *counts)


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
    progress = Progress(Place(), _rows(request, form).count())
    return _answer(request, _stretch(request, form, query, progress, FIRST_SECONDS) | {"is_first": True})


@asked_by_itself
@require_POST
def go_on(request: StaffRequest) -> HttpResponse:
    form = _form(request, request.POST)
    if not form.is_valid():
        raise Http404
    progress = Progress.read(request.POST.get("place", ""), _owner(request))
    return _answer(request, _stretch(request, form, _query(request, form), progress, SECONDS))


def _stretch(
    request: StaffRequest, form: SearchForm, query: Query, progress: Progress, seconds: float
) -> dict[str, Any]:
    rows = _rows(request, form)
    part = look_through(rows, request.member, query, place=progress.place, seconds=seconds, enough=ENOUGH)
    after = Progress(
        part.next or progress.place,
        progress.total,
        progress.looked + part.looked,
        progress.hits + len(part.hits),
        progress.unreadable + part.unreadable,
    )
    return {
        "form": form,
        "found": found(rows, part.hits, query),
        "progress": after,
        "place": after.signed(_owner(request)) if part.next else "",
        "is_full": len(part.hits) >= ENOUGH,
    }


def _answer(request: StaffRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A part of the page, or the whole of it for a browser without scripts."""
    template = "messaging/_search_results.html" if request.htmx else "messaging/search.html"
    return render(request, template, context, status=status)


def _form(request: StaffRequest, data: Any = None) -> SearchForm:
    return SearchForm(data, holders=_holders(request.member))


def _holders(member: Membership) -> list[tuple[str, Any]]:
    """Whose conversations can be asked for: whoever sees her own alone needs no names."""
    choices: list[tuple[str, Any]] = [("", _("Anybody")), (str(member.staff_id), _("Me")), ("nobody", _("Nobody"))]
    if member.sees_all:
        colleagues = Membership.objects.current().who_may(Permission.CONVERSATIONS).filter(center=member.center_id)
        others = colleagues.exclude(pk=member.pk).select_related("staff")
        choices += [(str(one.staff_id), one.staff.name) for one in others]
    return choices


def _rows(request: StaffRequest, form: SearchForm) -> ConversationQuerySet:
    rows, holder = my_conversations(request), form.cleaned_data["holder"]
    if holder:
        rows = rows.filter(assignee=None if holder == "nobody" else UUID(holder))
    return rows


def _query(request: StaffRequest, form: SearchForm) -> Query:
    said, zone = form.cleaned_data, request.member.center.zone
    since, until = said["since"], said["until"]
    return Query(
        words_of(said["words"]),
        said["kind"],
        datetime.combine(since, time.min, tzinfo=zone) if since else None,
        datetime.combine(until + timedelta(days=1), time.min, tzinfo=zone) if until else None,
    )


def _owner(request: StaffRequest) -> str:
    """Whose search it is, and for what: a place serves no other."""
    asked = "\n".join(request.POST.get(name, "").strip() for name in SearchForm.base_fields)
    return search_index(request.member.center_id, f"{request.user.pk}\n{asked}")
