"""The one gate: nothing behind it is reached without both factors and a place in a center."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.core.handlers.exception import response_for_exception
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode

from accounts import sessions
from accounts.browsers import name_of
from accounts.confirming import ask_again
from accounts.keeping_out import kept_out
from accounts.members import member_behind
from accounts.models import Membership
from accounts.places import client_address
from accounts.requests import NotYet
from accounts.roles import NEEDS
from accounts.routes import refuse_unlisted
from audit.context import Actor, acting, current_request_id
from audit.events import Event
from audit.fresh import why_of
from audit.record import record
from tenancy.ids import INSTALLATION
from tenancy.scope import in_center, release_connection

Respond = Callable[[HttpRequest], HttpResponse]


class SignedInMiddleware:
    """Runs every view that is not marked `login_not_required` for a member alone, in her center's scope.

    The request is one transaction (docs/decisions/one-transaction-a-request.md): an answer of 500 or
    an exception undoes it whole. A view with slow work to do has two, and the work between them (`NotYet`).
    """

    def __init__(self, get_response: Respond) -> None:
        refuse_unlisted()
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(translation.get_language_from_request(request)):
            return self._respond(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None
        if proof := sessions.proof_of(request.session):
            if not sessions.is_over(request.session):
                return _run(request, proof, view, partial(view, request, *args, **kwargs))
            _end(request, proof)
        return _sign_in_first(request)


def _run(
    request: HttpRequest, proof: sessions.Proof, view: Callable[..., HttpResponse], act: Callable[[], HttpResponse]
) -> HttpResponse:
    """One transaction, or two with slow work between them that holds neither."""
    response = _in_one_transaction(request, proof, view, act)
    if not isinstance(response, NotYet):
        return response
    release_connection()
    with _speaking_for(request.member):  # type: ignore[attr-defined]
        done = response.work()
    return done if isinstance(done, HttpResponse) else _in_one_transaction(request, proof, view, done)


def _in_one_transaction(
    request: HttpRequest, proof: sessions.Proof, view: Callable[..., HttpResponse], act: Callable[[], HttpResponse]
) -> HttpResponse:
    with in_center(proof.center_id):
        member = member_behind(proof)
        if member is None:
            return _sign_in_first(request)
        request.user, request.member = member.staff, member  # type: ignore[attr-defined]
        with _speaking_for(member):
            kept = kept_out(request, member)
            if kept is None:
                _note_use(request, view)
            response = kept or _answered(request, view, act)
        if response.status_code >= 500 and not isinstance(response, NotYet):
            transaction.set_rollback(True)
    if kept is None and response.status_code == 403:
        _record_refusal(member)
    return response


def _note_use(request: HttpRequest, view: Callable[..., HttpResponse]) -> None:
    """Somebody is there: not where a page asks by itself, nor while a locked desk waits for its factor."""
    if sessions.LOCKED in request.session or getattr(view, "is_asked_by_itself", False):
        return
    browser = name_of(request.headers.get("User-Agent", ""))
    sessions.note_use(request.session, browser=browser, address=client_address(request))


def _answered(request: HttpRequest, view: Callable[..., HttpResponse], act: Callable[[], HttpResponse]) -> HttpResponse:
    """A refusal by exception is an answer too: it has to reach the log, so it may not roll back past it.

    Its page is drawn before: it may have to open a name, and a transaction that is given up answers nothing.
    """
    try:
        _refuse_without_permission(request)
        why = why_of(view)
        if why and not sessions.is_fresh(request.session):
            return ask_again(request, why)
        return act()
    except PermissionDenied as refusal:
        response = response_for_exception(request, refusal)
        transaction.set_rollback(True)
        return response


def _refuse_without_permission(request: HttpRequest) -> None:
    """Go by the table alone: an address that it does not name is nobody's."""
    route = request.resolver_match.view_name if request.resolver_match else ""
    needed, member = NEEDS.get(route), request.member  # type: ignore[attr-defined]
    if needed is None or not member.may(needed):
        raise PermissionDenied


@contextmanager
def _speaking_for(member: Membership) -> Iterator[None]:
    with (
        acting(Actor.staff(member.staff_id), request_id=current_request_id()),
        translation.override(member.staff.language),
        timezone.override(member.center.zone),
    ):
        yield


def _end(request: HttpRequest, proof: sessions.Proof) -> None:
    with acting(Actor.staff(proof.staff_id), request_id=current_request_id()), transaction.atomic():
        record(Event.SESSION_EXPIRED, center=INSTALLATION)
    logout(request)


def _record_refusal(member: Membership) -> None:
    with acting(Actor.staff(member.staff_id), request_id=current_request_id()), in_center(member.center_id):
        record(Event.ACCESS_REFUSED)


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    """A page is sent to the sign-in; a fragment is told to take its page there."""
    if request.headers.get("HX-Request") or request.method not in ("GET", "HEAD"):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = reverse("sign-in")
        return response
    path = request.get_full_path()
    query = "" if path == "/" else "?" + urlencode({"next": path})
    return redirect(reverse("sign-in") + query)
