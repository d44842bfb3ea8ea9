"""Coming in: a password, then a second factor. Every failure has the same words."""

import django_otp
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import sessions
from accounts.actions import factors, signing
from accounts.forms import CodeForm, SignInForm
from accounts.models import Staff
from audit.events import Event

NOT_RIGHT = _("That did not match. Please check the address and the password and try again.")
CODE_NOT_RIGHT = _("That code did not work. Codes change every 30 seconds and work once: wait for the next one.")
REFUSED = 403


@login_not_required  # this is where people sign in
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """The first step. Until the second one has passed, nothing else opens."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        staff = auth.authenticate(request, **form.cleaned_data)
        if isinstance(staff, Staff):
            auth.login(request, staff)
            signing.note(Event.SIGN_IN_PASSWORD_PASSED, staff)
            return redirect(_with_next(request, "sign-in-code"))
        if not getattr(request, "axes_locked_out", False):
            signing.note(Event.SIGN_IN_PASSWORD_REFUSED)
        form.add_error(None, NOT_RIGHT)
    status = REFUSED if request.method == "POST" else 200
    return render(request, "accounts/sign_in.html", {"form": form, "next": _next(request)}, status=status)


@login_not_required  # the password has passed, the second factor has not
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step: a code of the authenticator app, or a recovery code."""
    staff = request.user
    if not isinstance(staff, Staff):
        return redirect("sign-in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        passed = factors.verify(staff, form.cleaned_data["code"])
        centers = signing.centers_of(staff)
        if passed and centers:
            django_otp.login(request, passed.device)
            sessions.start(request.session, centers[0])
            signing.note(Event.RECOVERY_CODE_USED if passed.is_recovery else Event.SECOND_FACTOR_PASSED, staff)
            return redirect(_next(request) or "inbox")
        signing.note(Event.SECOND_FACTOR_REFUSED, staff)
        form.add_error("code", CODE_NOT_RIGHT)
    status = REFUSED if request.method == "POST" else 200
    return render(request, "accounts/code.html", {"form": form, "next": _next(request)}, status=status)


@login_not_required  # whoever has half signed in must be able to leave too
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, its sockets, and what the browser kept of it."""
    if isinstance(request.user, Staff):
        staff = Staff.objects.get(pk=request.user.pk)
        auth.logout(request)
        signing.sign_out(staff)
    response = redirect("sign-in")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _next(request: HttpRequest) -> str:
    """Where to go after signing in: an address of ours, or nothing."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else ""


def _with_next(request: HttpRequest, name: str) -> str:
    wanted = _next(request)
    return reverse(name) + ("?" + urlencode({"next": wanted}) if wanted else "")
