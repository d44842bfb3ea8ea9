from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from accounts.models import Membership, Staff

View = Callable[..., HttpResponse]


def asked_by_itself(view: View) -> View:
    """Mark a view that open pages ask without anybody there: it keeps no session from going idle."""
    view.is_asked_by_itself = True  # type: ignore[attr-defined]
    return view


def wanted_address(request: HttpRequest) -> str:
    """Where to go after signing in or proving oneself: an address of ours, or nothing."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else ""


class StaffRequest(HttpRequest):
    """A request of somebody who signed in with both factors, inside her center's scope."""

    user: Staff
    member: Membership
    htmx: HtmxDetails


class NotYet(HttpResponse):
    """What a view answers when slow work comes first. No transaction, lock or connection is held meanwhile.

    work    gives the answer, or what makes it: that runs in a transaction of its own, after the gate has looked anew
            whether this person may still come in. What she may see is loaded anew there.
    """

    status_code = 500  # nobody but the gate knows what to do with it

    def __init__(self, work: Callable[[], HttpResponse | Callable[[], HttpResponse]]) -> None:
        super().__init__()
        self.work = work
