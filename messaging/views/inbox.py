from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.requests import StaffRequest, asked_by_itself
from accounts.roles import Permission
from audit.events import Event
from audit.record import record_read
from messaging.actions.opening import schedule_of
from messaging.views.door import my_conversations, number_in
from messaging.views.listing import VIEWS, Row, counts, rows_of, views_with_counts

DEFAULT_VIEW = "waiting"


def chosen_view(request: StaffRequest) -> str:
    """The view in the address. An unknown one is an address that does not exist."""
    view = request.GET.get("view", DEFAULT_VIEW)
    if view not in VIEWS:
        raise Http404
    return view


def list_context(request: StaffRequest, current: str = "") -> dict[str, Any]:
    """What the left pane draws: the views with their counts, and one page of the chosen view.

    current    the id of the conversation that stands open beside the list, as text
    """
    view, mine = chosen_view(request), my_conversations(request)
    record_read(event=Event.LIST_READ, facts={"view": view})
    after, shown = request.GET.get("after", ""), number_in(request, "shown") or 0
    page, next_after = rows_of(view, mine, request.member, after, shown)
    counted = counts(mine, request.member)
    return {
        "view": view,
        "views": views_with_counts(counted),
        "due": counted["due"],
        "rows": Row.all_of(page, current, schedule_of(request.member.center)),
        "next_after": next_after,
    }


@require_GET
def inbox(request: StaffRequest) -> HttpResponse:
    """The start page. Whoever reads no conversations works in the log."""
    if not request.member.may(Permission.CONVERSATIONS):
        return redirect("log")
    context = {**list_context(request), "conversation": None}
    return render(request, "messaging/inbox.html", context)


@asked_by_itself
@require_GET
def inbox_list(request: StaffRequest) -> HttpResponse:
    """The left pane alone: what a page fetches when the bell rings."""
    return render(request, "messaging/_list.html", list_context(request, request.GET.get("current", "")))
