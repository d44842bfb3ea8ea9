"""A password with an authenticator app, for whoever came with a passkey alone; or another app instead of the old."""

from collections.abc import Callable
from functools import partial

import django_otp
from django.contrib import auth, messages
from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.actions import factors, people
from accounts.forms import AuthenticatorForm
from accounts.hashers import Busy
from accounts.keeping_out import device_of, is_of_kind
from accounts.models import TotpDevice
from accounts.requests import NotYet, StaffRequest
from accounts.views.invitation import qr_of, readable
from accounts.views.limited import busy, limited
from accounts.views.signing import CODE_NOT_RIGHT
from audit.fresh import Why, needs_fresh_factor

UNPROCESSABLE = 422


@needs_fresh_factor(Why.SIGN_IN)
@sensitive_post_parameters()
@require_POST
@limited
def add(request: StaffRequest) -> HttpResponse:
    """Without a code: show the key of a new app. With its first code: keep it, and the password with it."""
    staff = request.member.staff
    if "code" not in request.POST:
        return _page(request, factors.begin_totp(staff), AuthenticatorForm(staff=staff))
    device = staff.totpdevice_set.filter(confirmed=False).first()
    if not isinstance(device, TotpDevice):
        return redirect("settings")
    form = AuthenticatorForm(request.POST, staff=staff)
    if not form.is_valid():
        return _page(request, device, form, status=UNPROCESSABLE)
    if "password" in form.cleaned_data:
        return NotYet(partial(_hash, request, device, form))
    return _keep(request, device, form)


def _hash(
    request: StaffRequest, device: TotpDevice, form: AuthenticatorForm
) -> HttpResponse | Callable[[], HttpResponse]:
    """The password that comes with the app, while no transaction is open."""
    try:
        return partial(_keep, request, device, form, hashed=make_password(form.cleaned_data["password"]))
    except Busy:
        return busy(request)


def _keep(
    request: StaffRequest, device: TotpDevice, form: AuthenticatorForm, *, hashed: str | None = None
) -> HttpResponse:
    """With the code of the app. A session that an older app had opened rests on the new one from then on."""
    if not factors.confirm_totp(device, form.cleaned_data["code"].replace(" ", "")):
        form.add_error("code", CODE_NOT_RIGHT)
        return _page(request, device, form, status=UNPROCESSABLE)
    if is_of_kind(device_of(request), TotpDevice):
        django_otp.login(request, device)
    if hashed:
        people.keep_password(request.member.staff, hashed)
        auth.update_session_auth_hash(request, request.member.staff)
    messages.success(request, _("Saved. You can sign in with your password and this app from now on."))
    return redirect("settings")


def _page(request: StaffRequest, device: TotpDevice, form: AuthenticatorForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "key": readable(device.key), "qr": qr_of(device)}
    return render(request, "accounts/own_authenticator.html", context, status=status)
