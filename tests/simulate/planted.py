"""Addresses with holes, for a simulation that is shown to find them."""

from typing import Any

import structlog
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.urls import urlpatterns as ours
from messaging.models import Conversation

log = structlog.get_logger(__name__)
handler400, handler403, handler404, handler500 = (
    f"config.errors.{name}" for name in ("bad_request", "forbidden", "not_found", "failed")
)


def raises(request: HttpRequest) -> HttpResponse:
    """Falls over a NUL, and over nothing else."""
    if any("\0" in value for value in request.POST.values()):
        raise ValueError
    return HttpResponse("fine", content_type="text/plain")


def reflects(request: HttpRequest) -> HttpResponse:
    return HttpResponse("".join(map(str, request.GET.values())))


def logs(request: HttpRequest) -> HttpResponse:
    try:
        int(request.GET.get("next", "1"))
    except ValueError:
        log.exception("planted")
    return HttpResponse("fine", content_type="text/plain")


def writes(request: HttpRequest) -> HttpResponse:
    Conversation.objects.update(waiting_since=None)
    return HttpResponse("fine", content_type="text/plain")


def leads_away(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(status=302)
    answer["Location"] = request.GET.get("next", "/").replace("\n", "").replace("\r", "")
    return answer


@csrf_exempt
@login_not_required
def takes_anything(request: HttpRequest, line_id: Any) -> HttpResponse:
    return HttpResponse("<Response/>", content_type="text/xml")


HOLES = {"raises": raises, "reflects": reflects, "logs": logs, "writes": writes, "leads-away": leads_away}
urlpatterns = [
    *(path(f"planted/{name}/", view, name=name) for name, view in HOLES.items()),
    path("hooks/twilio/<uuid:line_id>/planted", takes_anything, name="takes-anything"),
    *ours,
]
