"""Files that can be saved are scanned for viruses where there is a scanner; what it warns of is not kept (FILE-07)."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from config.checks import examine
from messaging import scanner
from messaging.actions.erasing import erase_what_is_settled
from messaging.models import Line
from messaging.scanner import NotScanned, is_harmful
from tenancy.scope import in_center
from tests.doors import signed_in
from tests.messaging.clamd import (
    EICAR,
    Answer,
    as_clamd_does,
    drop_by_drop,
    neighbour,
    saying,
    silent,
    without_end,
)
from tests.messaging.conftest import work_after
from tests.messaging.test_attachments import PDF, came_in, page_of, photo, stored
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db
FAULTS: dict[str, Answer] = {
    "garbage": saying(b"\x00\xff\x00 all is well"),
    "nothing": saying(b""),
    "half": saying(b"stream: O"),
    "error": saying(b"INSTREAM size limit exceeded. ERROR\0"),
    "yes-and-no": saying(b"stream: OK\nstream: A FOUND\0"),
    "not-quite": saying(b"stream: OK, I think\0"),
    "other-file": saying(b"/etc/passwd: OK\0"),
    "drop-by-drop": drop_by_drop,
    "without-end": without_end,
    "silent": silent,
}


@pytest.fixture
def clamd(settings: Any) -> Iterator[Any]:
    """A scanner that answers."""
    with neighbour() as server:
        settings.CLAMD = server.address
        yield server


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "SECONDS", 0.5)


def test_a_clean_file_is_told_from_a_harmful_one_whole_and_by_either_way(
    clamd: Any, settings: Any, tmp_path: Path
) -> None:
    large = bytes(range(256)) * 20_000
    assert is_harmful(large) is False
    assert clamd.scanned == [large]
    assert is_harmful(large + EICAR) is True
    with neighbour(path=str(tmp_path / "clamd.sock")) as server:
        settings.CLAMD = server.address
        assert (is_harmful(EICAR), is_harmful(PDF), is_harmful(b"")) == (True, False, False)


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_is_no_clear_answer_is_none_and_takes_no_longer_than_is_said(
    settings: Any, impatient: None, fault: str
) -> None:
    with neighbour(FAULTS[fault]) as server:
        settings.CLAMD = server.address
        began = time.monotonic()
        with pytest.raises(NotScanned):
            is_harmful(PDF)
        assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(("host", "named"), [("::1", "[::1]"), ("::1", "::1"), ("127.0.0.1", "localhost")])
def test_a_scanner_is_asked_at_an_address_of_either_kind_and_by_name(settings: Any, host: str, named: str) -> None:
    with neighbour(host=host) as server:
        settings.CLAMD = f"{named}:{server.server_address[1]}"
        assert [found.fix for found in examine() if found.check == "virus scanner's address"] == [""]
        assert (is_harmful(EICAR), is_harmful(PDF)) == (True, False)


def test_nobody_waits_for_a_scanner_longer_than_twenty_seconds() -> None:
    assert scanner.SECONDS <= 20


@pytest.mark.parametrize("address", ["127.0.0.1:9", "[::1]:9", "/nowhere/clamd.sock"])
def test_a_scanner_that_is_not_there_is_no_answer(settings: Any, address: str) -> None:
    settings.CLAMD = address
    with pytest.raises(NotScanned):
        is_harmful(PDF)
    assert not scanner.answers()


def test_without_a_scanner_a_file_says_that_it_was_not_scanned(
    twin: TwinProcess, line: Line, naomi: Membership, settings: Any
) -> None:
    settings.CLAMD = ""
    came_in(twin, line, ("application/pdf", PDF), ("image/jpeg", photo()))
    work_after(600)
    page = page_of(naomi, line)
    assert page.count("not scanned for viruses") == 1, "a picture was drawn anew"
    assert [file.scanned_at for file in stored(line)] == [None, None]


def test_a_clean_file_is_offered_without_a_warning(
    twin: TwinProcess, line: Line, naomi: Membership, clamd: Any
) -> None:
    came_in(twin, line, ("application/pdf", PDF))
    work_after(0)
    (file,) = stored(line)
    assert (file.state, file.content, clamd.scanned) == ("stored", PDF, [PDF])
    page = page_of(naomi, line)
    assert "save it" in page
    assert "not scanned for viruses" not in page


def test_a_harmful_file_is_not_kept_says_so_is_on_the_record_and_goes_at_twilio(
    twin: TwinProcess, line: Line, naomi: Membership, adina: Membership, clamd: Any
) -> None:
    came_in(twin, line, ("application/pdf", PDF + EICAR), body="Words of hers")
    work_after(0)
    (file,) = stored(line)
    assert (file.state, file.content) == ("harmful", None)
    page = page_of(naomi, line)
    assert "Words of hers" in page
    assert "the virus scanner warns of" in page
    assert "save it" not in page
    assert signed_in(naomi).get(f"/files/{file.pk}/").status_code == 404
    with in_center(line.center_id):
        assert LogEntry.objects.filter(event=Event.FILE_BLOCKED).count() == 1
    health = signed_in(adina).get("/health/").content.decode()
    assert "warned of, not kept</dt> <dd> 1 " in " ".join(health.split())
    with time_machine.travel(timezone.now() + timedelta(hours=50)):
        assert erase_what_is_settled(line.center_id, line.pk) == 1


@pytest.mark.parametrize(("file", "becomes"), [(PDF, "stored"), (PDF + EICAR, "harmful")], ids=["clean", "harmful"])
def test_while_the_scanner_does_not_answer_a_file_is_kept_with_a_warning_and_scanned_later(
    twin: TwinProcess, line: Line, naomi: Membership, adina: Membership, settings: Any, file: bytes, becomes: str
) -> None:
    with neighbour(saying(b"")) as server:
        settings.CLAMD = server.address
        came_in(twin, line, ("application/pdf", file))
        for minutes in range(0, 130, 5):
            work_after(minutes * 60)
        assert [kept.state for kept in stored(line)] == ["stored"], "more often than a job has tries"
        assert "not scanned for viruses" in page_of(naomi, line)
        server.answer = as_clamd_does
        work_after(140 * 60)
    (kept,) = stored(line)
    assert (kept.state, kept.content) == (becomes, file if becomes == "stored" else None)
    assert kept.scanned_at is not None
    assert "not scanned for viruses" not in page_of(naomi, line)
    with in_center(line.center_id):
        assert LogEntry.objects.filter(event=Event.FILE_BLOCKED).count() == int(becomes == "harmful")


def test_a_file_that_waits_to_be_scanned_waits_no_more_once_the_scanner_was_taken_away(
    twin: TwinProcess, line: Line, settings: Any
) -> None:
    settings.CLAMD = "127.0.0.1:9"
    came_in(twin, line, ("application/pdf", PDF))
    work_after(0)
    settings.CLAMD = ""
    assert work_after(400) == 1
    assert work_after(4000) == 0


def test_the_health_page_says_whether_the_scanner_answers(adina: Membership, clamd: Any, settings: Any) -> None:
    desk = signed_in(adina)
    assert "The virus scanner does not answer" not in desk.get("/health/").content.decode()
    settings.CLAMD = "127.0.0.1:9"
    assert "The virus scanner does not answer" in desk.get("/health/").content.decode()


@pytest.mark.parametrize(
    "address", ["scanner.example.org:3310", "10.0.0.7:3310", "127.0.0.1", "127.0.0.1:x", "clamd.ctl"]
)
def test_files_go_in_clear_to_no_other_machine(settings: Any, address: str) -> None:
    settings.CLAMD = address
    assert [found.is_red for found in examine() if found.check == "virus scanner's address"] == [True]


def test_a_scanner_that_is_silent_stops_no_start(settings: Any, clamd: Any) -> None:
    def said() -> list[tuple[bool, bool]]:
        return [(found.is_red, bool(found.fix)) for found in examine() if found.check.startswith("virus scanner")]

    assert said() == [(False, False), (False, False)]
    settings.CLAMD = "127.0.0.1:9"
    assert said() == [(False, False), (False, True)]
