"""Acts that matter most wait for the log: who may do what, and what leaves the house (AUD-08)."""

from functools import partial

from django.db import transaction

from audit.models import LogEntry
from audit.sequencer import wait_for_checkpoint
from audit.tree_status import tree_status

LONGEST_WAIT = 3.0  # seconds for the log to seal such an entry, before the answer leaves


class LogStopped(Exception):
    """Nothing has been sealed for a quarter of an hour: nothing was done, and it has to wait."""


def refuse_while_the_log_stands_still() -> None:
    """Raises `LogStopped`; call it before the act."""
    if tree_status().is_stopped:
        raise LogStopped


def seal_before_the_answer(entry: LogEntry) -> None:
    """Have the answer wait until a signed checkpoint holds this entry: nobody could remove it unseen then."""
    transaction.on_commit(partial(wait_for_checkpoint, entry, LONGEST_WAIT), robust=True)
