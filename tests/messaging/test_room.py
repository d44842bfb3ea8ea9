"""Room for files (FILE-08): a center's share, the disk, and a day's pictures. Texts wait for none of them."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import Membership
from config import modes
from messaging.actions import picture_limits, room
from messaging.actions.erasing import erase_what_is_settled
from messaging.models import Attachment, Conversation, Line
from tenancy.scope import in_center
from tests.doors import browser, signed_in
from tests.messaging.conftest import work_after
from tests.messaging.test_attachments import PDF, came_in, page_of, photo, states
from tests.messaging.test_sending_pictures import desk, put, put_one, said, send, sent, waiting
from tests.messaging.test_voicemails import SOUND, at_twilio, leave, the_recording
from tests.twin_process import TwinProcess

__all__ = ["at_twilio", "desk"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LOOK_AGAIN", 0.0)


@pytest.fixture
def short_of_disk(settings: Any, tmp_path: Any) -> Callable[[bool], None]:
    """The true disk of this machine, with more kept free for texts than it has; or with less."""
    settings.DATABASE_DISK_PATH = str(tmp_path)

    def keep(more_than_there_is: bool) -> None:
        free = shutil.disk_usage(tmp_path).free // room.MB
        settings.FILES_LEAVE_FREE_MB = free + 100_000 if more_than_there_is else 0
        modes.forget()

    keep(True)
    return keep


def test_without_room_on_the_disk_files_wait_at_twilio_texts_come_and_the_thread_says_so(
    twin: TwinProcess, line: Line, naomi: Membership, short_of_disk: Callable[[bool], None]
) -> None:
    came_in(twin, line, ("image/jpeg", photo()), ("application/pdf", PDF), body="Words of hers")
    work_after(0)
    assert states(line) == ["waiting", "waiting"]
    assert twin.ledger["media_fetches"] == []
    page = page_of(naomi, line)
    assert "Words of hers" in page
    assert page.count("will come when there is room") == 2


def test_what_waits_for_room_uses_up_no_tries_and_comes_by_itself_once_there_is_some(
    twin: TwinProcess, line: Line, naomi: Membership, short_of_disk: Callable[[bool], None]
) -> None:
    came_in(twin, line, ("image/jpeg", photo()))
    for minutes in range(0, 70 * 5, 5):
        work_after(minutes * 60)
    assert states(line) == ["waiting"], "a job has 56 tries"
    short_of_disk(False)
    work_after(72 * 5 * 60)
    assert states(line) == ["stored"]
    assert "will come when there is room" not in page_of(naomi, line)


def test_what_waits_for_room_is_not_erased_at_twilio_however_long_it_waits(
    twin: TwinProcess, line: Line, short_of_disk: Callable[[bool], None]
) -> None:
    came_in(twin, line, ("image/jpeg", photo()))
    work_after(0)
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        assert erase_what_is_settled(line.center_id, line.pk) == 0
    assert [media["deleted_at"] for media in twin.ledger["media"]] == [None]


def test_without_room_on_the_disk_a_voicemail_waits_and_comes_later(
    line: Line, naomi: Membership, at_twilio: list[Any], short_of_disk: Callable[[bool], None]
) -> None:
    leave(line)
    work_after(0)
    assert the_recording(line).state == "waiting"
    assert "Her message will come when there is room" in page_of(naomi, line)
    short_of_disk(False)
    work_after(301)
    assert (the_recording(line).state, the_recording(line).content) == ("stored", SOUND)


def test_without_room_on_the_disk_no_picture_is_added_and_words_still_leave(
    desk: Any, conversation: Conversation, short_of_disk: Callable[[bool], None]
) -> None:
    answer = put(desk, conversation, photo())
    assert answer.status_code == 422
    assert "no room for more pictures" in said(answer)
    assert waiting(conversation) == 0
    assert send(desk, conversation, body="Words").status_code == 201
    short_of_disk(False)
    assert put(desk, conversation, photo()).status_code == 201


def test_text_only_is_a_mode_with_a_name_that_ends_by_itself(short_of_disk: Callable[[bool], None]) -> None:
    def now() -> tuple[list[str], int]:
        modes.forget()
        codes = browser().get("/health/modes/text_only", secure=True).status_code
        return browser().get("/health/modes", secure=True).json()["modes"], codes

    assert now() == (["text_only"], 503)
    short_of_disk(False)
    assert now() == ([], 200)


def test_a_disk_that_cannot_be_seen_stops_no_file_and_doctor_says_so(settings: Any) -> None:
    from config.checks import examine

    settings.DATABASE_DISK_PATH = "/nowhere/at/all"
    assert room.free_on_disk() is None
    assert room.has_room_on_disk()
    (finding,) = [found for found in examine() if found.check == "disk"]
    assert (finding.is_warning, "cannot be seen" in finding.fix) == (True, True)


def test_a_full_share_lets_files_wait_and_neither_texts_nor_voicemails_nor_others(
    twin: TwinProcess, line: Line, at_twilio: list[Any], settings: Any, other_center: Any
) -> None:
    settings.FILES_PER_CENTER_MB = 1
    came_in(twin, line, ("video/mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(1_200_000)))
    work_after(0)
    came_in(twin, line, ("image/jpeg", photo()), body="More")
    leave(line)
    work_after(0)
    assert states(line) == ["stored", "waiting"]
    assert the_recording(line).state == "stored"
    with in_center(other_center.pk):
        assert room.has_room_for_files(other_center.pk)
    settings.FILES_PER_CENTER_MB = 10
    work_after(301)
    assert states(line) == ["stored", "stored"]


def test_a_full_share_takes_no_pictures_of_ours_either(desk: Any, conversation: Conversation, settings: Any) -> None:
    put_one(desk, conversation)
    settings.FILES_PER_CENTER_MB = 0.001
    assert "no room for more pictures" in said(put(desk, conversation, photo()))


def test_a_share_is_counted_as_it_lies_in_the_database(
    twin: TwinProcess, line: Line, desk: Any, conversation: Conversation
) -> None:
    came_in(twin, line, ("application/pdf", PDF * 3000))
    work_after(0)
    put_one(desk, conversation)
    with in_center(line.center_id), connection.cursor() as cursor:
        used = room.share_of(line.center_id).used
        cursor.execute(
            "SELECT (SELECT sum(length(content)) FROM messaging_attachment)"
            " + (SELECT sum(length(content)) FROM messaging_draftpicture)"
        )
        assert used == cursor.fetchone()[0] > 100_000


@pytest.mark.parametrize(
    ("used", "said", "unsaid"),
    [(79, "of 100.0", "four fifths"), (80, "four fifths", "is full"), (100, "is full", "four fifths")],
)
def test_the_health_page_says_how_full_a_share_is_and_warns_in_time(
    adina: Membership, monkeypatch: pytest.MonkeyPatch, used: int, said: str, unsaid: str
) -> None:
    share = room.Share(used * 1024 * 1024, 100 * 1024 * 1024)
    monkeypatch.setattr(room, "share_of", lambda center: share)
    page = signed_in(adina).get("/health/").content.decode()
    assert said in page
    assert unsaid not in page
    assert f"({used}&nbsp;%)" in page


def test_one_person_sends_so_many_pictures_a_day_and_her_colleagues_go_on(
    desk: Any, conversation: Conversation, ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_limits, "MOST_OF_ONE", 2)
    send(desk, conversation, put_one(desk, conversation), put_one(desk, conversation))
    answer = put(desk, conversation, photo())
    assert (answer.status_code, "as one person may within a day" in said(answer)) == (422, True)
    assert send(desk, conversation, body="Words").status_code == 201
    assert put(signed_in(ruth), conversation, photo()).status_code == 201
    with in_center(conversation.center_id):
        Attachment.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert put(desk, conversation, photo()).status_code == 201, "the next day"


def test_what_is_too_much_for_a_day_is_not_sent_either_and_words_and_pictures_stay(
    desk: Any, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = [put_one(desk, conversation) for _ in range(3)]
    monkeypatch.setattr(picture_limits, "MOST_OF_ONE", 2)
    answer = send(desk, conversation, *pictures, body="Words that stay")
    assert answer.status_code == 422
    assert "as one person may within a day" in answer.content.decode()
    assert "Words that stay" in answer.content.decode()
    assert waiting(conversation) == 3


def test_a_center_sends_so_many_pictures_a_day(
    desk: Any, conversation: Conversation, ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_limits, "MOST_OF_ALL", 1)
    send(desk, conversation, put_one(desk, conversation))
    assert "Your center has sent as many" in said(put(signed_in(ruth), conversation, photo()))


def test_pictures_of_a_text_that_was_taken_back_and_pictures_of_hers_do_not_count(
    twin: TwinProcess, line: Line, desk: Any, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    came_in(twin, line, ("image/jpeg", photo()))
    work_after(0)
    send(desk, conversation, put_one(desk, conversation))
    desk.post(f"/messages/{sent(conversation).pk}/undo/", secure=True)
    monkeypatch.setattr(picture_limits, "MOST_OF_ONE", 1)
    monkeypatch.setattr(picture_limits, "MOST_OF_ALL", 1)
    assert put(desk, conversation, photo()).status_code == 201
