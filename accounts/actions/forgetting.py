"""What is over is not kept: sessions, answered challenges, counted tries, devices that nobody uses any more."""

from django.utils import timezone

from accounts import challenges
from accounts.actions import known_devices
from accounts.limits import LIMITS
from accounts.models import Attempts, KnownDevice, SpentChallenge
from accounts.session_store import SessionStore


def forget_what_is_over() -> None:
    now = timezone.now()
    SessionStore.clear_expired()
    SpentChallenge.objects.filter(spent_at__lt=now - challenges.LASTS).delete()
    for door, limit in LIMITS.items():
        Attempts.objects.filter(door=door, last_at__lt=now - limit.remembers).delete()
    KnownDevice.objects.filter(used_at__lt=now - known_devices.LASTS).delete()
