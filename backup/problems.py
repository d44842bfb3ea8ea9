import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management.base import CommandError
from django.db import DatabaseError

from encryption.errors import SealError


class Refused(Exception):
    """Why a backup cannot be made, or will not be restored: one sentence for whoever runs it. Nothing was changed."""


class CannotFollow(Exception):
    """Why an increment cannot follow the newest backup: a whole one is due instead."""


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """End a command with exit code 2 and a sentence, whatever went wrong. Asked to end, it tidies up first."""
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    except Refused as refusal:
        raise CommandError(str(refusal), returncode=2) from None
    except (DatabaseError, psycopg.Error) as problem:
        raise CommandError(f"The database did not do its part: {type(problem).__name__}.", returncode=2) from None
    except SealError as problem:
        raise CommandError(f"Key {problem.key_id}: {problem}", returncode=2) from None
    except OSError as problem:
        raise CommandError(f"{problem.filename or 'A file'}: {problem.strerror}.", returncode=2) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(*_: object) -> None:
    raise SystemExit(128 + signal.SIGTERM)
