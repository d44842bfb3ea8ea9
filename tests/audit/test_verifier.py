"""The stand-alone verifier on exports built in memory, with no product behind them but the signer."""

import json
import secrets
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.notes import BadNote, PublicKey, Signer, checkpoint_text, timestamp_text
from audit.tree import Frontier, inclusion_proof, leaf_hash, root_of
from audit.verifier.verify import Bad, is_signed, main, verify, verify_proof

START = datetime(2026, 11, 24, 3, tzinfo=UTC)
SIGNER = Signer(b"\x07" * 32)
# RFC 8032, section 7.1: secret key, public key, message, signature
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


def build(size: int, *, signer: Signer = SIGNER, every: int = 3, start: datetime = START) -> list[bytes]:
    """The lines of a true export: a checkpoint after every `every` entries and at the end."""
    lines = [header(size, signer)]
    tree, previous = Frontier(), None
    for seq in range(size):
        at = start + timedelta(seconds=seq)
        body = json.dumps({"at": timestamp_text(at), "id": f"entry-{seq}"}, separators=(",", ":")).encode()
        tree.append(leaf_hash(body))
        lines.append(b'{"seq":%d,"leaf":"%s","entry":%s}\n' % (seq, leaf_hash(body).hex().encode(), body))
        if tree.size % every == 0 or tree.size == size:
            text = checkpoint_text(signer.public.origin, tree.size, tree.root(), at=at, behind=False, previous=previous)
            previous = signer.sign(text)
            lines.append(json.dumps({"checkpoint": previous}, ensure_ascii=False).encode() + b"\n")
    return lines


def header(size: int, signer: Signer = SIGNER, center: str | None = None) -> bytes:
    return json.dumps(
        {"format": "quietline-audit-1", "center": center, "key": str(signer.public), "size": size}
    ).encode()


def notes_in(lines: list[bytes]) -> list[str]:
    return [json.loads(line)["checkpoint"] for line in lines if line.startswith(b'{"checkpoint"')]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
def test_the_signatures_of_the_standard_hold_and_altered_ones_do_not(secret, public, message, signature):
    key, text, signed = (bytes.fromhex(part) for part in (public, message, signature))
    assert is_signed(key, text, signed)
    assert not is_signed(key, text + b"x", signed)
    for at in range(64):
        assert not is_signed(key, text, signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :])


def test_our_signatures_are_those_of_the_other_library():
    for _ in range(20):
        private, message = Ed25519PrivateKey.generate(), secrets.token_bytes(100)
        signed = private.sign(message)
        public = private.public_key().public_bytes_raw()
        assert is_signed(public, message, signed)
        order = 2**252 + 27742317777372353535851937790883648493
        scalar = int.from_bytes(signed[32:], "little") + order
        assert not is_signed(public, message, signed[:32] + scalar.to_bytes(32, "little"))


@given(st.integers(0, 60), st.integers(1, 9))
@settings(max_examples=25, deadline=None)
def test_a_true_export_holds_at_every_size(size, every):
    lines = build(size, every=every)
    done = verify(lines, key=str(SIGNER.public), anchors=notes_in(lines)[::2])
    assert done.count == size


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_altered_byte_of_any_line_is_found(data):
    lines = build(20)
    row = data.draw(st.integers(1, len(lines) - 1))
    at = data.draw(st.integers(0, len(lines[row]) - 2))
    line = bytearray(lines[row])
    line[at] ^= data.draw(st.integers(1, 255))
    lines[row] = bytes(line)
    with pytest.raises((Bad, ValueError)):
        verify(lines)


def test_an_entry_that_does_not_end_where_it_must_is_found():
    lines = build(20)
    row = next(at for at, line in enumerate(lines) if b'"seq":4,' in line)
    lines[row] = lines[row].replace(b"}}\n", b"}|\n")
    with pytest.raises(Bad):
        verify(lines)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_missing_doubled_or_moved_line_is_found(data):
    lines = build(20)
    row, other = data.draw(st.lists(st.integers(1, len(lines) - 1), min_size=2, max_size=2, unique=True))
    how = data.draw(st.sampled_from(["missing", "doubled", "moved"]))
    if how == "missing":
        del lines[row]
    elif how == "doubled":
        lines.insert(other, lines[row])
    else:
        lines[row], lines[other] = lines[other], lines[row]
    with pytest.raises((Bad, ValueError)):
        verify(lines)


