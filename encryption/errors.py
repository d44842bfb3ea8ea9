"""What can go wrong when a sealed value is opened. None of these ever carries the text or a key."""

from uuid import UUID


class SealError(Exception):
    """A sealed value cannot be opened or made. `key_id` and `row_id` are all that may be logged."""

    def __init__(self, sentence: str, *, key_id: bytes | None = None, row_id: UUID | None = None) -> None:
        super().__init__(sentence)
        self.key_id = key_id.hex() if key_id is not None else None
        self.row_id = row_id


class KeyMissing(SealError):
    """The key that is needed is not in the keystore, or its root key is not loaded."""


class KeyWrong(SealError):
    """Another key was offered than the one that sealed the value."""


class KeyDestroyed(SealError):
    """The key was destroyed to erase what it sealed. It never comes back."""


class EnvelopeAltered(SealError):
    """The bytes were changed, cut, or moved to another row, field, direction, epoch or center."""
