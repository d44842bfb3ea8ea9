"""Asking for a factor again: where a fresh one is needed, and what of a form waits meanwhile."""

from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import KeptForm, Staff
from audit.fresh import Why

WAITS = timedelta(minutes=10)
KEPT = "kept_form"
TOKEN = "csrfmiddlewaretoken"  # noqa: S105  # a field's name


class Form(NamedTuple):
    """A form as it was sent: where to, and its fields in their order."""

    path: str
    fields: list[tuple[str, str]]


def ask_again(request: HttpRequest, why: Why, *, keep: bool = True) -> HttpResponse:
    """Send somebody to prove herself again, and back to where she is. A posted form waits for her, sealed, if kept."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = _address(why, _path_of(request.headers.get("HX-Current-URL", "")))
        return response
    if request.method in ("GET", "HEAD"):
        return redirect(_address(why, request.get_full_path()))
    if keep:
        _keep(request)
    return redirect(_address(why, _path_of(request.headers.get("Referer", ""))))


def take_kept(request: HttpRequest, staff: Staff) -> Form | None:
    """The form that waits in this session, if it has not waited too long; nobody gets it a second time."""
    key = request.session.pop(KEPT, None)
    row = KeptForm.objects.filter(pk=UUID(key), staff=staff).first() if key else None
    if row is None:
        return None
    is_over = timezone.now() - row.kept_at > WAITS
    content = row.content
    row.delete()
    return None if is_over else Form(content["path"], [(name, value) for name, value in content["fields"]])


def has_kept(request: HttpRequest) -> bool:
    return KEPT in request.session


def _keep(request: HttpRequest) -> None:
    """One form at a time: what waited before is given up."""
    staff = request.member.staff  # type: ignore[attr-defined]  # the gate has put it there
    KeptForm.objects.filter(staff=staff).delete()
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name != TOKEN]
    row = KeptForm.objects.create(staff=staff, content={"path": request.path, "fields": fields})
    request.session[KEPT] = str(row.pk)


def _path_of(address: str) -> str:
    """The path and query of the page that somebody is on; which host it claims does not matter."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _address(why: Why, back: str) -> str:
    return reverse("confirm") + "?" + urlencode({"why": why, "next": back})
