"""One person of the center on a page of her own: for admins."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actions import people
from accounts.requests import StaffRequest
from accounts.roles import Role
from accounts.roster_forms import LONGER
from accounts.signals import held_by
from accounts.views.rosters import lines_of
from accounts.views.staff import has_stayed_away, membership_or_404
from accounts.ways import ways_of


@require_GET
def show(request: StaffRequest, pk: UUID) -> HttpResponse:
    member = membership_or_404(request, pk)
    roster = member.bound_by
    context = {
        "colleague": member,
        "ways": ways_of(member.staff),
        "is_away": has_stayed_away(member),
        "roles": Role.choices,
        "is_bound": roster is not None,
        "lines": lines_of(roster.hours, timezone.localdate()) if roster else [],
        "standing": member.standing(timezone.now()),
        "longer": LONGER,
        "held": held_by(member),
        "is_oneself": member.pk == request.member.pk,
    }
    return render(request, "accounts/staff_person.html", context)


@require_POST
def return_to_the_pool(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Give back to everybody what somebody holds who is not here."""
    people.return_to_the_pool(membership_or_404(request, pk), by=request.member)
    messages.success(request, _("Returned. Everybody sees them now among those nobody has taken."))
    return redirect("staff-person", pk)
