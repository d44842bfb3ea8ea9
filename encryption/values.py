"""What a sealed attribute holds between the database and the reader.

`Envelope` came from the database, `Opened` was read since, `Assigned` is new and not yet sealed.
None of them shows its text in a representation, and none of them carries it into a pickle.
"""

import copy
from dataclasses import dataclass
from typing import Any, NoReturn


class Envelope(bytes):
    """Sealed bytes, told apart by their type from bytes that somebody assigned."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<sealed, {len(self)} bytes>"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Opened:
    """An envelope, what was in it, and the bytes that this was decoded from."""

    envelope: Envelope
    value: Any
    plain: bytes

    def __repr__(self) -> str:
        return "<opened>"

    def __deepcopy__(self, memo: dict[int, Any]) -> "Opened":
        return Opened(self.envelope, copy.deepcopy(self.value, memo), self.plain)

    def __reduce__(self) -> tuple[type[Envelope], tuple[bytes]]:
        return Envelope, (bytes(self.envelope),)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Assigned:
    """A value that waits to be sealed."""

    value: Any

    def __repr__(self) -> str:
        return "<not sealed yet>"

    def __deepcopy__(self, memo: dict[int, Any]) -> "Assigned":
        return Assigned(copy.deepcopy(self.value, memo))

    def __reduce__(self) -> NoReturn:
        raise TypeError("A row whose sealed values are not saved yet cannot be pickled.")


Stored = Envelope | Opened | Assigned | None
