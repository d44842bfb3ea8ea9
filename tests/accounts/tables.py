"""All rows of all tables as text, as the application's own role sees them from every scope."""

import re
from collections import Counter
from functools import partial
from uuid import UUID

from django.apps import apps
from django.db import connection

from accounts.models import Center
from tenancy.scope import in_center, in_platform

_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_BYTES = re.compile(r"\\\\x[0-9a-f]+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^\"]*")
_COUNTED = re.compile(r'"id":\d+')
Rows = Counter[tuple[str, str]]


def all_rows(*, but: frozenset[str] = frozenset()) -> Rows:
    """What stands in the database now. A row that several scopes see counts once."""
    found = set()
    with in_platform():
        found |= _rows(but)
    for center in Center.objects.values_list("pk", flat=True):
        found |= _in(center, but)
    return Counter(found)


def _in(center: UUID, but: frozenset[str]) -> set[tuple[str, str]]:
    with in_center(center):
        return _rows(but)


def _rows(but: frozenset[str]) -> set[tuple[str, str]]:
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - but)
    selects = (f"SELECT '{table}', row_to_json(t)::text FROM \"{table}\" t" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects))
        return set(cursor.fetchall())


def changes(before: Rows, after: Rows) -> Counter[tuple[str, str, str]]:
    """What came and what went, in words that are the same each time: new ids, bytes and moments are only called new."""
    known = "\n".join(row for _, row in before)
    seen = {pattern: frozenset(pattern.findall(known)) for pattern in (_ID, _BYTES, _MOMENT)}

    def plain(row: str) -> str:
        for pattern, old in seen.items():
            row = pattern.sub(partial(_new_unless, old), row)
        return _COUNTED.sub('"id":new', row)

    gone = Counter(("gone", table, plain(row)) for table, row in (before - after).elements())
    return gone + Counter(("come", table, plain(row)) for table, row in (after - before).elements())


def _new_unless(known: frozenset[str], found: re.Match[str]) -> str:
    return found[0] if found[0] in known else "new"
