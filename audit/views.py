"""The log as its admins see it. Reading it is recorded like any other reading."""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from audit.events import Event
from audit.forms import LogFilter
from audit.fresh import Why, needs_fresh_factor
from audit.models import LogEntry, SequencedLeaf
from audit.names import staff_names
from audit.pages import Page, page_of, visible_entry
from audit.proofs import proof_of
from audit.record import record, record_read
from audit.review import Week
from audit.sealing import LogStopped, refuse_while_the_log_stands_still, seal_before_the_answer
from audit.sentences import actor_label, sentence
from audit.signing_off import who_signed_off
from audit.tree_status import tree_status


class Member(Protocol):
    center_id: UUID
    sees_clients: bool


class StaffRequest(HttpRequest):
    """A request of somebody who signed in; accounts puts the membership on it."""

    member: Member


@needs_fresh_factor(Why.LOG)
@require_GET
def log_list(request: StaffRequest) -> HttpResponse:
    names = staff_names(request.member.center_id)
    form = LogFilter(request.GET, names=names)
    page = _page(request, form, names)
    context = {
        "form": form,
        "rows": [_row(entry, names) for entry in page.entries],
        "older": _address_of_older(form, page),
        "tree": tree_status(),
        "unreviewed": _unreviewed(request),
    }
    return render(request, "audit/log.html", context)


@needs_fresh_factor(Why.LOG)
@require_GET
def log_entry(request: StaffRequest, pk: UUID) -> HttpResponse:
    names = staff_names(request.member.center_id)
    entry = _entry(request, pk, names)
    leaf = SequencedLeaf.objects.filter(entry=entry.pk).first()
    context = {**_row(entry, names), "leaf": leaf, "digest": bytes(entry.leaf).hex(), "tree": tree_status()}
    return render(request, "audit/entry.html", context)


@needs_fresh_factor(Why.LOG)
@require_GET
def log_proof(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The inclusion proof of one entry: a file that `verify.py --proof` checks without us."""
    entry = _entry(request, pk, staff_names(request.member.center_id))
    proof = proof_of(entry)
    if proof is None:
        raise Http404
    try:
        refuse_while_the_log_stands_still()
    except LogStopped:
        return render(request, "audit/stopped.html", status=503)
    seal_before_the_answer(record(Event.LOG_EXPORTED, subject=entry, facts={"what": "proof"}))
    response = JsonResponse(proof, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="log-entry-{entry.pk}.json"'
    return response


def _page(request: StaffRequest, form: LogFilter, names: Mapping[UUID, str]) -> Page:
    if not form.is_valid():
        return Page([], None)
    given = form.cleaned_data
    page = page_of(request.member.center_id, names.keys(), form.conditions(), given["before"])
    record_read(event=Event.LOG_READ, conversation=given["about"], facts=_asked(given))
    return page


def _asked(given: dict[str, Any]) -> dict[str, str]:
    """What was looked for, as far as it is an id or a code."""
    return {name: str(given[name]) for name in ("person", "group") if given[name]}


def _entry(request: StaffRequest, pk: UUID, names: Mapping[UUID, str]) -> LogEntry:
    entry = visible_entry(request.member.center_id, names.keys(), pk)
    if entry is None:
        raise Http404
    record_read(entry, event=Event.LOG_READ)
    return entry


def _row(entry: LogEntry, names: Mapping[UUID, str]) -> dict[str, Any]:
    return {"entry": entry, "sentence": sentence(entry, names), "who": actor_label(entry, names)}


def _unreviewed(request: StaffRequest) -> bool:
    """Whether nobody has looked at the last week yet, although there was something to look at."""
    center, week = request.member.center_id, Week.last()
    was_there = LogEntry.objects.of_center(center).filter(timestamp__lt=week.bounds()[1]).exists()
    return was_there and not who_signed_off(center, week)


def _address_of_older(form: LogFilter, page: Page) -> str:
    if page.next_before is None:
        return ""
    return "?" + urlencode({**form.as_address(), "before": str(page.next_before)})
