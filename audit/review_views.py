"""The weekly review: for admins and auditors. Looking is recorded, and so is signing off."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Max
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit.events import READS, Event
from audit.fresh import Why, needs_fresh_factor
from audit.models import LogEntry
from audit.names import client_names, staff_names
from audit.record import record_read
from audit.review import Person, Week, people_of
from audit.sealing import LogStopped
from audit.signing_off import NotOver, sign_off, who_signed_off
from audit.views import StaffRequest

A_CENTURY = 365 * 100  # days: weeks further away than that are somebody's typing error


@needs_fresh_factor(Why.LOG)
@require_GET
def week_page(request: StaffRequest) -> HttpResponse:
    week = _week(request.GET.get("week", ""))
    names = staff_names(request.member.center_id)
    people = people_of(request.member.center_id, week, names)
    record_read(event=Event.LOG_READ, facts={"review": week.name})
    context = {
        "week": week,
        "people": [{"person": person, "days": [person.days[day] for day in week.days]} for person in people],
        "signed": _signed(request, week, names),
        "marks_me": any(person.pk == request.user.pk and person.marks for person in people),
    }
    return render(request, "audit/review.html", context)


@needs_fresh_factor(Why.LOG)
@require_GET
def person_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    week = _week(request.GET.get("week", ""))
    names = staff_names(request.member.center_id)
    if pk not in names:
        raise Http404
    found = [person for person in people_of(request.member.center_id, week, names) if person.pk == pk]
    person = found[0] if found else Person(pk, names[pk])
    record_read(event=Event.LOG_READ, facts={"review": week.name, "staff": str(pk)})
    known = _names_of(request, person.clients)
    opened = [{"pk": client, "name": known.get(client, ""), "count": n} for client, n in person.clients.most_common()]
    days = [(day, person.days[day]) for day in week.days]
    context = {"week": week, "person": person, "opened": opened, "days": days}
    return render(request, "audit/review_person.html", context)


@needs_fresh_factor(Why.LOG)
@require_GET
def client_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Who ever opened this client, and when last."""
    names = staff_names(request.member.center_id)
    entries = LogEntry.objects.of_center(request.member.center_id).filter(client_id=pk)
    if not entries.exists():
        raise Http404  # nothing of this center was ever about her
    counted = (
        entries.filter(actor_id__isnull=False, event__in=READS)
        .order_by()
        .values("actor_id")
        .annotate(n=Count("pk"), at=Max("timestamp"))
    )
    readers = [{**row, "name": names.get(row["actor_id"], "")} for row in counted.order_by("-at")]
    record_read(event=Event.LOG_READ, client=pk)
    return render(
        request,
        "audit/review_client.html",
        {"pk": pk, "name": _names_of(request, [pk]).get(pk, ""), "readers": readers},
    )


def _names_of(request: StaffRequest, clients: Collection[UUID]) -> Mapping[UUID, str]:
    """What clients are called, for whoever may know it."""
    names = client_names(clients) if request.member.sees_clients else {}
    return {client: name.called for client, name in names.items()}


@needs_fresh_factor(Why.LOG)
@require_POST
def sign_off_week(request: StaffRequest) -> HttpResponse:
    week = _week(request.POST.get("week", ""))
    people = people_of(request.member.center_id, week, staff_names(request.member.center_id))
    try:
        sign_off(week, marked=sum(bool(person.marks) for person in people))
    except NotOver:
        messages.error(request, _("This week is not over yet. Sign it off when it is."))
    except LogStopped:
        messages.error(
            request, _("The log is not being sealed, so this cannot be put on the record now. Try again later.")
        )
    else:
        messages.success(request, _("It is on the record that you looked at this week."))
    return redirect(f"{reverse('review')}?week={week.first.isoformat()}")


def _week(text: str) -> Week:
    """The week of the day that was asked for; the last one that is over if none was. 404 for what is no day."""
    if not text:
        return Week.last()
    try:
        asked = Week.of(date.fromisoformat(text))
    except (ValueError, OverflowError):
        raise Http404 from None
    if abs((asked.first - Week.last().first).days) > A_CENTURY:
        raise Http404
    return asked


def _signed(request: StaffRequest, week: Week, names: Any) -> dict[str, Any]:
    by = who_signed_off(request.member.center_id, week)
    return {
        "by": [{"name": names.get(one.by, ""), "at": one.entry.timestamp, "pk": one.entry.pk} for one in by],
        "mine": any(one.by == request.user.pk for one in by),
    }
