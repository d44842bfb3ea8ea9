from django.contrib import auth, messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import factors, people
from accounts.forms import PasswordForm, PersonForm
from accounts.requests import StaffRequest
from accounts.views.limited import limited, own_password_try
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
    staff = request.member.staff
    form = PasswordForm(request.POST or None, staff=staff)
    if request.method == "POST" and own_password_try(staff, form):
        people.change_password(staff, form.cleaned_data["password"])
        auth.update_session_auth_hash(request, staff)
        messages.success(request, _("Your password is changed. Everywhere else you are signed out."))
        return redirect("settings")
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "accounts/password.html", {"form": form}, status=status)


@needs_fresh_factor(Why.SIGN_IN)
@require_POST
def new_recovery_codes(request: StaffRequest) -> HttpResponse:
    """Ten new codes, shown this once; the ones before are void."""
    codes = factors.make_recovery_codes(request.member.staff)
    return render(request, "accounts/new_recovery_codes.html", {"codes": codes})


def _codes_left(request: StaffRequest) -> int:
    return sum(kept.codes.filter(used_at=None).count() for kept in request.member.staff.recoveryset_set.all())