def test_the_first_bad_entry_is_named():
    lines = build(20)
    row = next(at for at, line in enumerate(lines) if b'"seq":11,' in line)
    lines[row] = lines[row].replace(b"2026-", b"2025-")
    with pytest.raises(Bad) as found:
        verify(lines)
    assert (found.value.seq, found.value.entry) == (11, "entry-11")


def test_an_altered_entry_with_a_fitting_leaf_is_found_by_the_checkpoint_over_it():
    lines = build(20, every=4)
    row = next(at for at, line in enumerate(lines) if b'"seq":9,' in line)
    body = b'{"at":"2026-11-24T03:00:09.000000Z","id":"another"}'
    lines[row] = b'{"seq":9,"leaf":"%s","entry":%s}\n' % (leaf_hash(body).hex().encode(), body)
    with pytest.raises(Bad) as found:
        verify(lines)
    assert found.value.seq == 8
    assert "Entries 8 to 11" in found.value.why


def test_a_log_signed_anew_with_another_key_is_found_by_the_pinned_key_and_by_an_anchor():
    forged, true = build(20, signer=Signer(b"\x08" * 32)), build(20)
    assert verify(forged).count == 20, "without a key or an anchor from before, it must look true"
    with pytest.raises(Bad):
        verify(forged, key=str(SIGNER.public))
    with pytest.raises(Bad):
        verify(forged, anchors=notes_in(true)[:1])


def test_a_log_that_was_cut_is_found_by_an_anchor_alone():
    cut, true = build(12), build(20)
    assert verify(cut).count == 12
    with pytest.raises(Bad) as found:
        verify(cut, anchors=notes_in(true))
    assert found.value.seq == 12


def test_a_second_tree_by_the_true_key_is_found_by_an_anchor():
    fork, true = build(20, start=START + timedelta(microseconds=1)), build(20)
    with pytest.raises(Bad):
        verify(fork, anchors=notes_in(true)[:1])


def test_a_dropped_checkpoint_is_found():
    lines = build(20)
    row = next(at for at, line in enumerate(lines) if line.startswith(b'{"checkpoint"'))
    del lines[row]
    with pytest.raises(Bad) as found:
        verify(lines)
    assert "checkpoint" in found.value.why


def test_a_forged_signature_in_the_middle_is_found():
    lines = build(20)
    row = [at for at, line in enumerate(lines) if line.startswith(b'{"checkpoint"')][2]
    note = json.loads(lines[row])["checkpoint"]
    start, _, signature = note.rpartition(" ")
    raw = bytearray(b64decode(signature))
    raw[20] ^= 1
    lines[row] = json.dumps({"checkpoint": f"{start} {b64encode(raw).decode()}\n"}).encode() + b"\n"
    with pytest.raises(Bad) as found:
        verify(lines)
    assert found.value.seq == 6


def signed_line(seq: int, at: datetime) -> tuple[bytes, bytes]:
    body = json.dumps({"at": timestamp_text(at), "id": f"entry-{seq}"}, separators=(",", ":")).encode()
    leaf = leaf_hash(body)
    return leaf, b'{"seq":%d,"leaf":"%s","entry":%s}\n' % (seq, leaf.hex().encode(), body)


def two_rounds(first: datetime, second: datetime, entry: datetime, behind: bool = False) -> list[bytes]:
    """Two entries under two checkpoints, the second with the given times."""
    leaf_a, line_a = signed_line(0, first)
    leaf_b, line_b = signed_line(1, entry)
    origin = SIGNER.public.origin
    one = SIGNER.sign(checkpoint_text(origin, 1, leaf_a, at=first, behind=behind, previous=None))
    root = root_of([leaf_a, leaf_b])
    two = SIGNER.sign(checkpoint_text(origin, 2, root, at=second, behind=False, previous=one))
    notes = [json.dumps({"checkpoint": note}).encode() + b"\n" for note in (one, two)]
    return [header(2), line_a, notes[0], line_b, notes[1]]


