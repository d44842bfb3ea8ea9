import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from accounts.models import Membership
from accounts.requests import StaffRequest, asked_by_itself
from accounts.roles import Permission
from audit.events import Event
from audit.record import record_read
from encryption.prefetch import prefetch_keys
from messaging.actions.opening import schedule_of
from messaging.models import Outcome, SavedView
from messaging.views.door import my_conversations, number_in
from messaging.views.listing import Row, counts, rows_of, sealed_in, views_with_counts
from messaging.views.narrowing import Asked, chips_of

MARK = "List-Mark"  # the header in which a page says which list it shows
_OF_ONE_ANSWER = re.compile(r'hx-nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"')


def list_context(request: StaffRequest, current: str = "") -> dict[str, Any]:
    """What the left pane draws: the views with their counts, and one page of the chosen view.

    current    the id of the conversation that stands open beside the list, as text
    """
    member, mine, asked = request.member, my_conversations(request), Asked.of(request.GET)
    record_read(event=Event.LIST_READ, facts={"view": asked.view})
    after, shown = request.GET.get("after", ""), number_in(request, "shown") or 0
    schedule, counted = schedule_of(member.center), counts(mine, member)
    narrowed = asked.narrowed(mine, member, schedule, timezone.now())
    page, next_after = rows_of(asked.view, narrowed, member, after, shown)
    saved = list(SavedView.objects.of(member))
    prefetch_keys([*sealed_in(page), *saved])
    return {
        "view": asked.view,
        "views": views_with_counts(counted, asked.view),
        "due": counted["due"],
        "rows": Row.all_of(page, current, schedule),
        "next_after": next_after,
        "can_choose": asked.view != "done",
        "outcomes": Outcome.choices,
        **_own_views(member, asked, saved),
    }


def with_list(request: StaffRequest, current: str = "") -> dict[str, Any]:
    """What a whole page draws of the left pane, and the mark by which it asks whether there is another one."""
    context = list_context(request, current)
    drawn = _drawn(request, context)
    return {**context, "drawn_list": drawn, "list_mark": _mark_of(drawn)}


def _drawn(request: StaffRequest, context: dict[str, Any]) -> SafeString:
    return render_to_string("messaging/_list.html", context, request)


def _mark_of(drawn: str) -> str:
    """Of all that is drawn, so that nothing can be forgotten, but what is of one answer alone."""
    return salted_hmac(MARK, _OF_ONE_ANSWER.sub("", drawn), algorithm="sha256").hexdigest()


def _own_views(member: Membership, asked: Asked, saved: list[SavedView]) -> dict[str, Any]:
    """The views that this person has saved, which of them this is, and what narrows it."""
    this = next((one for one in saved if one.address == asked.address), None)
    chips = chips_of(asked, member)
    return {"asked": asked, "address": asked.address, "own_views": saved, "own_view": this, "chips": chips}


@require_GET
def inbox(request: StaffRequest) -> HttpResponse:
    """The start page. Whoever reads no conversations works in the log."""
    if not request.member.may(Permission.CONVERSATIONS):
        return redirect("log")
    return render(request, "messaging/inbox.html", {**with_list(request), "conversation": None})


@asked_by_itself
@require_GET
def inbox_list(request: StaffRequest) -> HttpResponse:
    """The left pane alone: what a page fetches when the bell rings. Nothing, where the page shows this very list."""
    drawn = _drawn(request, list_context(request, request.GET.get("current", "")))
    mark = _mark_of(drawn)
    if request.headers.get(MARK) == mark:
        return HttpResponse(status=204)
    return HttpResponse(drawn, headers={MARK: mark})
