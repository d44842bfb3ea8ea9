"""How somebody is called when something is new: what open pages ask, and where she chooses it."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actions.telling import tells_by_mail
from accounts.devices import device_of
from accounts.requests import StaffRequest, asked_by_itself
from messaging.actions import notifying
from messaging.notification_forms import DeviceForm, NotificationsForm

UNPROCESSABLE = 422


@asked_by_itself
@require_GET
def news(request: StaffRequest) -> HttpResponse:
    """How many wait for her, since when the latest does, and how this browser may call her now. No words or ids."""
    member, device = request.member, device_of(request, request.member.staff)
    found, chosen = notifying.news_for(member), notifying.settings_of(member)
    may_call = device is not None and not notifying.is_quiet(chosen, member, timezone.now())
    return JsonResponse(
        {
            "waiting": found.waiting,
            "latest": found.latest,
            "notifies": may_call and device is not None and device.notifies,
            "sound": device.sound if may_call and device else "",
        }
    )


@require_http_methods(["GET", "POST"])
def settings(request: StaffRequest) -> HttpResponse:
    """What she chooses for herself wherever she works, and for the browser that she sits at."""
    member, device = request.member, device_of(request, request.member.staff)
    form = NotificationsForm(request.POST if request.method == "POST" else None, chosen=notifying.settings_of(member))
    here = DeviceForm(request.POST if request.method == "POST" else None, device=device)
    if request.method == "POST" and form.is_valid() and here.is_valid():
        notifying.change_settings(member, **form.cleaned_data)
        if device:
            notifying.change_device(device, **here.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("settings-notifications")
    context = {"form": form, "here": here, "device": device, "has_mail": tells_by_mail()}
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "messaging/settings/notifications.html", context, status=status)
