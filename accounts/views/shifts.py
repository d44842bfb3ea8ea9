"""One's own hours: how long they still go on, and the page that is shown outside of them."""

from math import ceil

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.requests import StaffRequest, asked_by_itself


@asked_by_itself
@require_GET
def left(request: StaffRequest) -> JsonResponse:
    """In how many seconds one's access ends: 0 outside one's hours, null when no end is in sight."""
    now = timezone.now()
    standing = request.member.standing(now)
    seconds = ceil((standing.until - now).total_seconds()) if standing.is_on and standing.until else None
    return JsonResponse({"seconds": seconds if standing.is_on else 0})


@require_GET
def off_shift(request: StaffRequest) -> HttpResponse:
    """The one page outside one's hours. It shows nothing of a client."""
    standing = request.member.standing(timezone.now())
    if standing.is_on:
        return redirect("inbox")
    return render(request, "accounts/off_shift.html", {"begins": standing.until})
