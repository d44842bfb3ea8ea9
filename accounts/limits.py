"""How many tries each door takes, and how long one waits after too many. `actions/attempts.py` counts them.

What can be guessed (passwords, codes) is counted before it is looked at, so that many tries at the same moment are
no more than the limit. What cannot be guessed (keys, links) always opens, and only what led nowhere is counted.

A stranger can have a device that is new to somebody wait again and again: nothing tells the two apart yet. What she
used before, and a passkey, never wait for what strangers do.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import models

LONGEST_WAIT = timedelta(minutes=15)  # a stranger can shut nobody out for longer
MINUTES, HOUR, DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)


class Door(models.TextChoices):
    """What is tried, and against what tries are counted."""

    PASSWORD_HERE = "password-here"  # noqa: S105  # one address from one place
    PASSWORD_ACCOUNT = "password-account"  # noqa: S105  # one address from everywhere
    PASSWORD_PLACE = "password-place"  # noqa: S105  # any address from one place
    PASSWORD_SITE = "password-site"  # noqa: S105  # any address from what one provider gives one customer at most
    PASSWORD_DEVICE = "password-device"  # noqa: S105  # one address on a device that signed in as it before
    PASSWORD_OWN = "password-own"  # noqa: S105  # somebody who has signed in gives the present one to change it
    CODE = "code"
    CODE_DEVICE = "code-device"
    PASSKEY = "passkey"
    INVITATION = "invitation"
    PICTURE = "picture"
    REFUSED = "refused"  # no door: how many passwords were refused since the log last told it


class Limit(NamedTuple):
    """At most so many tries within each of these times; after so many failures in a row a wait that doubles."""

    windows: tuple[tuple[int, timedelta], ...] = ()
    free: int | None = None

    def wait(self, tries: Sequence[datetime], now: datetime) -> timedelta:
        """How long until the next try, after these, oldest first."""
        waits = [tries[-most] + time - now for most, time in self.windows if len(tries) >= most]
        if self.free is not None and len(tries) >= self.free and tries:
            waits.append(tries[-1] + growing(len(tries) - self.free) - now)
        return max([timedelta(), *waits])

    @property
    def remembers(self) -> timedelta:
        """For how long a try counts."""
        times = [time for _, time in self.windows]
        return max(times if self.free is None else [*times, DAY])


def growing(step: int) -> timedelta:
    """1, 2, 4 … seconds, and never more than the longest wait."""
    return min(timedelta(seconds=2 ** min(step, 30)), LONGEST_WAIT)


LIMITS = {
    Door.PASSWORD_HERE: Limit(((10, MINUTES),), free=3),
    Door.PASSWORD_ACCOUNT: Limit(free=30),
    Door.PASSWORD_PLACE: Limit(((30, MINUTES),)),
    Door.PASSWORD_SITE: Limit(((120, MINUTES),)),
    Door.PASSWORD_DEVICE: Limit(((10, MINUTES),), free=3),
    Door.PASSWORD_OWN: Limit(((10, MINUTES),), free=3),
    Door.CODE: Limit(((5, MINUTES), (20, HOUR), (50, DAY)), free=3),
    Door.CODE_DEVICE: Limit(((5, MINUTES), (20, HOUR), (50, DAY)), free=3),
    Door.PASSKEY: Limit(((30, MINUTES),)),
    Door.INVITATION: Limit(((30, MINUTES),)),
    Door.PICTURE: Limit(((30, MINUTES),)),
}
# One person's success says nothing of the others' failures there.
SHARED = frozenset({Door.PASSWORD_PLACE, Door.PASSWORD_SITE})
TELL_AT = {  # after so many failures in a row the person and her admins are told
    Door.PASSWORD_ACCOUNT: (10, 100),
    Door.PASSWORD_DEVICE: (10, 100),
    Door.CODE: (5, 50),
    Door.CODE_DEVICE: (5, 50),
}
# So many failed passwords everywhere, and only known devices and passkeys come in.
BREAKER = (1000, MINUTES)
