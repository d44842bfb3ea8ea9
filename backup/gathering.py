"""Sorts the log of changes into data and keys, and keeps what the manifest will say of it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from backup.changes import Act, Begin, Change, Commit, Message, Relation, Truncation, Value, parse
from backup.manifest import Manifest
from backup.problems import CannotFollow
from backup.snapshot import KEYSTORE, LEFT_OUT
from backup.stream import Moment

CHECKPOINTS, MIGRATIONS = "audit_checkpoint", "django_migrations"
DESTROYED = "destroyed"
_ROWS: dict[Act, int] = {"I": 1, "U": 0, "D": -1}


class Gathered:
    """What was committed since a backup. `data` is read to its end before anything else is asked.

    now   any moment of about this time: transactions are told by half of their number
    keys  the messages that are of the keystore; few, so they wait here until the data is written
    """

    def __init__(self, last: Manifest, now: Moment) -> None:
        self.rows = Counter[str]()
        self.changes = 0
        self.destroyed: set[str] = set()
        self.checkpoint = ""
        self.end = last.end
        self.transactions: set[int] = set()
        self.keys: list[bytes] = []
        self._last, self._now, self._base = last, now, Moment.parse(last.moment)
        self._tables: dict[int, Relation] = {}
        self._is_known = False

    def data(self, told: Iterable[bytes]) -> Iterator[bytes]:
        """The messages that are not of the keystore, in their order. Raises CannotFollow, Refused."""
        for raw in told:
            message = parse(raw)
            table = self._noted(message)
            if table == KEYSTORE:
                self.keys.append(raw)
            elif table:
                yield raw

    def _noted(self, message: Message | None) -> str:
        """The table that a message is about, when the increment needs it."""
        match message:
            case Begin():
                self._begin(message)
            case Commit():
                self.end = max(self.end, message.end)
            case Relation():
                self._tables[message.number] = message
                return message.table if message.table != LEFT_OUT else ""
            case Change() if not self._is_known:
                return self._changed(self._tables[message.relation], message)
            case Truncation() if not self._is_known:
                raise CannotFollow("A whole table was emptied.")
        return ""

    def _begin(self, message: Begin) -> None:
        """What the whole backup saw, or the increment before was told, is known."""
        transaction = self._now.whole(message.transaction)
        self._is_known = self._base.sees(transaction) or message.commits < self._last.end
        self.transactions.add(transaction)

    def _changed(self, relation: Relation, change: Change) -> str:
        if relation.table == LEFT_OUT:
            return ""
        if relation.table == MIGRATIONS:
            raise CannotFollow("The tables were brought up to date.")
        self.rows[relation.table] += _ROWS[change.act]
        self.changes += 1
        if relation.table == CHECKPOINTS:
            self._note_checkpoint(relation.named(change.after))
        if relation.table == KEYSTORE:
            self._note_key(relation.named(change.after))
        return relation.table

    def _note_checkpoint(self, row: dict[str, Value]) -> None:
        """They are only ever added, each over more entries than the one before."""
        self.checkpoint = str(row["note"])

    def _note_key(self, row: dict[str, Value]) -> None:
        if row.get("state") == DESTROYED:
            self.destroyed.add(str(row["kid"]).removeprefix("\\x"))
