"""When a desk of the center locks, and from where its people may come in: for admins."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access_forms import AccessForm
from accounts.actions.center_access import set_access
from accounts.places import client_address
from accounts.requests import StaffRequest
from accounts.views.staff import LOG_STOPPED, UNPROCESSABLE
from audit.fresh import Why, needs_fresh_factor
from audit.sealing import LogStopped


@needs_fresh_factor(Why.STAFF)
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest) -> HttpResponse:
    center, address = request.member.center, client_address(request)
    form = AccessForm(request.POST or None, center=center, address=address)
    if request.method == "POST" and form.is_valid():
        try:
            set_access(center, by=request.member, **form.cleaned_data)
            messages.success(request, _("Saved. It holds from now on, at every desk."))
            return redirect("settings-access")
        except LogStopped:
            form.add_error(None, LOG_STOPPED)
    status = UNPROCESSABLE if request.method == "POST" else 200
    context = {"form": form, "address": address}
    return render(request, "accounts/center_access.html", context, status=status)
