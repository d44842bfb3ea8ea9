"""Where Twilio knocks. The signature is checked before anything else; the line in the path, and no
posted field, says whose secret counts."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.views.decorators.csrf import csrf_exempt

from audit.context import Actor, acting, current_request_id
from messaging.actions.calls import note_missed_call
from messaging.actions.inbound import receive_text
from messaging.actions.refusals import note_refusal
from messaging.actions.status_reports import take_report
from messaging.twilio import BadPost, CallPost, Door, InboundText, StatusPost, door_of, is_signed

NOTHING_TO_SAY = "<Response/>"
GOODBYE = (
    "<Response><Say>Thank you for calling. Nobody can take your call right now. We will get back to you.</Say>"
    '<Say language="es-MX">Gracias por llamar. En este momento nadie puede contestar. Le devolveremos la llamada.'
    "</Say><Hangup/></Response>"
)
FORM = "application/x-www-form-urlencoded"
DATABASE_AWAY = (OperationalError, InterfaceError)

Step = Callable[[HttpRequest, Door], HttpResponse]
View = Callable[[HttpRequest, UUID], HttpResponse]

log = structlog.get_logger(__name__)


def twilio_signed(step: Step) -> View:
    """A door that only Twilio opens: POST, of a known line, signed, for that line's account.

    403 says no more than that. 400 means signed but malformed. 503 lets Twilio try the fallback
    address when the database is away; nothing has been kept then.
    """

    @csrf_exempt  # Twilio holds no session; its signature over address and body is the proof
    @login_not_required
    @wraps(step)
    def view(request: HttpRequest, line_id: UUID) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            with acting(Actor.twilio(), request_id=current_request_id()):
                return _guarded(step, request, line_id)
        except BadPost as bad:
            log.info("webhook_malformed", reason=str(bad))
            return _plain("The request is not of the documented shape.", 400)
        except DATABASE_AWAY:
            log.error("webhook_database_away")
            return _plain("Please try again.", 503)

    return view


def _guarded(step: Step, request: HttpRequest, line_id: UUID) -> HttpResponse:
    if request.content_type != FORM:
        return _forbidden()
    try:
        post = request.POST
    except (RequestDataTooBig, TooManyFieldsSent):
        return _plain("The request is too large.", 413)
    door = door_of(line_id)
    if door is None:
        return _forbidden()
    reason = _why_not(request, post, door)
    if reason:
        note_refusal(door, reason)
        return _forbidden()
    return step(request, door)


def _why_not(request: HttpRequest, post: QueryDict, door: Door) -> str:
    """Why a request is not Twilio's, as a code for the log; "" when it is."""
    signature = request.headers.get("X-Twilio-Signature", "")
    if not is_signed(door, _address(request), dict(post.lists()), signature):
        return "signature"
    if any(len(values) > 1 for _name, values in post.lists()):
        return "repeated_parameter"
    if post.get("AccountSid") != door.account_sid:
        return "account"
    return ""


def _address(request: HttpRequest) -> str:
    """The address as Twilio was given it: never built from Host or what a proxy says."""
    raw = request.META.get("RAW_URI") or request.get_full_path()
    return settings.PUBLIC_BASE_URL + str(raw)


@twilio_signed
def message(request: HttpRequest, door: Door) -> HttpResponse:
    """A text came in. It is committed before the answer leaves."""
    if request.POST.get("To") != door.number:
        return _wrong_number(door)
    receive_text(door, InboundText.from_post(request.POST))
    return _twiml(NOTHING_TO_SAY)


@twilio_signed
def status(request: HttpRequest, door: Door) -> HttpResponse:
    """What became of a text of ours. An unknown one is answered as well: it is no error of Twilio's."""
    take_report(door, StatusPost.from_post(request.POST), _our_id(request))
    return HttpResponse(status=204)


@twilio_signed
def voice(request: HttpRequest, door: Door) -> HttpResponse:
    """Somebody calls. What the caller hears does not say what the center is."""
    if request.POST.get("To") != door.number:
        return _wrong_number(door)
    call = CallPost.from_post(request.POST)
    try:
        note_missed_call(door, call)
    except DATABASE_AWAY:
        log.error("webhook_database_away")  # the report of the call's end comes later and owes the answer
    return _twiml(GOODBYE)


@twilio_signed
def call_status(request: HttpRequest, door: Door) -> HttpResponse:
    """A call ended. However it did, nobody has spoken with the caller."""
    note_missed_call(door, CallPost.from_post(request.POST))
    return HttpResponse(status=204)


def _our_id(request: HttpRequest) -> UUID | None:
    text = request.GET.get("message", "")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise BadPost("message") from error


def _wrong_number(door: Door) -> HttpResponse:
    note_refusal(door, "number")
    return _forbidden()


def _forbidden() -> HttpResponse:
    return _plain("Forbidden.", 403)


def _plain(words: str, code: int) -> HttpResponse:
    return HttpResponse(words, status=code, content_type="text/plain")


def _twiml(document: str) -> HttpResponse:
    return HttpResponse(document, content_type="text/xml")
