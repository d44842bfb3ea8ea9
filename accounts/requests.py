from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from accounts.models import Membership, Staff

View = Callable[..., HttpResponse]


def asked_by_itself(view: View) -> View:
    """Mark a view that open pages ask without anybody there: it keeps no session from going idle."""
    view.is_asked_by_itself = True  # type: ignore[attr-defined]
    return view


class StaffRequest(HttpRequest):
    """A request of somebody who signed in with both factors, inside her center's scope."""

    user: Staff
    member: Membership
    htmx: HtmxDetails
