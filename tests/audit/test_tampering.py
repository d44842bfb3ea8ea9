"""Somebody who may do anything to the database changes the past. The outsider's verifier finds it.

Twelve classes of tampering (AUD-04), each at several places. The verifier gets an export made after the
deed and the checkpoints that were anchored before it; nothing else.
"""

import os
import random
import shutil
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone

from audit import anchors, sequencer
from audit.check import check_log
from audit.export import export_lines
from audit.models import Checkpoint, LogEntry, SequencedLeaf
from audit.notes import Signer, checkpoint_text
from audit.sequencer import sequence_all, sequence_pending
from audit.signing import public_key
from audit.tree import Frontier, leaf_hash
from audit.verifier.verify import Bad, main, verify
from tenancy.scope import in_platform
from tests.audit.conftest import write

SIZE, ROUND = 104, 4
PLACES = int(os.environ.get("TAMPER_PLACES", "8"))  # docs/audit.md: 100 of each class take two minutes
TABLES = [
    "audit_logentry",
    "audit_sequencedleaf",
    "audit_subtreeroot",
    "audit_checkpoint",
    "audit_pendingleaf",
]


class Log:
    """A true log with its anchors, and a superuser who can spoil it and put it back."""

    def __init__(self, superuser: psycopg.Connection, file: Path) -> None:
        self.superuser, self.file = superuser, file
        superuser.execute("SET session_replication_role = replica")
        for table in TABLES:
            superuser.execute(f"CREATE TABLE true_{table} AS TABLE {table}")

    def restore(self) -> None:
        for table in TABLES:
            self.superuser.execute(f"TRUNCATE {table}; INSERT INTO {table} SELECT * FROM true_{table}")

    def run(self, statement: str, *values: object) -> None:
        assert self.superuser.execute(statement, values).rowcount, "the tampering must change something"

    def found(self) -> Bad | None:
        try:
            verify(export_lines(), anchors=anchors.anchored_notes(self.file))
        except Bad as bad:
            return bad
        return None


