"""Whether Quietline runs, whether it can work, and what does not work at the moment."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts import mail
from accounts.actions import telling
from audit.tree_status import tree_status
from backup.records import standing as backup_standing
from config import modes
from encryption.roots import RootKeyProblem, check_root_keys
from jobs import health as work
from messaging import scanner
from messaging.actions import pausing, room, scanning, spool
from messaging.actions.erasing import count_in_time, count_overdue
from messaging.actions.pausing import paused_lines, stopped_lines
from messaging.actions.reconciling import count_late, is_compared
from messaging.models import Line


@login_not_required  # a supervisor of processes asks; the answer says nothing but that we run
@require_GET
def live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"live": True})


@login_not_required  # a load balancer asks; the answer names parts, never data
@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    parts = {"database": _database_answers(), "keys": _keys_open()}
    return JsonResponse({"ready": all(parts.values()), **parts}, status=200 if all(parts.values()) else 503)


@login_not_required  # every open page asks, and whoever watches the server; the answer names parts, never data
@require_GET
def list_modes(request: HttpRequest) -> HttpResponse:
    """Which of the modes hold now, of all that there are."""
    return JsonResponse({"modes": modes.current(), "of": modes.NAMES})


@login_not_required  # the same
@require_GET
def mode(request: HttpRequest, name: str) -> HttpResponse:
    """One fault, for a monitor that understands codes alone: 503 while the mode holds, 200 while it does not."""
    if name not in modes.NAMES:
        raise Http404
    holds = name in modes.current()
    return JsonResponse({"mode": name, "holds": holds}, status=503 if holds else 200)


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """For admins: how the work, the log and the live updates stand, and which modes are degraded."""
    return render(request, "health.html", standing(request.member.center_id))  # type: ignore[attr-defined]


def standing(center_id: UUID) -> dict[str, Any]:
    """The figures of the health page, as one center sees them."""
    modes.forget()
    return {
        "degraded": [mode for mode in modes.MODES if mode.name in modes.current()],
        "stopped": stopped_lines(center_id),
        "paused": paused_lines(center_id),
        "is_compared": is_compared(center_id),
        "depth": work.depth(),
        "oldest_due": round(work.oldest_due_seconds()),
        "dead": work.dead_count(),
        "tree": tree_status(),
        "late": count_late(center_id),
        "set_aside": spool.count_set_aside(),
        "still_at_twilio": count_in_time(center_id),
        "overdue": count_overdue(center_id),
        "backup": backup_standing(),
        "share": room.share_of(center_id),
        "free_on_disk": room.free_on_disk(),
        **_scanner(center_id),
        **_mail(),
    }


def _scanner(center_id: UUID) -> dict[str, Any]:
    """How the virus scanner stands; what it has found is told even after it was taken away."""
    return {
        "has_scanner": scanner.is_on(),
        "scanner_answers": scanner.is_on() and scanner.answers(),
        "unscanned": scanning.count_unscanned(center_id),
        "harmful": scanning.count_found_lately(center_id),
    }


def _mail() -> dict[str, Any]:
    """How mail to people stands; nothing of it is shown where none is sent."""
    if not telling.tells_by_mail():
        return {"tells_by_mail": False}
    return {
        "tells_by_mail": True,
        "mail_trouble": mail.trouble(),
        "mails_waiting": telling.count_waiting(),
        "mails_given_up": telling.count_given_up(),
    }


@require_POST
def send_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """An admin says that a line's account is mended."""
    member = request.member  # type: ignore[attr-defined]
    pausing.send_again(get_object_or_404(Line, pk=pk, center=member.center_id), by=member)
    return redirect("health")


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return False
    return True


def _keys_open() -> bool:
    try:
        check_root_keys()
    except (RootKeyProblem, DatabaseError, InterfaceError):
        return False
    return True
