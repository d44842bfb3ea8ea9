"""While the database is away, posts of Twilio's wait on disk, sealed, and are taken in afterwards: once, in order."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from psycopg.errors import LockNotAvailable
from pytest_django import Settings

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from messaging import webhooks
from messaging.actions import draining, spool
from messaging.actions.draining import drain
from messaging.models import Call, CallState, FollowUp, FollowUpKind, Line, Message, Recording, Status
from messaging.twilio import forget_doors
from tenancy.scope import in_center
from tests.cast import PHONE
from tests.doors import SID, post_signed, sid, signed_in, status_of, text_in
from tests.messaging.conftest import Reply, fresh, work_after
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db
WORDS = "marzipan at midnight"
Away = Callable[[], Any]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings, center: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.SPOOL_PATH = str(tmp_path / "spool")
    spool.prepare()
    monkeypatch.setattr(webhooks, "_away_until", 0.0)
    return tmp_path / "spool"


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch, line: Line) -> Iterator[pytest.MonkeyPatch]:
    """The database is away: nothing can be kept, nor any line looked up that this process has not seen."""
    text_in(line, "Before", MessageSid=sid(900))

    def gone(*args: object, **kwargs: object) -> None:
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(webhooks, "hear", gone)
        yield broken
    monkeypatch.setattr(webhooks, "_away_until", 0.0)


def files(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.is_file() and file.name != spool.PUBLIC_KEY]


def bodies(line: Line) -> list[str]:
    with in_center(line.center_id):
        return [text.body for text in Message.objects.filter(direction="in").order_by("sequence")]


def test_a_text_is_kept_on_disk_and_answered(line: Line, away: Any, folder: Path) -> None:
    response = text_in(line, WORDS)
    assert (response.status_code, response.content) == (200, b"<Response/>")
    assert len(files(folder)) == 1
    assert bodies(line) == ["Before"]


def test_what_waits_is_taken_in_once_and_said_to_be_late(line: Line, away: Any, folder: Path) -> None:
    text_in(line, WORDS)
    assert drain() == 1
    assert drain() == 0
    assert bodies(line) == ["Before", WORDS]
    assert files(folder) == []
    with in_center(line.center_id):
        text = Message.objects.get(twilio_sid=SID)
        assert text.came_late
        assert LogEntry.objects.filter(event=Event.MESSAGE_RECEIVED, object_pk=str(text.pk)).count() == 1


def test_texts_are_taken_in_in_the_order_in_which_they_came(line: Line, away: Any) -> None:
    for number in range(20):
        text_in(line, f"text {number}", MessageSid=sid(number))
    drain()
    assert bodies(line) == ["Before", *[f"text {number}" for number in range(20)]]


def test_a_post_that_came_by_both_ways_is_kept_once(line: Line, away: pytest.MonkeyPatch) -> None:
    text_in(line, WORDS)
    text_in(line, WORDS)
    away.undo()
    webhooks._away_until = 0.0
    text_in(line, WORDS)
    drain()
    assert bodies(line) == ["Before", WORDS]


def test_a_drain_that_was_cut_off_before_it_could_forget_writes_nothing_twice(
    line: Line, away: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text_in(line, WORDS)
    with monkeypatch.context() as cut:
        cut.setattr(spool, "done", lambda file: None)
        drain()
    assert drain() == 1
    assert bodies(line) == ["Before", WORDS]


def test_a_drain_stops_where_the_database_is_away_again_and_keeps_the_rest(
    line: Line, away: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        text_in(line, f"text {number}", MessageSid=sid(number))
    hear, calls = draining.hear, []

    def once(*args: Any, **kwargs: Any) -> None:
        calls.append(1)
        if len(calls) > 1:
            raise OperationalError
        hear(*args, **kwargs)

    with monkeypatch.context() as broken:
        broken.setattr(draining, "hear", once)
        assert drain() == 1
    assert len(files(folder)) == 2
    assert drain() == 2
    assert bodies(line) == ["Before", "text 0", "text 1", "text 2"]


def test_nothing_in_the_folder_can_be_read(line: Line, away: Any, folder: Path) -> None:
    text_in(line, WORDS)
    (file,) = files(folder)
    content = file.read_bytes()
    for mark in (WORDS.encode(), PHONE.encode(), PHONE[1:].encode(), SID.encode(), line.pk.bytes, b"message"):
        assert mark not in content
    assert WORDS not in file.name
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_two_posts_of_the_same_words_look_different(line: Line, away: Any, folder: Path) -> None:
    text_in(line, WORDS)
    text_in(line, WORDS)
    one, other = (file.read_bytes() for file in files(folder))
    assert one[41:] != other[41:]


def test_a_forged_post_is_refused_while_the_database_is_away(line: Line, away: Any, folder: Path) -> None:
    assert text_in(line, WORDS, token="f" * 32).status_code == 403
    assert text_in(line, WORDS, AccountSid="AC" + "9" * 32).status_code == 403
    assert text_in(line, WORDS, To="+16145550777").status_code == 403
    assert files(folder) == []


def test_a_post_to_a_line_not_seen_before_is_kept_and_proved_when_it_is_taken_in(
    line: Line, away: pytest.MonkeyPatch, folder: Path
) -> None:
    def gone(line_id: object) -> None:
        raise OperationalError

    forget_doors()
    away.setattr(webhooks, "door_of", gone)
    assert text_in(line, WORDS).status_code == 200
    assert text_in(line, "forged", token="f" * 32, MessageSid=sid(2)).status_code == 200
    assert drain() == 2
    assert bodies(line) == ["Before", WORDS]
    with in_center(line.center_id):
        assert LogEntry.objects.get(event=Event.WEBHOOK_REFUSED).facts["reason"] == "signature"


def test_posts_that_cannot_be_proved_do_not_fill_the_disk(
    line: Line, away: pytest.MonkeyPatch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MOST_UNPROVEN", 2)

    def gone(line_id: object) -> None:
        raise OperationalError

    away.setattr(webhooks, "door_of", gone)
    path = f"/hooks/twilio/{uuid4()}/message"
    answers = [post_signed(path, {"MessageSid": SID}, "x").status_code for _ in range(4)]
    assert answers == [200, 200, 503, 503]
    assert text_in(line, WORDS).status_code == 200, "a line that is known is still kept"


def test_a_database_that_was_away_is_not_asked_again_at_once(line: Line, away: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def gone(*args: object, **kwargs: object) -> None:
        asked.append(1)
        raise OperationalError

    away.setattr(webhooks, "hear", gone)
    for number in range(5):
        assert text_in(line, WORDS, MessageSid=sid(number)).status_code == 200
    assert len(asked) == 1


def test_without_a_spool_the_answer_is_503_and_twilio_tries_again(line: Line, away: Any, folder: Path) -> None:
    os.rename(folder, folder.with_name("gone"))
    assert text_in(line, WORDS).status_code == 503
    assert text_in(line, hook="status", MessageStatus="sent").status_code == 503


def test_a_caller_hears_a_sentence_whatever_is_away(line: Line, away: Any, folder: Path) -> None:
    call = {"hook": "voice", "CallSid": "CA" + "1" * 32, "CallStatus": "ringing"}
    assert b"<Record " in text_in(line, **call).content
    os.rename(folder, folder.with_name("gone"))
    assert b"<Record " in text_in(line, **call).content


def test_a_caller_can_leave_a_message_whatever_goes_wrong_here(
    line: Line, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as trouble:
        trouble.setattr(webhooks, "hear", broken)
        for hook in ("voice", "dial"):
            answer = text_in(line, hook=hook, CallSid="CA" + "1" * 32, CallStatus="ringing", DialCallStatus="busy")
            assert (answer.status_code, b"<Record " in answer.content) == (200, True)
    assert spool.count() == 2
    drain()
    with in_center(line.center_id):
        assert FollowUp.objects.open().filter(kind=FollowUpKind.MISSED_CALL).count() == 1


def test_a_call_that_waited_owes_a_call_back(line: Line, away: Any) -> None:
    text_in(line, hook="voice", CallSid="CA" + "1" * 32, CallStatus="ringing")
    text_in(line, hook="call_status", CallSid="CA" + "1" * 32, CallStatus="completed")
    drain()
    with in_center(line.center_id):
        assert Call.objects.count() == 1
        assert FollowUp.objects.open().filter(kind=FollowUpKind.MISSED_CALL).count() == 1


def test_every_step_of_a_call_is_answered_and_kept_while_the_database_is_away(line: Line, away: Any) -> None:
    about = {"CallSid": "CA" + "1" * 32, "CallStatus": "in-progress"}
    recording = {"RecordingSid": "RE" + "1" * 32, "RecordingStatus": "completed", "RecordingDuration": "9"}
    assert b"<Record " in text_in(line, hook="voice", **about).content
    assert b"<Record " in text_in(line, hook="dial", **about, DialCallStatus="busy").content
    assert b"<Record " not in text_in(line, hook="dial", **about, DialBridged="true").content
    query = f"?call={about['CallSid']}"
    leg = {"CallSid": "CA" + "9" * 32, "CallStatus": "in-progress"}
    assert b"<Gather " in text_in(line, hook="whisper", query=query, **leg).content
    assert b"<Hangup" not in text_in(line, hook="whisper", query=query, **leg, Digits="1").content
    assert b"<Record " not in text_in(line, hook="record", **about, **recording).content
    assert text_in(line, hook="recording", **about, **recording).status_code == 204
    assert text_in(line, hook="leg_status", query=query, **leg).status_code == 204
    assert spool.count() == 8
    drain()
    with in_center(line.center_id):
        assert Call.objects.get().state == CallState.MISSED
        assert Recording.objects.without_content().get().state == "coming"
        assert FollowUp.objects.open().filter(kind=FollowUpKind.MISSED_CALL).count() == 1


def test_a_status_that_waited_is_heeded(twin: TwinProcess, line: Line, reply: Reply, naomi: Membership) -> None:
    message = reply(naomi)
    work_after(6)
    sent = fresh(message)
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(webhooks, "hear", lambda *a, **k: (_ for _ in ()).throw(OperationalError()))
        assert status_of(line, message.pk, "delivered", str(sent.twilio_sid)).status_code == 204
    drain()
    assert fresh(message).status == Status.DELIVERED


@pytest.mark.parametrize("cut", [0, 1, 8, 9, 10, 40, 41, 60, -17, -1])
def test_a_file_that_is_not_whole_is_set_aside_and_the_rest_is_taken_in(
    line: Line, away: Any, folder: Path, cut: int
) -> None:
    text_in(line, "first", MessageSid=sid(1))
    (broken,) = files(folder)
    broken.write_bytes(broken.read_bytes()[:cut])
    text_in(line, "second", MessageSid=sid(2))
    drain()
    assert bodies(line) == ["Before", "second"]
    assert files(folder) == []
    assert spool.count_set_aside() == 1


def test_a_file_of_somebody_elses_is_left_alone(line: Line, away: Any, folder: Path) -> None:
    (folder / "notes.txt").write_text("not ours")
    (folder / "00000000000000000000-aaaaaaaa.partial").write_bytes(b"half")
    text_in(line, WORDS)
    assert drain() == 1
    assert {file.name for file in files(folder)} == {"notes.txt", "00000000000000000000-aaaaaaaa.partial"}


def test_an_odd_post_is_set_aside_and_not_lost(line: Line, away: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text_in(line, "first", MessageSid=sid(1))
    with monkeypatch.context() as broken:
        broken.setattr(draining, "hear", lambda *a, **k: 1 / 0)
        drain()
    assert spool.count_set_aside() == 1


def test_the_health_page_says_what_waits_and_what_was_set_aside(
    line: Line, away: Any, folder: Path, adina: Membership
) -> None:
    text_in(line, WORDS)
    page = signed_in(adina).get("/health/").content.decode()
    assert "Texts wait in the spool" in page
    (file,) = files(folder)
    file.write_bytes(b"x")
    drain()
    assert "was set aside" in signed_in(adina).get("/health/").content.decode()


def test_a_page_says_that_storage_is_away_and_when_to_try_again(
    adina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(adina)
    client.raise_request_exception = False

    def gone(*args: object, **kwargs: object) -> None:
        raise OperationalError

    monkeypatch.setattr("config.health.standing", gone)
    response = client.get("/health/")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "Our storage cannot be reached" in response.content.decode()
    monkeypatch.setattr("config.health.standing", lambda center: 1 / 0)
    assert client.get("/health/").status_code == 500


def _contended(*args: object, **kwargs: object) -> None:
    raise OperationalError from LockNotAvailable()


def test_a_lock_that_somebody_holds_keeps_one_post_waiting_and_no_other(
    line: Line, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as held:
        held.setattr(webhooks, "hear", _contended)
        assert text_in(line, WORDS).status_code == 200
    assert len(files(folder)) == 1
    assert text_in(line, "Another one", MessageSid=sid(3)).status_code == 200
    assert bodies(line) == ["Another one"]
    assert drain() == 1
    assert bodies(line) == ["Another one", WORDS]


def test_a_lock_in_the_way_of_one_post_holds_up_none_behind_it(
    line: Line, away: pytest.MonkeyPatch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        text_in(line, f"text {number}", MessageSid=sid(number))
    real = draining.hear

    def hear(door: Any, hook: str, post: Any, *args: Any, **kwargs: Any) -> Any:
        return _contended() if post["Body"] == "text 0" else real(door, hook, post, *args, **kwargs)

    with monkeypatch.context() as held:
        held.setattr(draining, "hear", hear)
        assert drain() == 2
    assert bodies(line) == ["Before", "text 1", "text 2"]
    assert drain() == 1
    assert bodies(line)[-1] == "text 0"
