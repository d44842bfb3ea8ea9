#!/usr/bin/env python3
"""Verify an export of Quietline's log. One file, Python 3.11 or newer, standard library only.

    python3 verify.py EXPORT [--anchors FILE] [--key KEY]     an export, against old checkpoints
    python3 verify.py --proof FILE [--key KEY]                one entry, from its proof file

Ends with 0 when all holds, with 1 and the first bad sequence number, or with 2 when it cannot tell. Only
checkpoints kept elsewhere, and a key written down, tell a log replaced as a whole from the true one.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

FORMAT, PROOF_FORMAT = "quietline-audit-1", "quietline-audit-proof-1"
CLOCKS_DIFFER = timedelta(minutes=5)
# Each checkpoint quotes the one before, so a signature holds for all before it: later some are left out.
SIGNATURES_IN_FULL, ENTRIES_A_SIGNATURE = 100, 5_000


class Bad(Exception):
    """The log does not hold: the first sequence number that is not as it was, and its entry."""

    def __init__(self, seq: int, why: str, entry: str | None = None) -> None:
        super().__init__(why)
        self.seq, self.why, self.entry = seq, why, entry


# Ed25519 (RFC 8032, section 5.1), verification only: nothing here is secret, so its time may vary.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]


def add(one: Point, two: Point) -> Point:
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, two
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point(raw: bytes) -> Point | None:
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether s*B = R + h*A, found as s*B + h*(-A) = R in one pass over the bits of s and h."""
    holder, commitment = point(key), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= Q or holder is None or commitment is None:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    minus: Point = (P - holder[0], holder[1], 1, P - holder[3])
    steps, found = {(1, 0): BASE, (0, 1): minus, (1, 1): add(BASE, minus)}, (0, 1, 1, 0)
    for bit in range(252, -1, -1):
        found = add(found, found)
        if step := steps.get((s >> bit & 1, h >> bit & 1)):
            found = add(found, step)
    x, y, z, _ = found
    return (x - commitment[0] * z) % P == 0 and (y - commitment[1] * z) % P == 0


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(frontier: list[bytes]) -> bytes:
    root = frontier[-1] if frontier else hashlib.sha256(b"").digest()
    for left in reversed(frontier[:-1]):
        root = node_hash(left, root)
    return root


