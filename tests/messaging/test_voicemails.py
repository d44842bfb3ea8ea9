"""Messages that callers leave: fetched, sealed, played in ranges, erased at Twilio; or plainly said to be missing."""

import io
import wave
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.actions import voicemails
from messaging.actions.erasing import count_overdue, erase_what_is_settled
from messaging.actions.reconciling import recover_recordings
from messaging.actions.voicemails import kind_of_sound
from messaging.models import Call, CallState, Conversation, FollowUp, FollowUpKind, Line, Recording
from messaging.twilio import Busy, Gone, RecordingPost, TooLarge
from tenancy.scope import in_center
from tests.doors import signed_in, text_in
from tests.messaging.conftest import work_after
from tests.messaging.test_calls import CALL, MESSAGE, call, page, recorded

pytestmark = pytest.mark.django_db


def tone(seconds: float = 5) -> bytes:
    """A sound of several chunks, in which every piece is another one."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"".join((n % 60_000).to_bytes(2, "little") for n in range(int(8000 * seconds))))
    return out.getvalue()


SOUND = tone()


@pytest.fixture
def at_twilio(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Twilio answers to each asking; the last answer stays."""
    answers: list[Any] = [SOUND]

    def fetch(door: object, sid: str) -> bytes:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return bytes(answer)

    monkeypatch.setattr(voicemails, "fetch_recording", fetch)
    return answers


def leave(line: Line) -> None:
    call(line)
    call(line, "record", RecordingSid=MESSAGE, RecordingDuration="21", Digits="hangup")
    recorded(line)
    call(line, "call_status")


def the_recording(line: Line) -> Recording:
    with in_center(line.center_id):
        found = Recording.objects.get()
        assert found.content is None or found.content
    return found


def played(line: Line, member: Membership, asked: str = "") -> Any:
    headers = {"Range": asked} if asked else {}
    return signed_in(member).get(f"/voicemails/{the_recording(line).pk}/", headers=headers, follow=True)


def test_a_message_is_fetched_sealed_and_shown(line: Line, naomi: Membership, at_twilio: list[Any]) -> None:
    leave(line)
    assert "Her message is still coming." in page(line, naomi)
    work_after(0)
    kept = the_recording(line)
    assert (kept.state, kept.content_type, kept.content) == ("stored", "audio/wav", SOUND)
    shown = page(line, naomi)
    assert "She called and left a message (0:21)" in shown
    assert f'src="/voicemails/{kept.pk}/"' in shown
    assert 'preload="none"' in shown
    assert "Voicemail" in signed_in(naomi).get("/inbox/list/").content.decode()


def test_nothing_of_a_message_stands_in_the_database_in_clear(line: Line, at_twilio: list[Any]) -> None:
    at_twilio[:] = [SOUND[:44] + b"planted-voice-of-hers" * 3000]
    leave(line)
    work_after(0)
    with in_center(line.center_id), connection.cursor() as cursor:
        cursor.execute("SELECT content FROM messaging_recording")
        raw = bytes(cursor.fetchone()[0])
    assert raw[:1] == b"\x81"
    assert b"planted-voice" not in raw


def test_playing_a_message_is_on_the_record(line: Line, naomi: Membership, at_twilio: list[Any]) -> None:
    leave(line)
    work_after(0)
    answer = played(line, naomi)
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "audio/wav", SOUND)
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["Cache-Control"].startswith("no-store")
    assert "sandbox" in answer["Content-Security-Policy"]
    with in_center(line.center_id):
        assert LogEntry.objects.filter(event=Event.VOICEMAIL_PLAYED, actor_id=naomi.staff_id).count() == 1


END = len(SOUND)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-", 0, END),
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=16383-16384", 16_383, 16_385),
        ("bytes=16384-32767", 16_384, 32_768),
        ("bytes=70000-999999999", 70_000, END),
        ("bytes=-10", END - 10, END),
        ("bytes=-999999", 0, END),
    ],
)
def test_a_range_is_that_part_of_it(line, naomi, at_twilio, asked, start, end) -> None:
    leave(line)
    work_after(0)
    answer = played(line, naomi, asked)
    assert (answer.status_code, answer.content) == (206, SOUND[start:end])
    assert answer["Content-Range"] == f"bytes {start}-{end - 1}/{END}"


@pytest.mark.parametrize("asked", [f"bytes={END}-", "bytes=-0", "bytes=99999999-"])
def test_a_range_beyond_the_end_is_refused_with_its_length(line, naomi, at_twilio, asked) -> None:
    leave(line)
    work_after(0)
    answer = played(line, naomi, asked)
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{END}")


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=-", "bytes=0-1,5-9", "items=0-5", "bytes=" + "9" * 40])
def test_a_range_that_is_not_understood_is_passed_over(line, naomi, at_twilio, asked) -> None:
    leave(line)
    work_after(0)
    answer = played(line, naomi, asked)
    assert (answer.status_code, len(answer.content)) == (200, END)


