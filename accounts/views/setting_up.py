"""In the middle of an invitation: the first passkey, or a password for whoever has no device for one."""

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import factors, people
from accounts.ceremonies import NotAccepted
from accounts.forms import FirstPasswordForm, NewPasskeyForm
from accounts.views.invitation import enrolling
from accounts.views.limited import limited
from accounts.views.own_passkeys import keep, options_for_new_key

UNAUTHORIZED, UNPROCESSABLE = 401, 422


@login_not_required  # the invitation has opened this session; its way of signing in is made here
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    staff = enrolling(request)
    return options_for_new_key(staff) if staff else HttpResponse(status=UNAUTHORIZED)


@login_not_required  # as above
@sensitive_post_parameters("credential")
@require_http_methods(["GET", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """The first passkey of somebody new."""
    staff = enrolling(request)
    if staff is None:
        return redirect("sign-in")
    form = NewPasskeyForm(request.POST or None, initial={"name": _("My first passkey")})
    if request.method == "POST" and form.is_valid():
        try:
            keep(request, staff, form)
            return redirect("set-up-recovery-codes")
        except NotAccepted:
            form.add_error(None, _("That passkey could not be added. Please try again; nothing was changed."))
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "accounts/first_passkey.html", {"form": form}, status=status)


@login_not_required  # as above
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@limited
def password(request: HttpRequest) -> HttpResponse:
    """A password after all; an authenticator app goes with it."""
    staff = enrolling(request)
    if staff is None:
        return redirect("sign-in")
    form = FirstPasswordForm(request.POST or None, staff=staff)
    if request.method == "POST" and form.is_valid():
        people.change_password(staff, form.cleaned_data["password"])
        auth.update_session_auth_hash(request, staff)
        factors.begin_totp(staff)
        return redirect("set-up-authenticator")
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "accounts/first_password.html", {"form": form}, status=status)
