"""The key that signs the log can be replaced: the old one vouches for the new one, and outsiders can follow."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from audit import sequencer
from audit.export import export_lines
from audit.models import Checkpoint, LogEntry
from audit.notes import Signer
from audit.proofs import proof_of
from audit.sequencer import sequence_all
from audit.signing import public_key, public_keys
from audit.verifier.verify import Bad, verify, verify_proof
from encryption.keystore import signing_key_bytes
from tenancy.scope import in_platform
from tests.audit.conftest import write


def rotated() -> str:
    out = StringIO()
    call_command("rotate_keys", "audit", stdout=out)
    return out.getvalue()


@pytest.fixture
def keys(committed_center):
    """A log under three keys, one after the other; their names, the oldest first."""
    names = []
    for _ in range(3):
        write(committed_center, 4)
        sequence_all()
        names.append(str(public_key()))
        rotated()
    return names


def test_each_key_takes_over_from_the_one_before(keys, committed_center):
    assert len(set(keys)) == 3
    assert [str(key) for key in public_keys()] == keys
    write(committed_center)
    sequence_all()
    assert len(public_keys()) == 4


@pytest.mark.parametrize("pinned", [0, 1, 2])
def test_whoever_pinned_any_of_the_keys_can_verify_the_whole_log(keys, pinned):
    assert verify(export_lines(), key=keys[pinned]).key == keys[2]


def test_another_key_is_refused(keys):
    with pytest.raises(Bad):
        verify(export_lines(), key=str(Signer(b"\x07" * 32).public))


def test_a_dry_run_replaces_nothing(committed_center):
    before = signing_key_bytes()
    call_command("rotate_keys", "audit", "--dry-run", stdout=StringIO())
    assert signing_key_bytes() == before
    rotated()
    assert signing_key_bytes() != before


def test_the_change_of_keys_is_in_the_log(keys):
    with in_platform():
        entries = LogEntry.objects.filter(event="key_rotated", facts__level="audit")
    with in_platform():
        assert entries.count() == 3


def test_a_thief_cannot_hand_over_to_a_key_of_his_own(keys, monkeypatch):
    """He can write the export anew, but the true key signs no checkpoint for his."""
    thief = Signer(b"\x07" * 32)
    lines = [json.loads(line) for line in export_lines()]
    lines[0]["keys"] = [keys[0], str(thief.public)]
    lines[0]["key"] = str(thief.public)
    forged = []
    for line in lines:
        if "checkpoint" in line and keys[0].split("+")[0] not in line["checkpoint"].split("\n")[0]:
            text = line["checkpoint"].rpartition("\n\n")[0] + "\n"
            text = text.replace(text.split("\n")[0], thief.public.origin, 1)
            line["checkpoint"] = thief.sign(text)
        forged.append(json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")
    with pytest.raises(Bad):
        verify(forged, key=keys[0])


def test_a_handover_without_the_old_signature_is_found(keys):
    cut = list(export_lines())
    for place, line in enumerate(cut):
        note = json.loads(line).get("checkpoint", "")
        head, _, signatures = note.rpartition("\n\n")
        if signatures.count("\n") == 2:
            alone = head + "\n\n" + signatures.splitlines(keepends=True)[0]
            cut[place] = json.dumps({"checkpoint": alone}, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
            break
    else:
        pytest.fail("no handover to cut")
    with pytest.raises(Bad, match="not signed by this key"):
        verify(cut)


def test_a_key_that_signed_nothing_cannot_be_named(keys):
    first, *rest = list(export_lines())
    header = json.loads(first)
    header["keys"].append(str(Signer(b"\x07" * 32).public))
    with pytest.raises(Bad, match="signed nothing"):
        verify([json.dumps(header).encode() + b"\n", *rest])


@pytest.mark.parametrize("pinned", [0, 1, 2])
def test_a_proof_leads_from_any_pinned_key_to_the_one_that_signed(keys, pinned):
    with in_platform():
        entry = LogEntry.objects.order_by("timestamp").first()
    with in_platform():
        proof = proof_of(entry)
    assert verify_proof(proof, keys[pinned]) == str(entry.pk)


def test_a_proof_whose_handover_was_cut_out_is_refused(keys):
    with in_platform():
        entry = LogEntry.objects.order_by("timestamp").first()
        proof = proof_of(entry)
    del proof["handovers"][0]
    with pytest.raises(Bad):
        verify_proof(proof, keys[0])
    proof["keys"] = proof["keys"][:1] + proof["keys"][2:]
    with pytest.raises(Bad):
        verify_proof(proof, keys[0])


def test_anchors_of_every_key_still_hold(keys):
    with in_platform():
        notes = list(Checkpoint.objects.order_by("size").values_list("note", flat=True))
    assert verify(export_lines(), anchors=notes).count
    with pytest.raises(Bad):
        verify(export_lines(), anchors=[*notes[:-1], notes[-1].replace("behind 0", "behind 1")])


def test_a_sequencer_that_runs_on_uses_the_new_key_at_once(committed_center):
    """It asks the database each round: with a key of its own memory the chain would go back and forth."""
    write(committed_center)
    sequence_all()
    rotated()
    assert sequencer.signing_key_bytes() == signing_key_bytes()
    sequence_all()
    with in_platform():
        last = Checkpoint.objects.order_by("-size").first()
    assert last.key_id == Signer(signing_key_bytes()).public.key_id.hex()
    assert last.note.rpartition("\n\n")[2].count("\n") == 2
