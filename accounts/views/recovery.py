"""For whoever has lost every way of signing in: the link. And for whoever has not: saying so."""

from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import recovering
from accounts.actions.recovering import RecoveryOver, RecoveryRefused
from accounts.limits import Door
from accounts.models import Recovery
from accounts.places import place_of
from accounts.requests import StaffRequest
from accounts.views.invitation import set_up
from accounts.views.limited import limited, miss

GONE = 410


@login_not_required  # whoever comes here has no way of signing in
@require_http_methods(["GET", "POST"])
@limited
def open_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind the link. It names nobody and no place: it may have been opened by mistake."""
    try:
        found = recovering.find_linked(secret)
        if request.method == "POST":
            return _begin(request, found)
    except RecoveryOver:
        miss(Door.INVITATION, place_of(request))  # one count for links of both kinds
        recovering.refuse()
        return render(request, "accounts/recovery_over.html", status=GONE)
    return render(request, "accounts/recovery.html")


def _begin(request: HttpRequest, found: Recovery) -> HttpResponse:
    """From here on it is as after an invitation: a new way of signing in, new codes, and in."""
    staff = recovering.use(found)
    auth.logout(request)
    return set_up(request, staff)


@require_POST
def cancel_own(request: StaffRequest) -> HttpResponse:
    """She has not lost anything, or did not ask: any session of hers can say so, without being asked again."""
    mine = Recovery.objects.open().filter(staff=request.member.staff_id).first()
    try:
        if mine:
            recovering.cancel(mine, by=request.member)
        messages.success(request, _("Cancelled. Your ways of signing in stay as they are. Please tell an admin, too."))
    except RecoveryRefused:
        messages.info(request, _("It was over already."))
    return redirect("settings")
