"""What holds for every answer, whoever asks."""

import time
from collections.abc import Callable

import structlog
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from servestatic.middleware import ServeStaticMiddleware

from audit.context import Actor, acting, new_request_id
from config.posted import ignored_fields

Respond = Callable[[HttpRequest], HttpResponse]

HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(),"
    " magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
log = structlog.get_logger("access")


class RequestContextMiddleware:
    """Gives each request an id and an actor who has not signed in yet, and logs one line for it."""

    def __init__(self, get_response: Respond) -> None:
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id, started = new_request_id(), time.monotonic()
        request.request_id = request_id  # type: ignore[attr-defined]
        with acting(Actor.nobody(), request_id=request_id):
            response = self._respond(request)
        response["X-Request-Id"] = request_id
        match = request.resolver_match
        log.info(
            "request",
            request_id=request_id,
            route=match.view_name if match else "none",
            method=request.method,
            status=response.status_code,
            ignored=ignored_fields(request),
            milliseconds=round((time.monotonic() - started) * 1000, 1),
        )
        return response


class QuietHeadersMiddleware:
    """Headers of every answer, pages and files alike; dynamic ones are never kept by anybody."""

    def __init__(self, get_response: Respond) -> None:
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._respond(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        if not request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            response["Cache-Control"] = "no-store"
        return response


class NothingToLoadMiddleware:
    """For answers that no browser shows: nothing in them may load or run anything."""

    def __init__(self, get_response: Respond) -> None:
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._respond(request)
        response["Content-Security-Policy"] = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
        return response


class StaticFilesMiddleware:
    """Sends requests for our own files, and no others, through ServeStatic.

    ServeStatic is asynchronous: within WSGI each request through it costs a thread and an event loop.
    """

    def __init__(self, get_response: Respond) -> None:
        self._respond = get_response
        self._files = async_to_sync(ServeStaticMiddleware(sync_to_async(get_response)))
        self._prefix = f"/{settings.STATIC_URL.strip('/')}/"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(self._prefix):
            answer: HttpResponse = self._files(request)
            return answer
        return self._respond(request)


class SameSiteOnlyMiddleware:
    """Refuses a changing request that another site sent, besides the CSRF token.

    Webhooks prove themselves by their signature and are exempt, as they are from the token.
    """

    def __init__(self, get_response: Respond) -> None:
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._respond(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        if request.method in SAFE_METHODS or getattr(view, "csrf_exempt", False):
            return None
        if _is_from_here(request):
            return None
        return render(request, "errors/403.html", status=403)


class BadInputMiddleware:
    """A body that is too large or has too many fields is the sender's mistake: 413 or 400, not 500."""

    def __init__(self, get_response: Respond) -> None:
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._respond(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, RequestDataTooBig):
            return HttpResponse("The request is too large.", status=413, content_type="text/plain")
        if isinstance(error, TooManyFieldsSent):
            return HttpResponse("The request has too many fields.", status=400, content_type="text/plain")
        return None


def _is_from_here(request: HttpRequest) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        return False
    return origin is None or origin in settings.STAFF_ORIGINS
