"""Whether Quietline runs, whether it can work, and what does not work at the moment."""

from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from audit.tree_status import tree_status
from encryption.roots import RootKeyProblem, check_root_keys
from jobs import health as work
from messaging.actions import spool
from messaging.actions.erasing import count_overdue
from messaging.actions.reconciling import count_late, is_compared


@login_not_required  # a supervisor of processes asks; the answer says nothing but that we run
@require_GET
def live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"live": True})


@login_not_required  # a load balancer asks; the answer names parts, never data
@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    parts = {"database": _database_answers(), "keys": _keys_open()}
    return JsonResponse({"ready": all(parts.values()), **parts}, status=200 if all(parts.values()) else 503)


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """For admins: how the work, the log and the live updates stand, and which modes are degraded."""
    if not request.member.is_admin:  # type: ignore[attr-defined]
        raise PermissionDenied
    return render(request, "health.html", standing(request.member.center_id))  # type: ignore[attr-defined]


def standing(center_id: UUID) -> dict[str, Any]:
    """The figures of the health page, as one center sees them."""
    oldest, tree, valkey = work.oldest_due_seconds(), tree_status(), _valkey_answers()
    return {
        "depth": work.depth(),
        "oldest_due": round(oldest),
        "dead": work.dead_count(),
        "tree": tree,
        "late": count_late(center_id),
        "set_aside": spool.count_set_aside(),
        "overdue": count_overdue(center_id),
        "modes": degraded_modes(valkey=valkey, oldest=oldest, compared=is_compared(center_id), spooled=spool.count()),
    }


def degraded_modes(*, valkey: bool, oldest: float, compared: bool = True, spooled: int = 0) -> list[str]:
    """The names of what does not work as it should: see docs/operations.md."""
    modes = []
    if not valkey:
        modes.append("live_updates_off")
    if oldest > work.LATE:
        modes.append("sending_paused")
    if spooled:
        modes.append("receiving_to_spool")
    if not compared:
        modes.append("receiving_late")
    return modes


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _keys_open() -> bool:
    try:
        check_root_keys()
    except (RootKeyProblem, DatabaseError):
        return False
    return True


def _valkey_answers() -> bool:
    try:
        with redis.Redis.from_url(settings.VALKEY_URL, socket_timeout=0.5, socket_connect_timeout=0.5) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
