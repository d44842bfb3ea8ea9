"""Coming in: a password, then a second factor. Every failure has the same words."""

from uuid import UUID

import django_otp
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.models import Device

from accounts import devices, sessions
from accounts.actions import factors, refusals, signing
from accounts.forms import CodeForm, SignInForm
from accounts.models import Staff
from accounts.requests import wanted_address
from accounts.views.limited import code_try, limited, password_try
from accounts.ways import ways_of
from audit.events import Event

NOT_RIGHT = _("That did not match. Please check the address and the password and try again.")
CODE_NOT_RIGHT = _("That code did not work. Codes change every 30 seconds and work once: wait for the next one.")
CLOCK_NOT_RIGHT = _(
    "That code is of another minute: the clock of your phone may be wrong. Have it set the time by itself, wait for the"
    " next code, and try again."
)
REFUSED = 403
BACKEND = "accounts.backends.EmailBackend"


@login_not_required  # this is where people sign in
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@limited
def password(request: HttpRequest) -> HttpResponse:
    """The first step. Until the second one has passed, nothing else opens."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with password_try(request, form.cleaned_data["email"]) as charge:
            staff = auth.authenticate(request, **form.cleaned_data)
        if isinstance(staff, Staff):
            charge.passed()
            auth.login(request, staff)
            signing.note(Event.SIGN_IN_PASSWORD_PASSED, staff)
            return redirect(_with_next(request, "sign-in-code"))
        charge.failed()
        refusals.count()
        form.add_error(None, NOT_RIGHT)
    status = REFUSED if request.method == "POST" else 200
    return first_step(request, form, status=status)


def first_step(request: HttpRequest, form: SignInForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The sign-in page, with what went wrong with a passkey, if one was tried."""
    context = {"form": form, "problem": problem, "next": wanted_address(request)}
    return render(request, "accounts/sign_in.html", context, status=status)


@login_not_required  # the password has passed, the second factor has not
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@limited
def code(request: HttpRequest) -> HttpResponse:
    """The second step: a code of the authenticator app, or a recovery code."""
    staff = request.user
    if not isinstance(staff, Staff):
        return redirect("sign-in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        charge, centers = code_try(request, staff), signing.centers_of(staff)
        if passed := factors.verify(staff, form.cleaned_data["code"], opens=bool(centers)):
            charge.passed()
            return enter(request, passed.device, _event_of(passed), centers)
        charge.failed()
        signing.note(Event.SECOND_FACTOR_REFUSED, staff)
        form.add_error("code", why_not(staff, form.cleaned_data["code"]))
    status = REFUSED if request.method == "POST" else 200
    return second_step(request, form, status=status)


def why_not(staff: Staff, code: str) -> str:
    """What to say of a code that was refused to somebody who has proved the rest."""
    return str(CLOCK_NOT_RIGHT if factors.is_out_of_step(staff, code) else CODE_NOT_RIGHT)


def second_step(request: HttpRequest, form: CodeForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page of the second step: a passkey, for whoever has one, or a code."""
    ways = ways_of(request.user)  # type: ignore[arg-type]  # the doors of this page have looked
    context = {"form": form, "ways": ways, "problem": problem, "next": wanted_address(request)}
    return render(request, "accounts/code.html", context, status=status)


def enter(request: HttpRequest, device: Device, event: Event, centers: list[UUID]) -> HttpResponse:
    """Both factors of the device's owner have passed: into the first of her centers, under a new session key.

    Whoever works in several is asked in which one, unless she was on her way to somewhere.
    """
    staff: Staff = device.user
    if request.user.pk == staff.pk:
        request.session.cycle_key()
    else:
        auth.login(request, staff, backend=BACKEND)
    django_otp.login(request, device)
    sessions.start(request.session, centers[0], several=len(centers) > 1)
    signing.note_arrival(staff, event)
    response = redirect(wanted_address(request) or ("centers" if len(centers) > 1 else "inbox"))
    devices.remember(request, response, staff)
    return response


def _event_of(passed: factors.Passed) -> Event:
    return Event.RECOVERY_CODE_USED if passed.is_recovery else Event.SECOND_FACTOR_PASSED


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


def _with_next(request: HttpRequest, name: str) -> str:
    wanted = wanted_address(request)
    return reverse(name) + ("?" + urlencode({"next": wanted}) if wanted else "")
