"""pg_dump and pg_restore, joined to sealed parts by pipes."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO

from backup.databases import Database, program
from backup.problems import Refused
from backup.snapshot import KEYSTORE, LEFT_OUT, Snapshot

_PIECE = 1 << 18
WITHOUT_KEYS = [f"--exclude-table-data=public.{KEYSTORE}", f"--exclude-table-data=public.{LEFT_OUT}"]
KEYS_ALONE = ["--data-only", f"--table=public.{KEYSTORE}"]
# What bootstrap.sql has done already, and only the owner of a database may do.
_PREPARED = (" SCHEMA - public ", " ACL - SCHEMA public ", " COMMENT - SCHEMA public ")


def dump(database: Database, moment: Snapshot, what: list[str]) -> Iterator[bytes]:
    """What pg_dump says of one moment, in pieces. Sealed values cannot be compressed, so it hardly tries."""
    command = [program("pg_dump"), "--format=custom", "--compress=1", f"--snapshot={moment.name}", "--no-password"]
    command += ["--no-publications"]  # only a superuser may make one: bootstrap.sql does
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603  # a list, and no shell
            [*command, *what], stdout=subprocess.PIPE, stderr=said, env=database.environment()
        )
        with process:
            if process.stdout is not None:
                yield from iter(lambda: process.stdout.read(_PIECE), b"")  # type: ignore[union-attr]
        if process.returncode:
            raise Refused(f"pg_dump failed: {_last_line(said)}")


def table_of_contents(pieces: Iterable[bytes]) -> str:
    """The list of what a dump holds, without what the database has been given beforehand."""
    listed = _fed([program("pg_restore"), "--list"], pieces, {}).decode()
    return "\n".join(line for line in listed.splitlines() if not any(mark in line for mark in _PREPARED))


def restore(database: Database, pieces: Iterable[bytes], *, sections: list[str], contents: str | None = None) -> None:
    """Restore sections of a dump, all or nothing. Raises Refused."""
    command = [program("pg_restore"), "--single-transaction", "--no-password", "--no-owner", "--role=quietline_owner"]
    command += [f"--dbname={database.name}", *(f"--section={section}" for section in sections)]
    with tempfile.NamedTemporaryFile("w", suffix=".list") as wanted:
        if contents is not None:
            wanted.write(contents)
            wanted.flush()
            command.append(f"--use-list={wanted.name}")
        _fed(command, pieces, database.environment())


def _fed(command: list[str], pieces: Iterable[bytes], environment: dict[str, str]) -> bytes:
    """What a program answers that is given these pieces. It may stop listening once it knows enough."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as answer:
        process = subprocess.Popen(  # noqa: S603  # a list, and no shell
            command, stdin=subprocess.PIPE, stdout=answer, stderr=said, env=environment
        )
        with suppress(BrokenPipeError), process:
            _feed(process, pieces)
        if process.returncode:
            raise Refused(f"pg_restore failed: {_last_line(said)}")
        answer.seek(0)
        return answer.read()


def _feed(process: "subprocess.Popen[bytes]", pieces: Iterable[bytes]) -> None:
    """Feed it; a program whose food turns out to be spoiled is killed before it can finish."""
    if process.stdin is None:
        return
    try:
        for piece in pieces:
            process.stdin.write(piece)
        process.stdin.close()
    except Refused:
        process.kill()
        raise


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it did not say why."
