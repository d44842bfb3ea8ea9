"""What django-axes may know: a keyed hash of the address that was tried, and where the try came from."""

from functools import wraps
from ipaddress import ip_address
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.requests import View
from audit.events import Event
from audit.record import record
from encryption.blind_index import email_index
from tenancy.ids import INSTALLATION

UNKNOWN = "0.0.0.0"  # noqa: S104  # a place holder in the log of tries, nothing listens there


def username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The tried address as the hex of its blind index, so that no address is kept in clear."""
    email = (credentials or {}).get("email") or request.POST.get("email", "")
    return email_index(str(email)).hex()


def client_address(request: HttpRequest) -> str:
    """The address that our own outermost proxy saw; what clients say of themselves is not believed."""
    nearest = request.META.get("REMOTE_ADDR", "")
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    chain = [*told, nearest]
    position = len(chain) - 1 - settings.TRUSTED_PROXIES
    try:
        return str(ip_address(chain[max(position, 0)]))
    except ValueError:
        return UNKNOWN


def shut_after_failures(view: View) -> View:
    """Shut a door of passkeys to a place with too many failures; the password's door is shut by axes' own backend."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if AxesProxyHandler.is_allowed(request):
            return view(request, *args, **kwargs)
        return locked_out(request)

    return guarded


def count_failure(request: HttpRequest) -> None:
    """Count a passkey that was not accepted, as a wrong password is; passkeys name nobody, so by place alone."""
    user_login_failed.send(sender=__name__, credentials={}, request=request)


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """After too many tries from one place: a plain page that says when to try again."""
    with transaction.atomic():
        record(Event.LOCKED_OUT, center=INSTALLATION)
    return render(request, "accounts/locked_out.html", status=429)
