"""From a link to a desk: a name, a way of signing in, recovery codes, and in."""

import base64
from urllib.parse import quote, urlencode

import segno
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp.models import Device

from accounts import sessions
from accounts.actions import factors, signing
from accounts.actions.invitations import (
    InvitationOver,
    accept,
    find_open,
    join,
    person_invited,
    refuse,
)
from accounts.forms import AcceptForm, CodeForm, KeptForm
from accounts.limits import Door
from accounts.members import member_behind
from accounts.models import Invitation, Passkey, Staff, TotpDevice
from accounts.places import place_of
from accounts.views.limited import limited, miss
from accounts.views.signing import BACKEND, CODE_NOT_RIGHT, enter
from audit.events import Event
from tenancy.scope import in_center

UNPROCESSABLE, GONE = 422, 410


@login_not_required  # whoever is invited has no way to sign in yet
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@limited
def open_invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind the link. It names no center: it may have been opened by mistake."""
    try:
        invitation = find_open(secret)
        if person_invited(invitation):
            return _join_as_known_person(request, invitation)
        form = AcceptForm(request.POST or None, initial={"language": get_language()})
        if request.method == "POST" and form.is_valid():
            return _begin(request, invitation, form)
    except InvitationOver:
        miss(Door.INVITATION, place_of(request))
        refuse()
        return render(request, "accounts/invitation_over.html", status=GONE)
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "accounts/invitation.html", {"form": form}, status=status)


def _join_as_known_person(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Somebody of another center signs in as always, and then takes the invitation."""
    staff = request.user
    if not isinstance(staff, Staff) or _is_shut(request):
        return redirect("/sign-in/?" + urlencode({"next": request.path}))
    if request.method == "POST":
        membership = join(invitation, staff)
        sessions.move(request.session, membership.center_id)
        request.session[sessions.SEVERAL] = True
        return redirect("inbox")
    return render(request, "accounts/join.html")


def _is_shut(request: HttpRequest) -> bool:
    """Whether the gate would open nothing in this session: half a sign-in, over, ended, or a locked desk."""
    proof = sessions.proof_of(request.session)
    if proof is None or sessions.is_over(request.session):
        return True
    with in_center(proof.center_id):
        member = member_behind(proof)
        return member is None or sessions.is_locked(request.session, after=member.center.idle_seconds)


def _begin(request: HttpRequest, invitation: Invitation, form: AcceptForm) -> HttpResponse:
    staff, _membership = accept(invitation, **form.cleaned_data)
    return set_up(request, staff)


def set_up(request: HttpRequest, staff: Staff) -> HttpResponse:
    """A session in which this person makes a way of signing in: the one whose button was pressed."""
    auth.login(request, staff, backend=BACKEND)
    request.session[sessions.ENROLLING] = True
    return redirect("set-up-passkey" if "with_passkey" in request.POST else "set-up-password")


def enrolling(request: HttpRequest) -> Staff | None:
    """Who is in the middle of her invitation in this session; nobody else may set a way of signing in up here.

    Whoever was suspended since, or works nowhere any more, is in the middle of nothing.
    """
    staff = request.user
    if not isinstance(staff, Staff) or not request.session.get(sessions.ENROLLING):
        return None
    return staff if signing.centers_of(staff) else None


@login_not_required  # the invitation has opened this session; its second factor is made here
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def authenticator(request: HttpRequest) -> HttpResponse:
    """Show the key of a new authenticator and take its first code."""
    device = _waiting_device(request)
    if device is None:
        return redirect("sign-in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if factors.confirm_totp(device, form.cleaned_data["code"].replace(" ", "")):
            return redirect("set-up-recovery-codes")
        form.add_error("code", CODE_NOT_RIGHT)
    context = {"form": form, "key": readable(device.key), "qr": qr_of(device)}
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "accounts/authenticator.html", context, status=status)


@login_not_required  # the last step of the invitation; the factor made a moment ago signs in
@require_http_methods(["GET", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show ten new codes once, when asked to; go on when they are kept. Looking at the page makes none."""
    staff = enrolling(request)
    if staff is None:
        return redirect("sign-in")
    device = _made_by(staff)
    if device is None:
        return redirect("set-up-authenticator")
    has_codes = staff.recoveryset_set.exists()
    if request.method != "POST":
        return render(request, "accounts/recovery_codes.html", {"has_codes": has_codes})
    form = KeptForm(None if "show" in request.POST else request.POST)
    if form.is_valid() and has_codes:
        event = Event.PASSKEY_USED if isinstance(device, Passkey) else Event.SECOND_FACTOR_PASSED
        return enter(request, device, event, signing.centers_of(staff))
    context = {"form": form, "codes": factors.make_recovery_codes(staff)}
    return render(request, "accounts/recovery_codes.html", context, status=UNPROCESSABLE if form.is_bound else 200)


def _made_by(staff: Staff) -> Device | None:
    """The factor that was set up a moment ago."""
    passkey: Passkey | None = Passkey.objects.filter(user=staff, confirmed=True).first()
    return passkey or staff.totpdevice_set.filter(confirmed=True).first()


def _waiting_device(request: HttpRequest) -> TotpDevice | None:
    staff = enrolling(request)
    waiting = staff.totpdevice_set.filter(confirmed=False).first() if staff else None
    return waiting if isinstance(waiting, TotpDevice) else None


def readable(key: bytes) -> str:
    """The key in groups of four, to be typed where no picture can be scanned."""
    text = base64.b32encode(key).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def qr_of(device: TotpDevice) -> str:
    """The key as a picture in a data address: it never has an address of its own."""
    secret = base64.b32encode(device.key).decode().rstrip("=")
    label = quote(f"Quietline:{device.user.email}")
    address = f"otpauth://totp/{label}?secret={secret}&issuer=Quietline&digits=6&period=30"
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=3, dark="#17211f", light="#ffffff"))
