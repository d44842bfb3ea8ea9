"""Browsers report here what the content security policy stopped. Only the directive is kept (WEB-01)."""

import json
import time
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

LONGEST = 16 * 1024
KINDS = {"script-src-elem", "script-src-attr", "style-src-elem", "style-src-attr"}  # browsers tell these apart
KNOWN = KINDS | set(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"])

ONCE_IN = 10  # seconds, for each directive

_noted: dict[str, float] = {}
log = structlog.get_logger(__name__)


@csrf_exempt  # a browser sends it by itself, without our token; nothing is changed by it
@login_not_required  # the sign-in page has a policy as well
@require_POST
def policy_broken(request: HttpRequest) -> HttpResponse:
    """Note which directive was broken. Addresses and samples in a report may be somebody's words: they are dropped."""
    if int(request.headers.get("Content-Length") or 0) > LONGEST:
        return HttpResponse(status=413)
    _note(_directive(request.body))
    return HttpResponse(status=204)


def _note(directive: str) -> None:
    """At most so often for each directive: anybody can send reports, and a flood may not fill the log."""
    now = time.monotonic()
    if now - _noted.get(directive, -ONCE_IN) >= ONCE_IN:
        _noted[directive] = now
        log.warning("policy_broken", directive=directive)


def forget() -> None:
    """Begin anew: the next report of any kind is noted."""
    _noted.clear()


def _directive(body: bytes) -> str:
    try:
        report: Any = json.loads(body)["csp-report"]
        name = report.get("effective-directive") or report.get("violated-directive", "")
        first = str(name).split(" ")[0]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "unreadable"
    return first if first in KNOWN else "unknown"
