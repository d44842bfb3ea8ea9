"""Where a request came from."""

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104  # a place holder in the log of tries, nothing listens there
ONE_HOUSEHOLD = 64  # bits of an IPv6 address that its holder cannot choose
ONE_CUSTOMER = 48  # bits that not even a large customer of a provider can choose (RFC 6177)


def client_address(request: HttpRequest) -> str:
    """The address that our own outermost proxy saw; what clients say of themselves is not believed."""
    return _address(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))


def socket_address(scope: Mapping[str, Any]) -> str:
    """The same for a socket."""
    told = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
    return _address((scope.get("client") or ("",))[0], ",".join(told))


def _address(nearest: str, forwarded: str) -> str:
    told = [part.strip() for part in forwarded.split(",") if part.strip()]
    chain = [*told, nearest]
    position = len(chain) - 1 - settings.TRUSTED_PROXIES
    try:
        return str(ip_address(chain[max(position, 0)]))
    except ValueError:
        return UNKNOWN


def place_of(request: HttpRequest) -> str:
    """What tries are counted by: an IPv4 address, or the network that an IPv6 address can be chosen from."""
    return _network_of(request, ONE_HOUSEHOLD)


def site_of(request: HttpRequest) -> str:
    """The widest that one holder may have: of IPv6 the network that holds 65,536 such places, of IPv4 the address."""
    return _network_of(request, ONE_CUSTOMER)


def _network_of(request: HttpRequest, bits: int) -> str:
    address = ip_address(client_address(request))
    if not isinstance(address, IPv6Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped or ip_network((address.packed, bits), strict=False))
