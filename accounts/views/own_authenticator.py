"""A password with an authenticator app, for whoever came with a passkey alone; or another app instead of the old."""

import django_otp
from django.contrib import auth, messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.actions import factors, people
from accounts.forms import AuthenticatorForm
from accounts.keeping_out import device_of, is_of_kind
from accounts.models import TotpDevice
from accounts.requests import StaffRequest
from accounts.views.invitation import qr_of, readable
from accounts.views.limited import limited
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
    if form.is_valid() and _kept(request, device, form):
        messages.success(request, _("Saved. You can sign in with your password and this app from now on."))
        return redirect("settings")
    return _page(request, device, form, status=UNPROCESSABLE)


def _kept(request: StaffRequest, device: TotpDevice, form: AuthenticatorForm) -> bool:
    """Whether the code is the app's. A session that an older app had opened rests on the new one from then on."""
    if not factors.confirm_totp(device, form.cleaned_data["code"].replace(" ", "")):
        form.add_error("code", CODE_NOT_RIGHT)
        return False
    if is_of_kind(device_of(request), TotpDevice):
        django_otp.login(request, device)
    if password := form.cleaned_data.get("password"):
        people.change_password(request.member.staff, password)
        auth.update_session_auth_hash(request, request.member.staff)
    return True


def _page(request: StaffRequest, device: TotpDevice, form: AuthenticatorForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "key": readable(device.key), "qr": qr_of(device)}
    return render(request, "accounts/own_authenticator.html", context, status=status)
