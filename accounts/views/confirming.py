"""A factor is asked for again, with the reason; then back to where one was, with what was filled in."""

import django_otp
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.models import Device

from accounts import sessions
from accounts.actions import factors, signing
from accounts.actions.passkeys import KeyCopied
from accounts.ceremonies import NotAccepted
from accounts.challenges import Purpose
from accounts.confirming import has_kept, take_kept
from accounts.forms import CodeForm
from accounts.requests import StaffRequest, wanted_address
from accounts.views.limited import code_try, limited
from accounts.views.passkeys import options, proof_in, words_for
from accounts.views.signing import why_not
from accounts.ways import ways_of
from audit.events import Event
from audit.fresh import Why

UNPROCESSABLE = 422
REASONS: dict[str, Promise] = {
    Why.SIGN_IN: _("You are about to change how you sign in. Whoever sits down at your open desk must not be able to."),
    Why.STAFF: _("You are about to change who may come in. Whoever sits down at your open desk must not be able to."),
    Why.LOG: _("You are about to open the log. Who read and did what is for nobody who sits down at your open desk."),
    Why.NUMBER: _("You are about to see a client's whole number."),
    Why.PRINT: _("You are about to put a whole conversation on paper, or to let a colleague do so."),
    Why.LINES: _("You are about to change which phone rings when clients call."),
    Why.PASSKEY: _("Your role here comes in with a passkey alone. A code was not enough: please confirm with yours."),
    Why.LOCKED: _("This desk is locked. What you were writing is kept."),
}
ANY_REASON = _("What you are about to do needs it.")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@limited
def confirm(request: StaffRequest) -> HttpResponse:
    """The page that asks, and its code."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        charge = code_try(request, request.member.staff)
        if passed := factors.verify(request.member.staff, form.cleaned_data["code"]):
            charge.passed()
            if passed.is_recovery:
                signing.note(Event.RECOVERY_CODE_USED, request.member.staff)
            return _go_on(request, passed.device)
        charge.failed()
        signing.note(Event.SECOND_FACTOR_REFUSED, request.member.staff)
        form.add_error("code", why_not(request.member.staff, form.cleaned_data["code"]))
    return _page(request, form, status=UNPROCESSABLE if request.method == "POST" else 200)


@require_POST
def confirm_options(request: StaffRequest) -> HttpResponse:
    staff = request.member.staff
    return options(Purpose.CONFIRM, staff, allowed=ways_of(staff).usable_passkeys)


@sensitive_post_parameters()
@require_POST
@limited
def confirm_passkey(request: StaffRequest) -> HttpResponse:
    try:
        return _go_on(request, proof_in(request, Purpose.CONFIRM, request.member.staff).passkey)
    except (NotAccepted, KeyCopied) as problem:
        return _page(request, CodeForm(), problem=str(words_for(problem)), status=UNPROCESSABLE)


def _go_on(request: StaffRequest, device: Device) -> HttpResponse:
    """Under a new session key: to the page that was wanted, or with the form that was on its way."""
    django_otp.login(request, device)
    sessions.prove_anew(request.session)
    signing.note(Event.FACTOR_GIVEN_AGAIN, request.member.staff)
    if form := take_kept(request, request.member.staff):
        return render(request, "accounts/go_on.html", {"form": form, "back": wanted_address(request) or "/"})
    return redirect(wanted_address(request) or "inbox")


def _page(request: StaffRequest, form: CodeForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    why = request.POST.get("why") or request.GET.get("why", "")
    context = {
        "form": form,
        "problem": problem,
        "reason": REASONS.get(why, ANY_REASON),
        "why": why if why in REASONS else "",
        "next": wanted_address(request),
        "is_kept": has_kept(request),
        "ways": ways_of(request.member.staff),
    }
    return render(request, "accounts/confirm.html", context, status=status)