def test_time_may_stand_still_but_not_go_back():
    hour = timedelta(hours=1)
    assert verify(two_rounds(START, START + hour, START + hour)).count == 2
    with pytest.raises(Bad, match="clock went back"):
        verify(two_rounds(START, START - hour, START - hour))
    with pytest.raises(Bad, match="dated back"):
        verify(two_rounds(START, START + hour, START - hour))
    with pytest.raises(Bad, match="dated after"):
        verify(two_rounds(START, START + hour, START + 2 * hour))


def test_an_entry_that_waited_because_the_sequencer_was_behind_is_not_called_dated_back():
    hour = timedelta(hours=1)
    assert verify(two_rounds(START, START + hour, START - hour, behind=True)).count == 2


def test_an_export_of_one_center_keeps_the_tree_without_the_others_entries():
    lines = build(9)
    row = next(at for at, line in enumerate(lines) if b'"seq":4,' in line)
    lines[row] = lines[row][: lines[row].index(b'"entry":')] + b'"entry":null}\n'
    with pytest.raises(Bad, match="gone"):
        verify(lines)
    lines[0] = header(9, center="0192")
    assert verify(lines).withheld == 1


def proof_of(index: int, size: int) -> dict[str, object]:
    bodies = [json.dumps({"at": timestamp_text(START), "id": f"entry-{n}"}) for n in range(size)]
    leaves = [leaf_hash(body.encode()) for body in bodies]
    path = inclusion_proof(index, size, lambda first, last: root_of(leaves[first:last]))
    text = checkpoint_text(SIGNER.public.origin, size, root_of(leaves), at=START, behind=False, previous=None)
    return {
        "format": "quietline-audit-proof-1",
        "key": str(SIGNER.public),
        "seq": index,
        "entry": bodies[index],
        "path": [step.hex() for step in path],
        "checkpoint": SIGNER.sign(text),
    }


@given(st.integers(1, 40), st.data())
@settings(max_examples=30, deadline=None)
def test_the_proof_of_one_entry_holds_for_it_alone(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = proof_of(index, size)
    assert verify_proof(proof, key=str(SIGNER.public)) == f"entry-{index}"
    with pytest.raises(Bad):
        verify_proof(proof | {"entry": str(proof["entry"]).replace("entry-", "entry-9")})
    with pytest.raises(Bad):
        verify_proof(proof, key=str(Signer(b"\x08" * 32).public))


def test_the_command_ends_with_0_1_or_2(tmp_path, capsys):
    export, anchors = tmp_path / "log.ndjson", tmp_path / "anchors"
    lines = build(20)
    export.write_bytes(b"\n".join(line.rstrip(b"\n") for line in lines) + b"\n")
    kept = [json.dumps({"at": "", "note": note}) + "\n" for note in notes_in(build(30))]
    anchors.write_text("".join(kept[:3]) + '{"half a li')
    assert main([str(export), "--anchors", str(anchors), "--key", str(SIGNER.public)]) == 0
    anchors.write_text("".join(kept))
    assert main([str(export), "--anchors", str(anchors)]) == 1
    assert "BAD at sequence 20" in capsys.readouterr().out
    export.write_text("not an export\n")
    assert main([str(export)]) == 2
    assert main([str(tmp_path / "nothing")]) == 2


def test_a_key_has_one_form_and_its_notes_open_with_it_alone():
    note = SIGNER.sign("words\n")
    assert SIGNER.public.opened(note) == "words\n"
    other = PublicKey(Signer(b"\x08" * 32).public.raw)
    for bad in (note.replace("words", "wards"), note.replace("—", "-"), "words\n", "", note[:-3]):
        with pytest.raises(BadNote):
            SIGNER.public.opened(bad)
    with pytest.raises(BadNote):
        other.opened(note)
