"""Where a sealed value lives: the part of its context that its row knows."""

from typing import NamedTuple
from uuid import UUID


class SealScope(NamedTuple):
    """What a row's `seal_scope()` returns. None of it may change once the row is written.

    center     whose value it is; `tenancy.ids.INSTALLATION` for staff and the installation itself
    epoch      the number epoch whose own key seals it; None for everything outside a conversation
    direction  "in", "out" or "note" inside a conversation, else empty
    """

    center: UUID
    epoch: UUID | None = None
    direction: str = ""
