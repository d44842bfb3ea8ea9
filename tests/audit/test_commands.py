"""What an admin runs, and what an outsider can check without us."""

import json
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import call_command

from audit.export import export_lines
from audit.models import LogEntry
from audit.sequencer import sequence_all
from audit.signing import public_key
from audit.verifier.verify import verify
from encryption.errors import SealError
from tenancy.scope import in_platform
from tests.audit.conftest import made_center, write


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_verify_audit_says_that_the_log_holds_and_is_itself_recorded(committed_center):
    write(committed_center, 5)
    sequence_all()
    code, said = run("verify_audit", "--json")
    told = json.loads(said)
    assert (code, told["ok"], told["size"], told["key"]) == (0, True, 5, str(public_key()))
    with in_platform():
        entry = LogEntry.objects.get(event="log_verified")
    assert entry.facts == {"ok": True, "size": 5, "command": "verify_audit"}


def test_verify_audit_names_a_row_altered_behind_its_back(committed_center, superuser):
    entries = write(committed_center, 5)
    sequence_all()
    superuser.execute("SET session_replication_role = replica")
    superuser.execute("UPDATE audit_logentry SET event = 'closed' WHERE id = %s", [entries[3].pk])
    code, said = run("verify_audit")
    assert code == 1
    assert "sequence number 3" in said
    assert str(entries[3].pk) in said
    assert json.loads(run("verify_audit", "--json")[1])["entry"] == str(entries[3].pk)


def test_verify_audit_ends_with_2_when_it_cannot_tell(committed_center, monkeypatch):
    def without_key() -> list[bytes]:
        raise SealError("There is no key.")

    monkeypatch.setattr("audit.signing.signing_seeds", without_key)
    assert run("verify_audit")[0] == 2


def test_an_export_with_its_verifier_needs_nothing_of_ours(committed_center, tmp_path):
    write(committed_center, 5)
    sequence_all()
    assert run("verify_audit", "--export-dir", str(tmp_path / "out"))[0] == 0
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "log.ndjson", "--key", str(public_key())],
        cwd=tmp_path / "out",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout[:2]) == (0, "OK"), done.stderr


def test_an_export_of_one_center_shows_nothing_of_another(committed_center, tmp_path):
    other = made_center()
    ours, theirs = write(committed_center, 3), write(other, 3)
    file = tmp_path / "log.ndjson"
    run("export_audit", "--out", str(file), "--center", str(committed_center))
    text = file.read_text()
    assert all(str(entry.pk) in text for entry in ours)
    assert not any(str(entry.pk) in text for entry in theirs)
    with file.open("rb") as lines:
        assert verify(lines).withheld == 3


def test_the_export_is_in_the_export(committed_center, tmp_path):
    write(committed_center, 3)
    run("export_audit", "--out", str(tmp_path / "log.ndjson"))
    assert '"event":"log_exported"' in (tmp_path / "log.ndjson").read_text()


def test_an_empty_log_holds(committed_center):
    assert verify(export_lines()).count == 0
    assert run("verify_audit")[0] == 0


def test_sequence_audit_numbers_what_waits_and_stores_a_checkpoint(committed_center, settings, tmp_path):
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "anchors")
    write(committed_center, 3)
    assert "3 entries" in run("sequence_audit", "--anchor")[1]
    assert (tmp_path / "anchors").exists()


@pytest.mark.parametrize("size", [1, 500, 501])
def test_an_export_holds_across_its_own_chunks(committed_center, monkeypatch, size):
    monkeypatch.setattr("audit.export.CHUNK", 100)
    from audit.events import Event
    from audit.record import record
    from tenancy.scope import in_center

    with in_center(committed_center):
        for _ in range(size):
            record(Event.STARTED)
    sequence_all()
    assert verify(export_lines()).count == size
