"""What PostgreSQL says of changed rows: the messages of its output plug-in `pgoutput`, version 1 of the protocol.

Source: PostgreSQL's manual, "Logical Replication Message Formats". Values come as PostgreSQL writes them as text.
"""

import struct
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal

from backup.problems import Refused


class _Unchanged(Enum):
    """The mark of a long value that an update left as it was: PostgreSQL does not send it again."""

    MARK = "u"


UNCHANGED: Final = _Unchanged.MARK
Value = str | None | _Unchanged
Row = list[Value]
Act = Literal["I", "U", "D"]  # inserted, updated, deleted


@dataclass(frozen=True)
class Begin:
    """Of the transaction with this number (32 bits of it), and where it was committed."""

    commits: int
    transaction: int


@dataclass(frozen=True)
class Commit:
    """The position right behind the transaction."""

    end: int


@dataclass(frozen=True)
class Relation:
    """A table as it was when the messages that follow were written. `keys` tell a row from any other."""

    number: int
    table: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]

    def named(self, row: Row) -> dict[str, Value]:
        return dict(zip(self.columns, row, strict=False))


@dataclass(frozen=True)
class Change:
    """One row. `before` holds its key when that changed, or when the row went; `after` is empty when it went."""

    act: Act
    relation: int
    before: Row = field(repr=False)
    after: Row = field(repr=False)


@dataclass(frozen=True)
class Truncation:
    """Tables were emptied at once."""


Message = Begin | Commit | Relation | Change | Truncation


def parse(raw: bytes) -> Message | None:
    """A message; None for those that say nothing of rows. Raises Refused for one that is not known."""
    reader, kind = _Reader(raw, 1), raw[:1]
    try:
        match kind:
            case b"B":
                return Begin(reader.number("Q"), reader.skip(8).number("I"))
            case b"C":
                return Commit(reader.skip(9).number("Q"))
            case b"R":
                return _relation(reader)
            case b"I":
                return _change("I", reader)
            case b"U":
                return _change("U", reader)
            case b"D":
                return _change("D", reader)
            case b"T":
                return Truncation()
            case b"O" | b"Y" | b"M":
                return None
        raise ValueError
    except (struct.error, ValueError):
        raise Refused("PostgreSQL told of a change in a form that is not known here.") from None


def _relation(reader: "_Reader") -> Relation:
    number, _, table = reader.number("I"), reader.text(), reader.text()
    reader.skip(1)
    columns = [(reader.number("B"), reader.text(), reader.skip(8)) for _ in range(reader.number("H"))]
    names = tuple(name for _, name, _ in columns)
    return Relation(number, table, names, tuple(name for is_key, name, _ in columns if is_key))


def _change(act: Act, reader: "_Reader") -> Change:
    """A letter tells which row follows: the new one, or the old one by its key."""
    relation, rows = reader.number("I"), dict[bytes, Row]()
    while not reader.at_end:
        which = reader.letter()
        rows[which] = reader.row()
    return Change(act, relation, rows.get(b"K", rows.get(b"O", [])), rows.get(b"N", []))


class _Reader:
    """Reads a message from left to right."""

    def __init__(self, raw: bytes, at: int) -> None:
        self._raw, self._at = raw, at

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._raw)

    def skip(self, count: int) -> "_Reader":
        self._at += count
        return self

    def number(self, form: str) -> int:
        (value,) = struct.unpack_from(f">{form}", self._raw, self._at)
        self._at += struct.calcsize(f">{form}")
        return int(value)

    def letter(self) -> bytes:
        self._at += 1
        return self._raw[self._at - 1 : self._at]

    def text(self) -> str:
        end = self._raw.index(b"\0", self._at)
        found, self._at = self._raw[self._at : end].decode(), end + 1
        return found

    def row(self) -> Row:
        return [self._value() for _ in range(self.number("H"))]

    def _value(self) -> Value:
        match self.letter():
            case b"n":
                return None
            case b"u":
                return UNCHANGED
            case b"t":
                length = self.number("I")
                self._at += length
                return self._raw[self._at - length : self._at].decode()
        raise ValueError
