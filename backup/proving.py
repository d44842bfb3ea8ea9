"""Proofs on a restored copy, in a process that knows this copy and its own keys, and nothing else."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.db import connection, models
from django.utils import timezone

from accounts.models import Center
from audit.check import check_log
from audit.notes import Signer
from encryption.errors import KeyDestroyed, SealError
from encryption.fields import SealedField, SealedFileField
from encryption.inventory import sealed_models
from encryption.keystore import parent_of, signing_seeds
from encryption.models import Key
from encryption.prefetch import prefetch_keys
from encryption.roots import RootKeyProblem, check_root_keys
from encryption.values import Envelope
from encryption.wrapping import unwrap
from messaging.actions.reconciling import reconcile
from messaging.models import Line
from messaging.twilio import Busy
from tenancy.scope import in_center, in_platform

CHUNK, FILES = 500, 4  # rows at once
FIRST = UUID(int=0)
SOME = 3  # how many damaged values are named
M = TypeVar("M", bound=models.Model)
Scope = Callable[[], AbstractContextManager[None]]
_POLICIES = "SELECT tablename, qual FROM pg_policies WHERE schemaname = 'public'"


@dataclass(frozen=True)
class Proof:
    """One thing that was looked at: whether it holds, and what was seen, in a sentence without any value."""

    name: str
    holds: bool
    said: str
    seconds: float = 0.0


def timed(name: str, look: Callable[[], tuple[bool, str]]) -> Proof:
    began = time.monotonic()
    holds, said = look()
    return Proof(name, holds, said, round(time.monotonic() - began, 2))


def keys_open(log_keys: list[str]) -> tuple[bool, str]:
    """The root keys fit, every living key opens, and the log's keys are those that signed the backup."""
    try:
        check_root_keys()
    except RootKeyProblem as problem:
        return False, str(problem)
    seen = Counter(_state_of(row) for row in _rows(Key, in_platform))
    if seen["shut"]:
        return False, f"{seen['shut']} keys do not open."
    if set(log_keys) - {str(Signer(seed).public) for seed in signing_seeds()}:
        return False, "These keys are of another installation than the one that signed the backup."
    return True, f"{seen['open']} keys open, {seen['destroyed']} were destroyed."


def envelopes_open(tables: dict[str, int]) -> tuple[bool, str]:
    """Every sealed value of every row opens, and every row that was counted was met."""
    seen, damaged, unmet = Counter[str](), list[str](), list[str]()
    for model, fields in sealed_models():
        met = 0
        for scope in _scopes_of(model):
            for row in _rows(model, scope, prefetch_keys):
                met += 1
                for field in fields:
                    how = _how_it_opens(field, row)
                    seen[how] += 1
                    if how == "damaged":
                        damaged.append(f"{model._meta.label_lower}.{field.name} of row {row.pk}")
        if met != tables.get(model._meta.db_table, 0):
            unmet.append(f"{model._meta.label_lower}: {met} rows of {tables.get(model._meta.db_table, 0)}")
    if damaged:
        return False, f"{len(damaged)} values do not open: {', '.join(damaged[:SOME])}."
    if unmet:
        return False, f"Rows that no center sees: {', '.join(unmet[:SOME])}."
    return True, f"{seen['open']} values open, {seen['erased']} were erased."


def tree_holds() -> tuple[bool, str]:
    """The log proves itself, against the checkpoints that were kept outside."""
    found = check_log(longest_wait=10**9)  # what waited for its number when the copy was made still waits
    return found.ok, f"{found.size} entries, root {found.root[:16]}." if found.ok else str(found)


def gap_is_filled() -> tuple[bool, str]:
    """Take in from Twilio's lists what came after the backup; then nothing may be missing. Only lists are read."""
    until = timezone.now()
    with in_platform():
        lines = list(Line.objects.filter(retired_at=None).values_list("center_id", "pk"))
    try:
        found = sum(reconcile(center, line, until=until) for center, line in lines)
        again = sum(reconcile(center, line, until=until + timedelta(seconds=1)) for center, line in lines)
    except Busy:
        return False, "Twilio could not be asked; try again, or leave this out with --without-twilio."
    return not again, f"{found} texts and calls after the backup were found on {len(lines)} lines; {again} are missing."


def _state_of(row: Key) -> str:
    if row.state == Key.State.DESTROYED:
        return "destroyed"
    try:
        unwrap(row, parent_of(row))
    except SealError:
        return "shut"
    return "open"


def _how_it_opens(field: "SealedField[object, object]", row: models.Model) -> str:
    held = row.__dict__.get(field.attname)
    if not isinstance(held, Envelope):
        return "empty"
    try:
        field.open(row, held)
    except KeyDestroyed:
        return "erased"
    except SealError:
        return "damaged"
    return "open"


def _scopes_of(model: type[models.Model]) -> list[Scope]:
    """The platform where it sees the table, else every center in turn."""
    with connection.cursor() as cursor:
        cursor.execute(_POLICIES)
        policy = dict(cursor.fetchall()).get(model._meta.db_table)
    if policy is None or "platform" in policy:
        return [in_platform]
    with in_platform():
        centers = list(Center.objects.values_list("pk", flat=True))
    return [lambda center=center: in_center(center) for center in centers]  # type: ignore[misc]


def _rows(model: type[M], scope: Scope, prepare: Callable[[list[M]], None] = lambda rows: None) -> Iterator[M]:
    """Every row that a scope sees, in short transactions; few at once of what is megabytes long."""
    holds_files = any(isinstance(field, SealedFileField) for field in model._meta.local_concrete_fields)
    at_once, after = FILES if holds_files else CHUNK, FIRST
    while True:
        with scope():
            rows = list(model._base_manager.filter(pk__gt=after).order_by("pk")[:at_once])
            prepare(rows)
            yield from rows
        if len(rows) < at_once:
            return
        after = rows[-1].pk