def test_a_range_opens_only_the_chunks_it_needs(line, naomi, at_twilio, monkeypatch) -> None:
    from encryption.chunks import SealedFile

    leave(line)
    work_after(0)
    opened = []
    open_one = SealedFile._open
    monkeypatch.setattr(SealedFile, "_open", lambda file, number: opened.append(number) or open_one(file, number))
    browser = signed_in(naomi)
    with in_center(line.center_id):
        pk = Recording.objects.without_content().get().pk
    opened.clear()
    browser.get(f"/voicemails/{pk}/", headers={"Range": "bytes=20000-20010"}, follow=True)
    assert opened == [END // 16_384, 1]  # the last proves that nothing was cut


def test_an_address_lasts_a_minute_and_opens_in_no_other_session(line, naomi, ruth, at_twilio) -> None:
    leave(line)
    work_after(0)
    pk = the_recording(line).pk
    browser = signed_in(naomi)
    way = browser.get(f"/voicemails/{pk}/")["Location"]
    assert browser.get(way).status_code == 200
    other = signed_in(ruth).get(way)
    assert (other.status_code, other["Location"]) == (302, f"/voicemails/{pk}/")
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert browser.get(way)["Location"] == f"/voicemails/{pk}/"
    assert browser.get(way[:-3] + "x/").status_code == 302


def test_a_message_of_another_center_does_not_exist(line, mara, at_twilio) -> None:
    leave(line)
    work_after(0)
    pk = the_recording(line).pk
    browser = signed_in(mara)
    assert browser.get(f"/voicemails/{pk}/").status_code == 404
    assert browser.get(f"/voicemails/{pk}/sound/x/").status_code == 404
    assert browser.post(f"/voicemails/{pk}/again/").status_code == 404


def test_a_message_in_a_colleague_s_conversation_does_not_exist(line, naomi, ruth, at_twilio) -> None:
    leave(line)
    work_after(0)
    with in_center(line.center_id):
        Conversation.objects.update(assignee=ruth.staff_id)
    pk = the_recording(line).pk
    assert signed_in(naomi).get(f"/voicemails/{pk}/").status_code == 404


def test_a_message_that_is_not_ready_is_fetched_later(line: Line, at_twilio: list[Any]) -> None:
    at_twilio[:] = [Gone(), Busy(), SOUND]
    leave(line)
    work_after(0)
    assert the_recording(line).state == "coming"
    work_after(60)
    work_after(120)
    assert the_recording(line).state == "stored"


def test_a_message_that_twilio_lost_is_said_to_be_lost_and_can_be_asked_for_again(line, naomi, at_twilio) -> None:
    at_twilio[:] = [Gone()]
    leave(line)
    work_after(3 * 3600)
    assert the_recording(line).state == "lost"
    assert "Her message could not be fetched." in page(line, naomi)
    at_twilio[:] = [SOUND]
    assert signed_in(naomi).post(f"/voicemails/{the_recording(line).pk}/again/").status_code == 302
    work_after(0)
    assert the_recording(line).state == "stored"


def test_after_a_day_a_person_is_asked(line: Line, at_twilio: list[Any]) -> None:
    at_twilio[:] = [Busy()]
    leave(line)
    for hours in range(60):
        work_after(hours * 3600)
    assert the_recording(line).state == "lost"
    with in_center(line.center_id):
        assert FollowUp.objects.open().filter(kind=FollowUpKind.WORK_FAILED).count() == 1


@pytest.mark.parametrize("answer", [TooLarge(), b"<html>not a sound</html>", b"\xff\xd8\xff a picture", b""])
def test_what_is_no_sound_is_refused(line: Line, naomi: Membership, at_twilio: list[Any], answer: Any) -> None:
    at_twilio[:] = [answer]
    leave(line)
    work_after(0)
    assert (the_recording(line).state, the_recording(line).content) == ("refused", None)
    assert "cannot be played" in page(line, naomi)
    assert signed_in(naomi).get(f"/voicemails/{the_recording(line).pk}/").status_code == 404


def test_a_sound_is_known_by_its_first_bytes() -> None:
    assert kind_of_sound(SOUND) == "audio/wav"
    assert kind_of_sound(b"ID3\x04rest") == kind_of_sound(b"\xff\xfb\x90rest") == "audio/mpeg"
    assert kind_of_sound(b"RIFF\x10\x00\x00\x00WEBP") == ""


def test_a_message_without_a_word_is_a_missed_call(line: Line, naomi: Membership, at_twilio: list[Any]) -> None:
    call(line)
    recorded(line, RecordingStatus="absent", RecordingDuration="")
    call(line, "call_status")
    assert "She called, nobody answered" in page(line, naomi)
    assert work_after(0) == 0


def test_messages_are_erased_at_twilio_and_counted_while_they_are_late(line, at_twilio, monkeypatch) -> None:
    from messaging.actions import erasing

    is_gone = [False]
    monkeypatch.setattr(erasing, "erase_recording", lambda door, sid: is_gone[0])
    leave(line)
    work_after(0)
    assert erase_what_is_settled(line.center_id, line.pk) == 0
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert erase_what_is_settled(line.center_id, line.pk) == 0
        with in_center(line.center_id):
            assert count_overdue(line.center_id) == 1
        is_gone[0] = True
        assert erase_what_is_settled(line.center_id, line.pk) == 1
        with in_center(line.center_id):
            assert count_overdue(line.center_id) == 0


def test_a_message_that_was_not_fetched_is_not_erased(line, at_twilio, monkeypatch) -> None:
    from messaging.actions import erasing

    at_twilio[:] = [Busy()]
    monkeypatch.setattr(erasing, "erase_recording", lambda door, sid: True)
    leave(line)
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert erase_what_is_settled(line.center_id, line.pk) == 0


def test_a_message_whose_callback_never_came_is_found_in_twilio_s_list(line, at_twilio, monkeypatch) -> None:
    from messaging.actions import reconciling

    call(line)
    call(line, "call_status")
    ours = RecordingPost(MESSAGE, CALL, is_absent=False, seconds=4)
    strange = RecordingPost("RE" + "7" * 32, "CA" + "7" * 32, is_absent=False, seconds=4)
    monkeypatch.setattr(reconciling, "recordings_made", lambda door, since, until: [ours, strange])
    assert recover_recordings(line.center_id, line.pk, until=timezone.now()) == 1
    assert recover_recordings(line.center_id, line.pk, until=timezone.now()) == 0
    work_after(0)
    assert the_recording(line).state == "stored"


def test_a_call_with_a_message_is_a_missed_one_even_if_nothing_else_was_heard(line: Line) -> None:
    with in_center(line.center_id):
        line.staff_number = "+16145550177"
        line.save()
    call(line)
    recorded(line)
    with in_center(line.center_id):
        assert Call.objects.get().state == CallState.MISSED


def test_a_thread_costs_no_more_queries_for_many_calls(line: Line, ruth: Membership, at_twilio: list[Any]) -> None:
    def asked() -> int:
        with in_center(line.center_id):
            pk = Conversation.objects.get().pk
        browser = signed_in(ruth)
        browser.get(f"/conversations/{pk}/")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(f"/conversations/{pk}/", headers={"HX-Request": "true"}).status_code == 200
        return len(queries)

    text_in(line)
    leave(line)
    few = asked()
    for number in range(2, 9):
        call(line, CallSid=f"CA{number}" + "1" * 31)
        recorded(line, CallSid=f"CA{number}" + "1" * 31, RecordingSid=f"RE{number}" + "1" * 31)
    assert asked() == few


def test_after_a_restore_recordings_of_the_missing_days_are_listed_too(line, monkeypatch) -> None:
    from messaging.actions import reconciling

    asked = []
    monkeypatch.setattr(reconciling, "recordings_made", lambda door, since, until: asked.append(until - since) or [])
    with in_center(line.center_id):
        Line.objects.update(created_at=timezone.now() - timedelta(days=30))
    recover_recordings(line.center_id, line.pk, until=timezone.now())
    assert asked == [timedelta(hours=48 + 24)]


def test_a_withheld_number_that_leaves_no_word_is_no_conversation(line: Line, at_twilio: list[Any]) -> None:
    call(line, From="anonymous")
    recorded(line, RecordingStatus="absent", RecordingDuration="")
    call(line, "call_status", From="anonymous")
    with in_center(line.center_id):
        assert (Conversation.objects.count(), FollowUp.objects.count(), Recording.objects.count()) == (0, 0, 0)
        assert Call.objects.get().state == CallState.MISSED


def test_a_message_that_twilio_no_longer_holds_is_not_counted_as_being_there(line: Line, at_twilio: list[Any]) -> None:
    at_twilio[:] = [Gone()]
    leave(line)
    work_after(3 * 3600)
    assert the_recording(line).state == "lost"
    with time_machine.travel(timezone.now() + timedelta(days=3)), in_center(line.center_id):
        assert count_overdue(line.center_id) == 0


def test_a_message_that_was_never_fetched_is_there_for_two_weeks_and_no_longer(line, at_twilio, monkeypatch) -> None:
    from messaging.actions import erasing

    monkeypatch.setattr(erasing, "erase_recording", lambda door, sid: True)
    leave(line)
    with in_center(line.center_id):
        Recording.objects.update(state="lost")
    with time_machine.travel(timezone.now() + timedelta(days=13)):
        assert erase_what_is_settled(line.center_id, line.pk) == 0
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert erase_what_is_settled(line.center_id, line.pk) == 1
