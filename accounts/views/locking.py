"""Leaving a desk for a while: the screen shows nothing of a client until a factor is given again."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts import sessions
from accounts.actions import signing
from accounts.confirming import ask_again
from accounts.requests import StaffRequest
from audit.fresh import Why


@require_POST
def lock(request: StaffRequest) -> HttpResponse:
    """Lock the session in every tab of this browser, and lead to the page that opens it again where it was."""
    sessions.lock(request.session)
    signing.note_locking(request.member.staff)
    return ask_again(request, Why.LOCKED, keep=False)