@pytest.fixture
def log(committed_center, superuser, settings, tmp_path):
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "anchors.ndjson")
    for _ in range(SIZE // ROUND):
        write(committed_center, ROUND)
        sequence_pending()
    anchors._append(anchors.anchor_file(), anchor_line())
    log = Log(superuser, anchors.anchor_file())
    assert log.found() is None, "the true log must hold, or nothing below proves anything"
    return log


def anchor_line() -> str:
    import json

    return json.dumps({"at": "", "note": Checkpoint.objects.order_by("-size")[0].note})


def round_of(seq: int) -> int:
    return seq - seq % ROUND


def at(seq: int) -> str:
    return f"(SELECT entry FROM true_audit_sequencedleaf WHERE seq = {seq})"


def change(log: Log, seq: int) -> range:
    log.run(f"UPDATE audit_logentry SET event = 'closed' WHERE id = {at(seq)}")
    return range(seq, seq + 1)


def change_and_hash_anew(log: Log, seq: int) -> range:
    log.run(f"UPDATE audit_logentry SET event = 'closed' WHERE id = {at(seq)}")
    with in_platform():
        leaf = leaf_hash(LogEntry.objects.get(pk=SequencedLeaf.objects.get(seq=seq).entry).canonical)
    log.run("UPDATE audit_sequencedleaf SET leaf = %s WHERE seq = %s", leaf, seq)
    log.run(f"UPDATE audit_logentry SET leaf = %s WHERE id = {at(seq)}", leaf)
    return range(round_of(seq), round_of(seq) + 1)


def delete(log: Log, seq: int) -> range:
    log.run(f"DELETE FROM audit_logentry WHERE id = {at(seq)}")
    return range(seq, seq + 1)


def delete_with_its_leaf(log: Log, seq: int) -> range:
    delete(log, seq)
    log.run("DELETE FROM audit_sequencedleaf WHERE seq = %s", seq)
    return range(seq, seq + 1)


def insert(log: Log, seq: int) -> range:
    """An entry is slipped in, and everything after it is renumbered to make room."""
    log.run("UPDATE audit_sequencedleaf SET seq = -seq - 2 WHERE seq >= %s", seq)
    log.run("UPDATE audit_sequencedleaf SET seq = -seq - 1 WHERE seq < 0")
    log.run(
        "INSERT INTO audit_sequencedleaf (seq, entry, leaf) SELECT %s, gen_random_uuid(), leaf"
        " FROM true_audit_sequencedleaf WHERE seq = 0",
        seq,
    )
    return range(seq, seq + 1)


def swap(log: Log, seq: int) -> range:
    other = (seq + 1) % SIZE
    first = min(seq, other)
    log.run("UPDATE audit_sequencedleaf SET seq = -1 WHERE seq = %s", seq)
    log.run("UPDATE audit_sequencedleaf SET seq = %s WHERE seq = %s", seq, other)
    log.run("UPDATE audit_sequencedleaf SET seq = %s WHERE seq = -1", other)
    return range(round_of(first), round_of(first) + 1)


def renumber(log: Log, seq: int) -> range:
    log.run("UPDATE audit_sequencedleaf SET seq = seq + 1000 WHERE seq >= %s", seq)
    return range(round_of(seq), seq + 1)


def truncate_tail(log: Log, seq: int) -> range:
    keep = round_of(seq)
    tail = "SELECT entry FROM audit_sequencedleaf WHERE seq >= %s"
    log.run(f"DELETE FROM audit_logentry WHERE id IN ({tail})", keep)
    log.run("DELETE FROM audit_sequencedleaf WHERE seq >= %s", keep)
    log.run("DELETE FROM audit_checkpoint WHERE size > %s", keep)
    return range(keep, keep + 1)


def drop_checkpoint(log: Log, seq: int) -> range:
    size = round_of(seq) + ROUND
    log.run("DELETE FROM audit_checkpoint WHERE size = %s", size)
    return range(max(size - ROUND - 1, 0), SIZE + 1)


def forge_signature(log: Log, seq: int) -> range:
    size = round_of(seq) + ROUND
    signer = Signer(b"\x09" * 32)
    note = Checkpoint.objects.get(size=size).note
    text = note.rpartition("\n\n")[0] + "\n"
    forged = signer.sign(text).replace(signer.public.origin, public_key().origin)
    log.run("UPDATE audit_checkpoint SET note = %s WHERE size = %s", forged, size)
    return range(round_of(seq), size + 1)


def sign_anew(log: Log, signer: Signer, shift: timedelta = timedelta(0)) -> None:
    """Every checkpoint made again over the rows as they are now."""
    log.run("DELETE FROM audit_checkpoint")
    tree, previous = Frontier(), None
    now = timezone.now()
    for leaf in SequencedLeaf.objects.order_by("seq"):
        tree.append(bytes(leaf.leaf))
        if tree.size % ROUND == 0:
            moment = now + (shift if tree.size > SIZE // 2 else timedelta(0))
            text = checkpoint_text(
                signer.public.origin, tree.size, tree.root(), at=moment, behind=False, previous=previous
            )
            previous = signer.sign(text)
            log.run(
                "INSERT INTO audit_checkpoint (size, root, frontier, note, key_id, created_at)"
                " VALUES (%s, %s, %s, %s, '', now())",
                tree.size,
                tree.root(),
                tree.packed(),
                previous,
            )


def true_signer() -> Signer:
    with in_platform():
        return Signer(sequencer.signing_key_bytes())


def replace_key(log: Log, seq: int) -> range:
    change_and_hash_anew(log, seq)
    sign_anew(log, Signer(b"\x09" * 32))
    return range(SIZE)


def fork(log: Log, seq: int) -> range:
    """The true key signs another past: whoever stole it cannot change what was anchored."""
    change_and_hash_anew(log, seq)
    sign_anew(log, true_signer())
    return range(SIZE)


def clock_back(log: Log, seq: int) -> range:
    log.file.write_text("")
    sign_anew(log, true_signer(), shift=timedelta(hours=-seq - 1))
    return range(SIZE)


WAYS = [
    change,
    change_and_hash_anew,
    delete,
    delete_with_its_leaf,
    insert,
    swap,
    renumber,
    truncate_tail,
    drop_checkpoint,
    forge_signature,
    replace_key,
    fork,
    clock_back,
]


@pytest.mark.parametrize("tamper", WAYS)
def test_tampering_is_found_and_the_first_bad_number_named(log, tamper):
    anchored = log.file.read_text()
    for seq in [0, SIZE - 1, *random.sample(range(1, SIZE - 1), PLACES)]:
        expected = tamper(log, seq)
        found = log.found()
        assert found is not None, f"{tamper.__name__} at {seq} was not found"
        assert found.seq in expected, f"{tamper.__name__} at {seq}: {found.seq}, {found.why}"
        log.restore()
        log.file.write_text(anchored)
    assert log.found() is None, "what was put back must hold, or the finding proves nothing"


def test_a_whole_database_rolled_back_is_found_by_the_anchor(log, committed_center):
    """An old backup is put in place, and the log goes on from there under the same key."""
    write(committed_center, 8)
    sequence_all()
    anchors._append(log.file, anchor_line())
    log.restore()
    assert log.found().seq == SIZE
    write(committed_center, 20)
    sequence_all()
    assert log.found() is not None


def test_an_entry_written_past_the_trigger_is_named_by_the_command(log, committed_center):
    assert check_log().ok
    write(committed_center)
    with in_platform():
        entry = LogEntry.objects.latest()
    log.run("DELETE FROM audit_pendingleaf WHERE entry = %s", entry.pk)
    assert check_log().ok, "it may still be waiting for its number"
    found = check_log(longest_wait=0)
    assert (found.ok, found.seq, found.entry) == (False, None, str(entry.pk))


def test_an_entry_dated_back_is_found_although_it_went_through_the_queue(log, committed_center, time_machine):
    now = timezone.now()
    time_machine.move_to(now - timedelta(days=2))
    write(committed_center)
    time_machine.move_to(now)
    sequence_all()
    assert "dated back" in log.found().why


def test_the_rows_own_leaf_is_checked_too(log):
    log.run(f"UPDATE audit_logentry SET leaf = '\\x00' WHERE id = {at(7)}")
    assert check_log().seq == 7


def test_the_shipped_file_alone_finds_it_too(log, tmp_path, capsys):
    change(log, 9)
    export = tmp_path / "log.ndjson"
    export.write_bytes(b"".join(export_lines()))
    shutil.copy(log.file, tmp_path / "kept")
    assert main([str(export), "--anchors", str(tmp_path / "kept"), "--key", str(public_key())]) == 1
    said = capsys.readouterr().out
    assert "BAD at sequence 9," in said
    assert str(SequencedLeaf.objects.get(seq=9).entry) in said
