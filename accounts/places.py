"""Where a request came from."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104  # a place holder in the log of tries, nothing listens there
ONE_HOUSEHOLD = 64  # bits of an IPv6 address that its holder cannot choose


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


def place_of(request: HttpRequest) -> str:
    """What tries are counted by: an IPv4 address, or the network that an IPv6 address can be chosen from."""
    address = ip_address(client_address(request))
    if not isinstance(address, IPv6Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped or ip_network((address.packed, ONE_HOUSEHOLD), strict=False))
