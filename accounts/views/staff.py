"""Who works in the center: for admins."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts import mail
from accounts.actions import people
from accounts.actions.invitations import AlreadyHere, invite
from accounts.actions.telling import tells_by_mail
from accounts.forms import InviteForm, PasskeysForm, RoleForm
from accounts.models import Invitation, Membership, Recovery
from accounts.requests import StaffRequest
from accounts.roles import ALLOWED, Permission, Role
from accounts.ways import ways_of_all
from audit.fresh import Why, needs_fresh_factor
from audit.sealing import LogStopped

UNPROCESSABLE = 422
LONG = timedelta(days=60)  # whoever has not come for so long may not need to come in any more
LATELY = timedelta(days=7)
LAST_ADMIN = gettext_lazy(
    "A center needs an admin who comes in at any hour. Make somebody else one first; nothing was changed."
)
LOG_STOPPED = gettext_lazy(
    "The log is not being sealed, so who may do what cannot change now. Nothing was changed; tell whoever looks"
    " after the server."
)


@require_GET
def show(request: StaffRequest) -> HttpResponse:
    return page(request, InviteForm())


@needs_fresh_factor(Why.STAFF)
@require_POST
def add(request: StaffRequest) -> HttpResponse:
    """Invite somebody. The link is shown this once, to be handed over in person or by a safe way."""
    form = InviteForm(request.POST)
    link = ""
    if form.is_valid():
        try:
            link = invite(request.member.center, by=request.member, **form.cleaned_data)
        except AlreadyHere:
            form.add_error("email", _("This person works here already."))
    status = 201 if link else UNPROCESSABLE
    return page(request, InviteForm() if link else form, status=status, link=link)


@needs_fresh_factor(Why.STAFF)
@require_POST
def change_role(request: StaffRequest, pk: UUID) -> HttpResponse:
    membership = membership_or_404(request, pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            people.change_role(membership, form.cleaned_data["role"], by=request.member)
            messages.success(request, _("The role is changed."))
        except people.LastAdmin:
            messages.error(request, LAST_ADMIN)
        except LogStopped:
            messages.error(request, LOG_STOPPED)
    return redirect("staff-person", pk)


@needs_fresh_factor(Why.STAFF)
@require_POST
def end(request: StaffRequest, pk: UUID) -> HttpResponse:
    try:
        people.end_membership(membership_or_404(request, pk), by=request.member)
        messages.success(request, _("Ended. What this person held went back to everybody."))
    except people.LastAdmin:
        messages.error(request, LAST_ADMIN)
    except LogStopped:
        messages.error(request, LOG_STOPPED)
    return redirect("staff")


@needs_fresh_factor(Why.STAFF)
@require_POST
def require_passkeys(request: StaffRequest) -> HttpResponse:
    """Whether admins and auditors come in with a passkey alone."""
    form = PasskeysForm(request.POST)
    if form.is_valid():
        try:
            people.require_passkeys(request.member, is_required=form.cleaned_data["require"] == "now")
            messages.success(request, _("Saved."))
        except people.NoPasskey:
            messages.error(request, _("Add a passkey of your own first; nothing was changed."))
        except LogStopped:
            messages.error(request, LOG_STOPPED)
    return redirect("staff")


def membership_or_404(request: StaffRequest, pk: UUID) -> Membership:
    current = Membership.objects.on_staff().filter(center=request.member.center_id)
    return get_object_or_404(current.select_related("center", "staff", "roster", "suspended_by"), pk=pk)


def has_stayed_away(member: Membership) -> bool:
    """Whether somebody has not come for so long that she may not need to any more."""
    return (member.staff.last_login or member.started_at) < timezone.now() - LONG


def _rows(memberships: list[Membership]) -> list[dict[str, Any]]:
    """Each with the ways in which that person signs in, and whether she has stayed away for long."""
    ways, now = ways_of_all([one.staff for one in memberships]), timezone.now()
    return [
        {
            "membership": one,
            "ways": ways[one.staff_id],
            "is_away": has_stayed_away(one) and one.suspended_at is None,
            "is_bound": one.bound_by is not None,
            "standing": one.standing(now),
        }
        for one in memberships
    ]


def _recoveries(request: StaffRequest) -> QuerySet[Recovery]:
    """Those that are under way here, and those of the last week that were used."""
    lately = Q(used_at__gt=timezone.now() - LATELY)
    here = Recovery.objects.filter(center=request.member.center_id)
    shown = here.open() | here.filter(lately)
    return shown.select_related("staff", "opened_by", "agreed_by").order_by("opened_at")


def page(
    request: StaffRequest, form: InviteForm, *, status: int = 200, link: str = "", recovery_link: str = ""
) -> HttpResponse:
    """The whole page, with a link that was just made: it is shown this once."""
    here = Membership.objects.on_staff().filter(center=request.member.center_id)
    waiting = Invitation.objects.filter(center=request.member.center_id, used_at=None)
    context = {
        "form": form,
        "link": link,
        "recovery_link": recovery_link,
        "recoveries": list(_recoveries(request)),
        "tells_by_mail": tells_by_mail(),
        "mail_trouble": mail.trouble(),
        "passkeys_from": request.member.center.passkeys_from,
        "are_passkeys_required": request.member.must_use_passkey(timezone.now()),
        "has_one_admin": here.filter(role=Role.ADMIN, suspended_at=None).count() == 1,
        "rows": _rows(list(here.select_related("center", "staff", "roster", "suspended_by").order_by("started_at"))),
        "invitations": [invitation for invitation in waiting.order_by("created_at") if invitation.is_open],
        "roles": Role.choices,
        "permissions": [(one.label, [one in ALLOWED[role] for role in Role]) for one in Permission],
    }
    return render(request, "accounts/staff.html", context, status=status)
