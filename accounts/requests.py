from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import Membership, Staff


class StaffRequest(HttpRequest):
    """A request of somebody who signed in with both factors, inside her center's scope."""

    user: Staff
    member: Membership
    htmx: HtmxDetails
