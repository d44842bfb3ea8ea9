"""Telling somebody else's lock apart from a server that is away: both come as `OperationalError`."""

CONTENDED = ("55P03", "40001", "40P01")  # a lock not to be had in time, a serialization failure, a deadlock


def is_contention(error: BaseException) -> bool:
    """Whether another transaction was in the way, while PostgreSQL itself answers: the same may work a moment later.

    error    what Django raised; psycopg's own, with its SQLSTATE, is its cause
    """
    return getattr(error.__cause__, "sqlstate", None) in CONTENDED
