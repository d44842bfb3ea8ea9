"""The sequencer's loop: a thread of the beat process, and the only one that never ends by itself."""

import logging
from threading import Event as Flag

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from audit.anchors import anchor_if_due
from audit.mailing import mail_if_due
from audit.models import Reading
from audit.record import SAME_READ
from audit.sequencer import sequence_all
from encryption.errors import SealError
from tenancy.scope import in_platform

logger = logging.getLogger(__name__)

EVERY_SECONDS = 0.5
LONGEST_PAUSE = 8.0
TIDY_EVERY = 600  # rounds: at the first, then about every five minutes


def run_forever(stop: Flag) -> None:
    """Number what waits, twice a second, until `stop` is set. Outlives the loss of the database."""
    pause, rounds = EVERY_SECONDS, 0
    while not stop.wait(pause):
        rounds += 1
        try:
            _one_round(tidy=rounds % TIDY_EVERY == 1)
            pause = EVERY_SECONDS
        except (DatabaseError, InterfaceError, SealError, OSError) as problem:
            logger.error("audit.sequencer_failed", extra={"error": type(problem).__name__})
            connection.close()
            pause = min(pause * 2, LONGEST_PAUSE)
    connection.close()


def _one_round(*, tidy: bool) -> None:
    sequence_all()
    anchor_if_due()
    if tidy:
        mail_if_due()
        with in_platform():
            Reading.objects.filter(at__lt=timezone.now() - SAME_READ).delete()
