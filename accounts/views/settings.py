from collections.abc import Callable
from functools import partial

import django_otp
from django.contrib import auth, messages
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import factors, people
from accounts.actions.attempts import Charge
from accounts.forms import PasswordForm, PersonForm
from accounts.hashers import Busy
from accounts.keeping_out import device_of, is_of_kind
from accounts.models import RecoverySet
from accounts.requests import NotYet, StaffRequest
from accounts.views.limited import busy, limited, own_password_try
from accounts.ways import ways_of
from audit.fresh import Why, needs_fresh_factor

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
def show(request: StaffRequest) -> HttpResponse:
    """One's own name and language, and how one signs in."""
    staff = request.member.staff
    now = {"name": staff.name, "language": staff.language}
    form = PersonForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        people.change_person(staff, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("settings")
    context = {
        "form": form,
        "codes_left": _codes_left(request),
        "ways": ways_of(staff),
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "accounts/settings.html", context, status=status)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@limited
def password(request: StaffRequest) -> HttpResponse:
    """One's own password. Two hashes are made in it, each a tenth of a second: no transaction is open meanwhile."""
    staff = request.member.staff
    form = PasswordForm(request.POST if request.method == "POST" else None, staff=staff)
    if request.method != "POST":
        return _password_page(request, form)
    charge = own_password_try(staff)
    form.full_clean()
    return NotYet(partial(_hash, request, form, charge))


def _hash(request: StaffRequest, form: PasswordForm, charge: Charge) -> HttpResponse | Callable[[], HttpResponse]:
    given, hashed = form.cleaned_data, None
    try:
        is_hers = check_password(given.get("current"), request.member.staff.password)
        if is_hers and form.is_valid():
            hashed = make_password(given["password"])
    except Busy:
        charge.undone()
        return busy(request)
    return partial(_keep_password, request, form, charge, is_hers=is_hers, hashed=hashed)


def _keep_password(
    request: StaffRequest, form: PasswordForm, charge: Charge, *, is_hers: bool, hashed: str | None
) -> HttpResponse:
    if is_hers:
        charge.passed()
    elif "current" not in form.errors:
        form.refuse_current()
    if hashed is None:
        return _password_page(request, form)
    people.keep_password(request.member.staff, hashed)
    auth.update_session_auth_hash(request, request.member.staff)
    messages.success(request, _("Your password is changed. Everywhere else you are signed out."))
    return redirect("settings")


def _password_page(request: StaffRequest, form: PasswordForm) -> HttpResponse:
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "accounts/password.html", {"form": form}, status=status)


@needs_fresh_factor(Why.SIGN_IN)
@require_POST
def new_recovery_codes(request: StaffRequest) -> HttpResponse:
    """Ten new codes, shown this once. What the ones before had opened ends, but this session goes on."""
    codes = factors.make_recovery_codes(request.member.staff)
    if is_of_kind(device_of(request), RecoverySet):
        django_otp.login(request, request.member.staff.recoveryset_set.get())
    return render(request, "accounts/new_recovery_codes.html", {"codes": codes})


def _codes_left(request: StaffRequest) -> int:
    return sum(kept.codes.filter(used_at=None).count() for kept in request.member.staff.recoveryset_set.all())
