"""One's own passkeys: add, name, remove."""

from uuid import UUID

import django_otp
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import ceremonies, challenges, sessions
from accounts.actions import passkeys
from accounts.actions.passkeys import LastWay
from accounts.ceremonies import NotAccepted
from accounts.challenges import Purpose
from accounts.forms import NameForm, NewPasskeyForm
from accounts.keeping_out import device_of, lacks_passkey
from accounts.models import Passkey, Staff
from accounts.requests import StaffRequest
from accounts.ways import ways_of
from audit.fresh import Why, needs_fresh_factor

UNPROCESSABLE = 422


@require_POST
def creation_options(request: StaffRequest) -> HttpResponse:
    """What the browser needs to make a key. It is kept only after `add` has checked it."""
    return options_for_new_key(request.member.staff)


@needs_fresh_factor(Why.SIGN_IN)
@sensitive_post_parameters("credential")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    form = NewPasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = keep(request, request.member.staff, form)
            if lacks_passkey(device_of(request), request.member):
                django_otp.login(request, made)  # made a moment ago by the person who holds it
                sessions.prove_anew(request.session)
            messages.success(request, _("Your passkey is added. You can sign in with it from now on."))
            return redirect("settings")
        except NotAccepted:
            form.add_error(None, _("That passkey could not be added. Please try again; nothing was changed."))
    status = UNPROCESSABLE if request.method == "POST" else 200
    context = {"form": form, "must": lacks_passkey(device_of(request), request.member)}
    return render(request, "accounts/new_passkey.html", context, status=status)


@needs_fresh_factor(Why.SIGN_IN)
@require_POST
def rename(request: StaffRequest, pk: UUID) -> HttpResponse:
    passkey, form = _own(request, pk), NameForm(request.POST)
    if form.is_valid():
        passkeys.rename(passkey, form.cleaned_data["name"])
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("A passkey needs a name of at most 60 characters. Nothing was changed."))
    return redirect("settings")


@needs_fresh_factor(Why.SIGN_IN)
@require_POST
def remove(request: StaffRequest, pk: UUID) -> HttpResponse:
    try:
        passkeys.remove(_own(request, pk))
        messages.success(request, _("The passkey is removed. Delete it on its device, too."))
    except LastWay:
        messages.error(request, _("This is your only way in. Add another passkey first; nothing was changed."))
    return redirect("settings")


def options_for_new_key(staff: Staff) -> HttpResponse:
    challenge = challenges.new_challenge()
    known = [bytes(passkey.credential_id) for passkey in ways_of(staff).passkeys]
    words = ceremonies.creation_options(staff.pk.bytes, name=staff.email, challenge=challenge, known=known)
    response = HttpResponse(words, content_type="application/json")
    challenges.give(response, challenge, Purpose.NEW_KEY, staff)
    return response


def keep(request: HttpRequest, staff: Staff, form: NewPasskeyForm) -> Passkey:
    """Keep the key in a valid form. Raises `NotAccepted`."""
    challenge = challenges.given(request, Purpose.NEW_KEY, staff)
    given = form.cleaned_data
    return passkeys.add(staff, name=given["name"], answer=given["credential"], challenge=challenge)


def _own(request: StaffRequest, pk: UUID) -> Passkey:
    return get_object_or_404(Passkey, pk=pk, user=request.member.staff)
