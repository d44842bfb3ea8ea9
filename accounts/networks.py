"""From where the people of a center may come in: a list of networks, empty for everywhere. Knows no rows."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

MAPPED = IPv6Network("::ffff:0:0/96")  # IPv4 in the clothes of IPv6


class NotANetwork(ValueError):
    """What was typed is no address and no network. Names it by its place in the list alone."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def parsed(text: str) -> list[str]:
    """The networks that somebody typed, one a line or with commas, each as it is usually written, none twice.

    Raises `NotANetwork` with the number of the first that is none.
    """
    typed = re.split(r"[\s,;]+", text.strip()) if text.strip() else []
    return list(dict.fromkeys(_network(one, number) for number, one in enumerate(typed, 1)))


def admits(networks: Sequence[str], address: str) -> bool:
    """Whether somebody at this address may come in."""
    if not networks:
        return True
    here = _plain(address)
    return any(here in network for network in map(ip_network, networks) if network.version == here.version)


def _plain(address: str) -> IPv4Address | IPv6Address:
    """An IPv4 address that came in the clothes of IPv6 is that address."""
    found = ip_address(address)
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _network(text: str, number: int) -> str:
    if "%" in text:  # a scope of one machine's own
        raise NotANetwork(number)
    try:
        network = ip_network(text, strict=False)
    except ValueError as problem:
        raise NotANetwork(number) from problem
    if MAPPED.version == network.version and network.subnet_of(MAPPED):
        network = ip_network((network.network_address.packed[-4:], network.prefixlen - MAPPED.prefixlen))
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)
