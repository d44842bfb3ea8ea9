"""Where Twilio knocks. The signature is checked before anything else; the line in the path, and no
posted field, says whose secret counts. While the database is away, posts wait in the spool."""

import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from audit.context import Actor, acting, current_request_id
from messaging.actions import spool
from messaging.actions.answering import SPOKEN_HOOKS, without_records
from messaging.actions.hearing import about_what, hear, is_for_another_number, why_not
from messaging.actions.refusals import note_refusal
from messaging.twilio import BadPost, door_of, held_door
from tenancy.postgresql.contention import is_contention

NOTHING_TO_SAY = "<Response/>"
FORM = "application/x-www-form-urlencoded"
DATABASE_AWAY = (OperationalError, InterfaceError)
PATIENCE = 2.0  # seconds for which nobody asks a database again that was away

View = Callable[[HttpRequest, UUID], HttpResponse]

log = structlog.get_logger(__name__)
_away_until = 0.0


def _door(hook: str) -> View:
    """A door that only Twilio opens: POST, of a known line, signed, for that line's account.

    403 says no more than that. 400 means signed but malformed. 503 lets Twilio try again, and then the
    fallback address: the database is away and the spool cannot be written; nothing has been kept.
    """

    @csrf_exempt  # Twilio holds no session; its signature over address and body is the proof
    @login_not_required
    def view(request: HttpRequest, line_id: UUID) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if request.content_type != FORM:
            return _forbidden()
        try:
            post, _query = request.POST, request.GET  # both are read here, where too much of either can be refused
        except (RequestDataTooBig, TooManyFieldsSent):
            return _plain("The request is too large.", 413)
        with acting(Actor.twilio(), request_id=current_request_id()):
            return _hear_or_spool(request, post, line_id, hook)

    return view


def _hear_or_spool(request: HttpRequest, post: QueryDict, line_id: UUID, hook: str) -> HttpResponse:
    global _away_until
    came_at = timezone.now()
    if time.monotonic() < _away_until:
        return _spool(request, post, line_id, hook, came_at)
    try:
        return _hear(request, post, line_id, hook)
    except BadPost as bad:
        log.info("webhook_malformed", reason=str(bad))
        return _plain("The request is not of the documented shape.", 400)
    except DATABASE_AWAY as problem:
        if is_contention(problem):
            log.warning("webhook_contended")  # this post alone waits, and only until the lock is gone
        else:
            log.error("webhook_database_away")
            _away_until = time.monotonic() + PATIENCE
        return _spool(request, post, line_id, hook, came_at)
    except Exception as problem:
        if hook not in SPOKEN_HOOKS:
            raise
        log.error("webhook_call_failed", error=type(problem).__name__)  # she can at least leave a message (INB-08)
        return _spool(request, post, line_id, hook, came_at)


def _hear(request: HttpRequest, post: QueryDict, line_id: UUID, hook: str) -> HttpResponse:
    """Committed before the answer leaves."""
    door = door_of(line_id)
    if door is None:
        return _forbidden()
    reason = why_not(door, _address(request), post, _signature(request))
    if not reason and is_for_another_number(door, hook, post):
        reason = "number"
    if reason:
        note_refusal(door, reason)
        return _forbidden()
    return _answer(hook, hear(door, hook, post, about_what(request.GET)))


def _spool(request: HttpRequest, post: QueryDict, line_id: UUID, hook: str, came_at: datetime) -> HttpResponse:
    """Keep the post on disk. Of a line that this process has seen, the signature is checked before."""
    door, address, signature = held_door(line_id), _address(request), _signature(request)
    if door is not None and (why_not(door, address, post, signature) or is_for_another_number(door, hook, post)):
        return _forbidden()
    heard = spool.Heard(line_id, hook, address, signature, request.body, came_at)
    try:
        spool.put(heard, proven=door is not None)
    except spool.NoSpool:
        log.error("webhook_not_kept")
        if hook not in SPOKEN_HOOKS:
            return _plain("Please try again.", 503)
    spoken = hook in SPOKEN_HOOKS
    return _answer(hook, without_records(line_id, hook, post, about_what(request.GET)) if spoken else None)


def _answer(hook: str, document: str | None) -> HttpResponse:
    """A call is told what to do next. A text and a status want no words."""
    if document is not None:
        return _twiml(document)
    return _twiml(NOTHING_TO_SAY) if hook == "message" else HttpResponse(status=204)


def _signature(request: HttpRequest) -> str:
    return request.headers.get("X-Twilio-Signature", "")


def _address(request: HttpRequest) -> str:
    """The address as Twilio was given it: never built from Host or what a proxy says."""
    raw = request.META.get("RAW_URI") or request.get_full_path()
    return settings.PUBLIC_BASE_URL + str(raw)


def _forbidden() -> HttpResponse:
    return _plain("Forbidden.", 403)


def _plain(words: str, code: int) -> HttpResponse:
    return HttpResponse(words, status=code, content_type="text/plain")


def _twiml(document: str) -> HttpResponse:
    return HttpResponse(document, content_type="text/xml")


message = _door("message")
status = _door("status")
voice = _door("voice")
dial = _door("dial")
whisper = _door("whisper")
leg_status = _door("leg_status")
record = _door("record")
recording = _door("recording")
call_status = _door("call_status")
