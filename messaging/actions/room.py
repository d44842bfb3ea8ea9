"""Room for files: what is left of a center's share, and of the disk. Texts never wait for either (FILE-08)."""

import shutil
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import BigIntegerField, Func, Sum

from messaging.models import Attachment, DraftPicture, Recording
from tenancy.postgresql import circuit

MB = 1024 * 1024
NEARLY = 80  # percent
LOOK_AGAIN = 60.0  # seconds for which one sum of a center's files serves this process

_sums: dict[UUID, tuple[float, int]] = {}


class Octets(Func):
    """How long a sealed value is. PostgreSQL knows it without reading the value."""

    function = "octet_length"
    output_field = BigIntegerField()


@dataclass(frozen=True)
class Share:
    """How much of what one center may keep is used, in bytes as they lie sealed."""

    used: int
    most: int

    @property
    def percent(self) -> int:
        return min(self.used * 100 // self.most, 999)

    @property
    def is_nearly_full(self) -> bool:
        return self.percent >= NEARLY

    @property
    def is_full(self) -> bool:
        return self.used >= self.most


def share_of(center_id: UUID) -> Share:
    """How much a center has used, as counted within the last minute. Runs in its scope."""
    counted_at, used = _sums.get(center_id, (-LOOK_AGAIN, 0))
    if time.monotonic() - counted_at >= LOOK_AGAIN:
        kinds: tuple[Any, ...] = (Attachment, DraftPicture, Recording)
        used = sum(kind.objects.aggregate(octets=Sum(Octets("content"), default=0))["octets"] for kind in kinds)
        _sums[center_id] = time.monotonic(), used
    return Share(used, settings.FILES_PER_CENTER_MB * MB)


def has_room_for_files(center_id: UUID) -> bool:
    """Whether this center may keep another file now: a few too many within a minute hurt nobody. In its scope."""
    return has_room_on_disk() and not share_of(center_id).is_full


def has_room_on_disk() -> bool:
    """Whether the disk of PostgreSQL has more room than is kept for texts."""
    return not circuit.is_full() and not disk_is_short()


def disk_is_short() -> bool:
    """Whether what is left on the disk of PostgreSQL is kept for texts. The one place that looks.

    A disk that cannot be seen counts as large; PostgreSQL itself says when it is full.
    """
    free = free_on_disk()
    return free is not None and free < settings.FILES_LEAVE_FREE_MB * MB


def free_on_disk() -> int | None:
    """The bytes that are free where PostgreSQL keeps its data; None when that cannot be seen from here."""
    try:
        return shutil.disk_usage(settings.DATABASE_DISK_PATH).free if settings.DATABASE_DISK_PATH else None
    except OSError:
        return None
