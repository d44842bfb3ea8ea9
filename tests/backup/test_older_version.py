"""A backup of an older Quietline is restored by this one, and brought up to date on the way (OPS-05)."""

import json
from collections.abc import Iterator

import pytest

from audit.notes import Signer
from backup.manifest import FILE, FIRST_LINE, Manifest
from backup.parts import write_plain
from encryption.keystore import signing_key_bytes
from messaging.models import Conversation, Message
from tenancy.scope import in_center
from tests.backup.conftest import MARKS, Back, House, Kept, migrate, restore, run
from tests.backup.test_round_trip import RIGHTS, look
from tests.databases import Database, connected_to

OLDER = "0003_attachments"  # before calls, holds and hearing there was nothing of them in the tables
COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_schema = 'public' ORDER BY 1, 2"""


@pytest.fixture(scope="module")
def today(house: House) -> dict[str, list[tuple[object, ...]]]:
    return {query: look(house.database, query) for query in (RIGHTS, COLUMNS)}


@pytest.fixture(scope="module")
def older(house: House, today: dict[str, object], back_up: Back) -> Iterator[Kept]:
    """A backup that was made before the newest migrations had run. The house itself is of that time until the end."""
    migrate("messaging", OLDER)
    yield back_up()
    migrate("messaging")


def test_the_older_backup_lacks_tables_of_today(older: Kept) -> None:
    manifest = Manifest.read(older.data, "data")
    assert f"messaging.{OLDER}" in manifest.migrations
    assert "messaging.0004_calls" not in manifest.migrations
    assert "messaging_recording" not in manifest.tables


def test_a_backup_of_an_older_version_is_brought_up_to_date_and_keeps_every_word(
    house: House, today: dict[str, list[tuple[object, ...]]], older: Kept, empty: Database
) -> None:
    code, said = restore(house, older, empty)
    assert code == 0, said
    for query, found in today.items():
        assert look(empty, query) == found
    with connected_to(empty), in_center(house.center.pk):
        assert [message.body for message in Message.objects.filter(direction="in").order_by("sequence")] == MARKS[:2]
        assert Conversation.objects.get().client.name == MARKS[2]


def test_a_drill_proves_a_backup_of_an_older_version(house: House, older: Kept) -> None:
    code, said = run("drill", *older.places, "--private-key", house.private, "--without-twilio")
    assert code == 0, said


def test_a_backup_from_before_increments_is_restored_and_no_increment_follows_it(
    house: House, back_up: Back, increment: Back, empty: Database
) -> None:
    increment()
    first = of_the_first_form(back_up())
    code, said = restore(house, first, empty)
    assert code == 0, said
    assert Manifest.read(increment().data, "data").follows is None


def of_the_first_form(kept: Kept) -> Kept:
    """As a version wrote it that knew nothing of increments."""
    for folder in (kept.data, kept.keys):
        file = folder / FILE
        values = json.loads(file.read_text().partition("\n")[2].rpartition("\n\n")[0])
        for later in ("end", "moment", "sequences", "follows"):
            del values[later]
        file.unlink()
        text = f"{FIRST_LINE} 1\n{json.dumps(values, indent=1, sort_keys=True)}\n"
        write_plain(file, Signer(signing_key_bytes()).sign(text))
    return kept