def root_by_proof(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root that this path leads to (RFC 9162, 2.1.3), or None if it has the wrong length."""
    if size == 1 or not path:
        return leaf if size == 1 and not path else None
    middle = 1 << (size - 1).bit_length() - 1
    if index < middle:
        below = root_by_proof(leaf, index, middle, path[:-1])
        return below and node_hash(below, path[-1])
    below = root_by_proof(leaf, index - middle, size - middle, path[:-1])
    return below and node_hash(path[-1], below)


class Checkpoint(NamedTuple):
    note: str
    origin: str
    size: int
    root: bytes
    at: str
    behind: bool
    previous: str


def parse_key(text: str) -> tuple[str, bytes, bytes]:
    """name+hex of the key id+base64 of (1 | public key) -> name, key id, public key."""
    name, key_id, key = text.strip().split("+", 2)
    raw = base64.b64decode(key, validate=True)
    expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if raw[:1] != b"\x01" or len(raw) != 33 or expected.hex() != key_id:
        raise ValueError("The key does not fit its own id.")
    return name, expected, raw[1:]


def parse_checkpoint(note: str, seq: int) -> Checkpoint:
    try:
        origin, size, root, at, behind, previous = note.split("\n\n")[0].split("\n")
        if (at[:5], len(at), behind[:7], previous[:9]) != ("time ", 32, "behind ", "previous "):
            raise ValueError
        shifted(at[5:], CLOCKS_DIFFER)
        return Checkpoint(note, origin, int(size), base64.b64decode(root), at[5:], behind[7:] == "1", previous[9:])
    except ValueError:
        raise Bad(seq, "A checkpoint is not in its form.") from None


def check_signature(checkpoint: Checkpoint, key: str, seq: int) -> None:
    name, key_id, public = parse_key(key)
    text, _, signatures = checkpoint.note.rpartition("\n\n")
    for line in signatures.splitlines():
        try:
            raw = base64.b64decode(line.removeprefix(f"— {name} "), validate=True)
        except ValueError:
            continue
        if raw[:4] == key_id and is_signed(public, (text + "\n").encode(), raw[4:]):
            return
    raise Bad(seq, f"The checkpoint of size {checkpoint.size} is not signed by this key.")


def shifted(at: str, by: timedelta) -> str:
    return (datetime.fromisoformat(at) + by).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Log:
    """Takes the lines of an export one by one; raises `Bad` at the first that does not hold."""

    def __init__(self, header: dict[str, Any], key: str | None, anchors: list[str]) -> None:
        if header.get("format") != FORMAT or not isinstance(header.get("size"), int):
            raise ValueError("This is not an export of the log in a form known here.")
        keys: list[str] = header.get("keys") or [str(header.get("key"))]
        self.key, self.next_keys, self.size = keys[0], keys[1:], header["size"]
        self.partial = header.get("center") is not None
        names = {parse_key(each)[0]: each for each in keys}
        if key and parse_key(key) not in map(parse_key, keys):
            raise Bad(0, "The export names another key than the one you gave.")
        self.count = self.withheld = self.checkpoints = self.signed_up_to = 0
        self.frontier: list[bytes] = []
        self.last: Checkpoint | None = None
        self.earliest, self.latest = ("9", 0), ("", 0)
        self.anchored = {parse_checkpoint(note, 0).size: note for note in anchors}
        for size, note in self.anchored.items():
            kept = parse_checkpoint(note, size - 1)
            check_signature(kept, names.get(kept.origin, self.key), size - 1)

    def entry(self, line: bytes) -> None:
        """{"seq":N,"leaf":"64 hex digits","entry":the bytes that were hashed, or null}"""
        seq = self.count
        head = b'{"seq":%d,"leaf":"' % seq
        end = len(head) + 64
        if not line.startswith(head) or line[end : end + 10] != b'","entry":' or not line.endswith(b"}"):
            raise Bad(seq, f"Sequence number {seq} is not where it must be.")
        body = line[end + 10 : -1]
        if body == b"null" and not self.partial:
            raise Bad(seq, "The entry is gone.")
        leaf = bytes.fromhex(line[len(head) : end].decode()) if body == b"null" else leaf_hash(body)
        if leaf.hex().encode() != line[len(head) : end]:
            raise Bad(seq, "The entry is not the one that was recorded.", entry_id(body))
        self.withheld += body == b"null"
        if body != b"null":
            at = body[7:34].decode("ascii", "replace")
            self.earliest, self.latest = min(self.earliest, (at, seq)), max(self.latest, (at, seq))
        while seq & 1:
            leaf, seq = node_hash(self.frontier.pop(), leaf), seq >> 1
        self.frontier.append(leaf)
        self.count += 1

    def checkpoint(self, line: bytes) -> None:
        """{"checkpoint":the signed note}, right after the last entry that it covers"""
        note, good = str(json.loads(line).get("checkpoint")), self.last.size if self.last else 0
        now = parse_checkpoint(note, good)
        if now.size > self.count:
            raise Bad(self.count, f"Sequence number {self.count} is missing.")
        if now.size < self.count or fold(self.frontier) != now.root:
            raise Bad(good, f"Entries {good} to {self.count - 1} are not those of the checkpoint over them.")
        before = hashlib.sha256(self.last.note.encode()).digest() if self.last else b""
        if now.previous != (base64.b64encode(before).decode() or "-"):
            raise Bad(max(good - 1, 0), f"The checkpoint before size {now.size} was altered or removed.")
        self._clock(now)
        if self.anchored.pop(now.size, note) != note:
            raise Bad(good, f"Another checkpoint of size {now.size} was anchored: the log was forked.")
        if self.next_keys and now.origin == parse_key(self.next_keys[0])[0]:
            check_signature(now, self.key, good)  # the key before vouches for the one that takes over
            self.key = self.next_keys.pop(0)
            check_signature(now, self.key, good)
        self.last, self.checkpoints = now, self.checkpoints + 1
        if self.checkpoints <= SIGNATURES_IN_FULL or now.size - self.signed_up_to >= ENTRIES_A_SIGNATURE:
            self._signature()

    def _clock(self, now: Checkpoint) -> None:
        """Time goes on: between checkpoints, and from each entry to the one that signs it."""
        floor = shifted(self.last.at, -CLOCKS_DIFFER) if self.last else ""
        if self.latest[0] > shifted(now.at, CLOCKS_DIFFER):
            raise Bad(self.latest[1], "The entry is dated after the checkpoint that signs it.")
        if now.at < floor:
            raise Bad(self.count - 1, f"The clock went back before the checkpoint of size {now.size}.")
        if self.last and not self.last.behind and self.earliest[0] < floor:
            raise Bad(self.earliest[1], "The entry is dated back: nothing was waiting that long.")
        self.earliest, self.latest = ("9", 0), ("", 0)

    def _signature(self) -> None:
        if self.last and self.signed_up_to < self.last.size:
            check_signature(self.last, self.key, self.signed_up_to)
            self.signed_up_to = self.last.size

    def end(self) -> None:
        good = self.last.size if self.last else 0
        if good != self.count or self.count != self.size:
            raise Bad(good, f"{self.size} entries are announced, {self.count} given, {good} signed.")
        if self.next_keys:
            raise Bad(0, "The export names a key that signed nothing.")
        if self.anchored:
            raise Bad(self.count, f"The checkpoint of size {min(self.anchored)} was anchored and is gone.")
        self._signature()

    def __str__(self) -> str:
        return f"{self.count} entries ({self.withheld} withheld), {self.checkpoints} checkpoints, key {self.key}"


def entry_id(canonical: bytes) -> str | None:
    try:
        return str(json.loads(canonical)["id"])
    except (ValueError, KeyError, TypeError):
        return None


def verify(lines: Iterable[bytes], key: str | None = None, anchors: Iterable[str] = ()) -> Log:
    """Check a whole export; raises `Bad`, or `ValueError` when nothing can be said."""
    stream = iter(lines)
    log = Log(json.loads(next(stream, b"")), key, list(anchors))
    for line in stream:
        (log.checkpoint if line.startswith(b'{"checkpoint":') else log.entry)(line.rstrip(b"\n"))
    log.end()
    return log


def verify_proof(proof: dict[str, Any], key: str | None = None) -> str:
    """Check the proof file of one entry; returns the entry's id."""
    if proof["format"] != PROOF_FORMAT:
        raise ValueError("This is not a proof in a form known here.")
    seq, canonical = int(proof["seq"]), proof["entry"].encode()
    keys, handovers = proof.get("keys") or [proof["key"]], proof.get("handovers", [])
    if len(handovers) != len(keys) - 1 or keys[-1] != proof["key"]:
        raise Bad(seq, "The proof does not show how its keys took over from one another.")
    for before, after, note in zip(keys, keys[1:], handovers, strict=False):
        check_signature(parse_checkpoint(note, seq), before, seq)
        check_signature(parse_checkpoint(note, seq), after, seq)
    if key and parse_key(key) not in map(parse_key, keys):
        raise Bad(seq, "The proof names another key than the one you gave.")
    checkpoint, path = parse_checkpoint(proof["checkpoint"], seq), [bytes.fromhex(at) for at in proof["path"]]
    check_signature(checkpoint, proof["key"], seq)
    inside = 0 <= seq < checkpoint.size
    if not inside or root_by_proof(leaf_hash(canonical), seq, checkpoint.size, path) != checkpoint.root:
        raise Bad(seq, "The entry is not in the tree that was signed.", entry_id(canonical))
    return entry_id(canonical) or ""


def check(given: argparse.Namespace) -> str:
    if given.proof:
        return f"entry {verify_proof(json.loads(given.file.read_text(encoding='utf-8')), given.key)}"
    kept = given.anchors.read_text(encoding="utf-8").split("\n")[:-1] if given.anchors else []  # whole lines only
    with given.file.open("rb") as lines:
        return str(verify(lines, given.key, [json.loads(line)["note"] for line in kept]))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify an export of Quietline's log.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--anchors", type=Path)
    parser.add_argument("--key")
    parser.add_argument("--proof", action="store_true", help="the file is the proof of one entry")
    try:
        code, said = 0, f"OK: {check(parser.parse_args(arguments))}"
    except Bad as bad:
        code, said = 1, f"BAD at sequence {bad.seq}, entry {bad.entry or 'unknown'}: {bad.why}"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        code, said = 2, f"Could not verify: {problem}"
    sys.stdout.write(said + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
