"""Counting tries in PostgreSQL, so that they count for all processes and without Valkey."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import DateTimeField, F, Func, Value
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.limits import LIMITS, SHARED, TELL_AT, Door, Limit
from accounts.models import Attempts
from audit.events import Event
from audit.record import record
from jobs.queue import enqueue
from tenancy.ids import INSTALLATION

TELL_OF_FAILURES = "accounts.tell_of_failures"
WORTH_NOTING = timedelta(minutes=1)  # a wait of seconds is no news


class TooMany(Exception):
    """A door takes no more tries just now. `seconds` says when it takes the next."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.seconds = max(ceil(wait.total_seconds()), 1)


class Bucket(NamedTuple):
    """What tries are counted against: a door, and whose or where."""

    door: Door
    about: tuple[str, ...]

    @property
    def key(self) -> UUID:
        said = "|".join([self.door, *self.about])
        return UUID(bytes=salted_hmac("accounts.attempts", said, algorithm="sha256").digest()[:16])

    @property
    def limit(self) -> Limit:
        return LIMITS[self.door]


@dataclass(frozen=True)
class Charge:
    """One try that was counted before anybody knew how it would end."""

    tries: dict[Bucket, list[datetime]]
    at: datetime
    account: UUID | None = None  # whose tries these are, as a hash, if anybody's

    def passed(self) -> None:
        """It was right: there is no failure in a row any more. What others did from the same place still counts."""
        own = [bucket.key for bucket in self.tries if bucket.door not in SHARED]
        Attempts.objects.filter(pk__in=own).update(times=[])
        _withdraw((bucket for bucket in self.tries if bucket.door in SHARED), self.at)

    def undone(self) -> None:
        """Nobody looked at it."""
        _withdraw(self.tries, self.at)

    @transaction.atomic
    def failed(self) -> None:
        """It was wrong. Whether the account exists makes no difference here, so it shows in nothing."""
        waits = [bucket.limit.wait(tries, self.at) for bucket, tries in self.tries.items()]
        if max(waits) >= WORTH_NOTING:
            record(Event.LOCKED_OUT, center=INSTALLATION)
        for bucket, tries in self.tries.items():
            if self.account and len(tries) in TELL_AT.get(bucket.door, ()):
                once = f"{self.account.hex}:{len(tries)}:{self.at:%Y-%m-%d}"
                enqueue(TELL_OF_FAILURES, self.account, center=None, dedupe=once)


def charge(*buckets: Bucket, account: UUID | None = None) -> Charge:
    """Count a try against all of these. Raises `TooMany`, and then it is counted against none of them."""
    now = timezone.now()
    _refuse(buckets, dict(Attempts.objects.filter(pk__in=[one.key for one in buckets]).values_list("pk", "times")), now)
    with transaction.atomic():
        held = _locked(buckets, now)
        _refuse(buckets, held, now)
        tries = {bucket: [*_counting(bucket, held, now), now] for bucket in buckets}
        for bucket, times in tries.items():
            Attempts.objects.filter(pk=bucket.key).update(times=times, last_at=now)
    return Charge(tries, now, account)


def add_to(bucket: Bucket, now: datetime) -> None:
    """Count something that has no limit."""
    times = [*_locked([bucket], now)[bucket.key], now]
    Attempts.objects.filter(pk=bucket.key).update(times=times, last_at=now)


def failures_since(door: Door, since: datetime) -> int:
    """How many tries at a door have failed since then, wherever they came from."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM accounts_attempts, unnest(times) AS tried"
            " WHERE last_at > %s AND door = %s AND tried > %s",
            [since, door, since],
        )
        return int(cursor.fetchone()[0])


def _refuse(buckets: Iterable[Bucket], held: dict[UUID, list[datetime]], now: datetime) -> None:
    wait = max(bucket.limit.wait(_counting(bucket, held, now), now) for bucket in buckets)
    if wait:
        raise TooMany(wait)


def _counting(bucket: Bucket, held: dict[UUID, list[datetime]], now: datetime) -> list[datetime]:
    oldest = now - bucket.limit.remembers
    return sorted(time for time in held.get(bucket.key, ()) if time > oldest)


def _locked(buckets: Iterable[Bucket], now: datetime) -> dict[UUID, list[datetime]]:
    """The rows of these, made where there were none, in one order for everybody: nobody waits for each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_attempts (id, door, times, last_at)"
            " SELECT id, door, '{}', %s FROM unnest(%s::uuid[], %s::text[]) AS given (id, door) ORDER BY id"
            " ON CONFLICT (id) DO UPDATE SET door = EXCLUDED.door RETURNING id, times",
            [now, [one.key for one in buckets], [str(one.door) for one in buckets]],
        )
        return dict(cursor.fetchall())


def _withdraw(buckets: Iterable[Bucket], at: datetime) -> None:
    without = Func(F("times"), Value(at, output_field=DateTimeField()), function="array_remove")
    Attempts.objects.filter(pk__in=[bucket.key for bucket in buckets]).update(times=without)
