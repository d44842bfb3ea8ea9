"""What the machine and the settings must not give away. `config/checks.py` and the start call these."""

import resource
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _

_SWAPS = Path("/proc/swaps")
_BLOCK_DEVICES = Path("/sys/class/block")


def turn_core_dumps_off() -> None:
    """A crash then writes no memory, and no key with it, to disk. Child processes are bound too."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def swap_warning(swaps: Path = _SWAPS, block_devices: Path = _BLOCK_DEVICES) -> str | None:
    """A sentence when memory, and keys with it, may be written to a disk in the clear; else None."""
    try:
        devices = [line.split()[0] for line in swaps.read_text().splitlines()[1:]]
    except OSError:
        return None
    open_ones = [device for device in devices if not _is_safe_swap(Path(device), block_devices)]
    if not open_ones:
        return None
    return _("Swap on %(devices)s is not encrypted: keys in memory may reach the disk.") % {
        "devices": ", ".join(open_ones)
    }


def transport_problems(databases: Mapping[str, Mapping[str, Any]], valkey_url: str) -> list[str]:
    """Sentences about connections that leave this machine without verified TLS (ENC-11)."""
    problems = [
        _("The database %(alias)s is on another machine: set sslmode=verify-full.") % {"alias": alias}
        for alias, database in databases.items()
        if not _is_near(database.get("HOST", "")) and _sslmode(database) != "verify-full"
    ]
    if not _is_safe_valkey(valkey_url):
        problems.append(_("Valkey is on another machine: use a rediss:// address with verified certificates."))
    return problems


def _is_safe_swap(device: Path, block_devices: Path) -> bool:
    """Compressed memory, or a device-mapper volume that dm-crypt made."""
    name = device.resolve().name
    if name.startswith("zram"):
        return True
    try:
        return (block_devices / name / "dm" / "uuid").read_text().startswith("CRYPT-")
    except OSError:
        return False


def _is_near(host: str) -> bool:
    """Whether a connection stays on this machine: a Unix socket or loopback."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _sslmode(database: Mapping[str, Any]) -> object:
    return database.get("OPTIONS", {}).get("sslmode")


def _is_safe_valkey(url: str) -> bool:
    address = urlsplit(url)
    if address.scheme == "unix" or _is_near(address.hostname or ""):
        return True
    demanded = parse_qs(address.query).get("ssl_cert_reqs", ["required"])
    return address.scheme == "rediss" and demanded == ["required"]
