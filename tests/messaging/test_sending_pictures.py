"""Pictures with a reply: added, shown to their owner, sent once, fetched by an address that says nothing."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import connection
from django.utils import timezone
from PIL import Image

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from jobs.models import Job
from messaging.actions import delivery
from messaging.actions.doubts import decide_unknown
from messaging.models import Attachment, Conversation, DraftPicture, Line, Message, PictureAddress, Status
from messaging.pictures import drawn_anew, drawn_for_phone
from messaging.twilio import Ambiguous, Sent
from messaging.views.pictures import MOST_BYTES
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import browser, sid, signed_in, text_in
from tests.messaging.conftest import fresh, work_after
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db
Call = dict[str, Any]


def photo(form: str = "JPEG", size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    out = BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, form, **more)
    return out.getvalue()


@pytest.fixture
def calls(conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """What is handed to Twilio, which takes it; each with what its pictures' addresses answered meanwhile."""
    made: list[Call] = []
    with in_center(conversation.center_id):
        Job.objects.filter(kind="messaging.auto_reply").update(done_at=timezone.now())  # people alone write here

    def take(door: object, **call: Any) -> Sent:
        made.append({**call, "fetched": [fetch(address) for address in call["pictures"]]})
        return Sent(sid(100 + len(made)), "queued")

    monkeypatch.setattr(delivery, "send_text", take)
    return made


def fetch(address: str, method: str = "get") -> Any:
    return getattr(browser(), method)(address.removeprefix(settings.PUBLIC_BASE_URL), secure=True)


@pytest.fixture
def desk(naomi: Membership) -> Any:
    return signed_in(naomi)


def put(desk: Any, row: Conversation, file: bytes, key: UUID | None = None) -> Any:
    path = f"/conversations/{row.pk}/pictures/?key={key or uuid7()}"
    return desk.generic("POST", path, file, content_type="application/octet-stream", secure=True)


def put_one(desk: Any, row: Conversation, file: bytes | None = None) -> str:
    answer = put(desk, row, file or photo())
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def send(desk: Any, row: Conversation, *pictures: str, body: str = "Here it is", **more: Any) -> Any:
    fields = {"body": body, "pictures": list(pictures), "last_sequence": 99, "key": uuid7(), **more}
    return desk.post(f"/conversations/{row.pk}/replies/", fields, secure=True)


def sent(row: Conversation) -> Message:
    with in_center(row.center_id):
        return Message.objects.filter(direction="out").latest("sequence")


def waiting(row: Conversation) -> int:
    with in_center(row.center_id):
        return DraftPicture.objects.count()


def said(answer: Any) -> str:
    return str(answer.json()["words"])


def test_a_picture_goes_with_the_words_and_is_fetched_by_its_address(
    desk: Any, conversation: Conversation, calls: list[Call]
) -> None:
    first, second = put_one(desk, conversation), put_one(desk, conversation, photo("PNG", (30, 20)))
    assert send(desk, conversation, second, first).status_code == 201
    assert waiting(conversation) == 0
    work_after(6)
    (call,) = calls
    assert call["body"] == "Here it is"
    assert [answer.status_code for answer in call["fetched"]] == [200, 200], "before the call has returned"
    assert [Image.open(BytesIO(answer.content)).size for answer in call["fetched"]] == [(30, 20), (64, 48)]
    assert {answer["Content-Type"] for answer in call["fetched"]} == {"image/jpeg"}
    assert fresh(sent(conversation)).status == Status.ACCEPTED


def test_a_picture_alone_is_a_reply(desk: Any, conversation: Conversation, calls: list[Call]) -> None:
    assert send(desk, conversation, put_one(desk, conversation), body="").status_code == 201
    work_after(6)
    assert (calls[0]["body"], len(calls[0]["pictures"])) == ("", 1)
    page = desk.get(f"/conversations/{conversation.pk}/", secure=True).content.decode()
    assert "A picture from us" in page


def test_neither_words_nor_pictures_are_no_reply(desk: Any, conversation: Conversation) -> None:
    assert send(desk, conversation, body="").status_code == 422
    with in_center(conversation.center_id):
        assert not Message.objects.filter(direction="out").exists()


def test_twilio_is_given_addresses_that_say_nothing(twin: TwinProcess, desk: Any, conversation: Conversation) -> None:
    send(desk, conversation, put_one(desk, conversation), body="")
    work_after(6)
    (text,) = twin.texts
    (fetched,) = [note["url"] for note in twin.ledger["fetches"] if note["message"] == text["sid"]]
    assert re.fullmatch(rf"{re.escape(settings.PUBLIC_BASE_URL)}/m/[\w-]{{43}}", fetched)
    assert (text["body"], text["num_media"]) == ("", "1")


def test_whoever_has_no_address_or_an_old_one_gets_the_same_plain_answer(
    desk: Any, conversation: Conversation, calls: list[Call]
) -> None:
    send(desk, conversation, put_one(desk, conversation))
    work_after(6)
    (address,) = calls[0]["pictures"]
    assert fetch(address).status_code == 200, "or the rest proves nothing"
    with time_machine.travel(timezone.now() + timedelta(hours=2, minutes=1)):
        over = fetch(address)
    wrong, short = fetch(address[:-1] + ("A" if address[-1] != "A" else "B")), fetch("/m/x")
    assert {(one.status_code, one.content) for one in (over, wrong, short)} == {(404, b"Not found.")}
    headers = [{name: value for name, value in one.items() if name != "X-Request-Id"} for one in (over, wrong, short)]
    assert headers[0] == headers[1] == headers[2]
    assert fetch(address, "post").status_code in (403, 405)


def test_an_address_answers_with_the_picture_and_nothing_else(
    desk: Any, conversation: Conversation, calls: list[Call]
) -> None:
    send(desk, conversation, put_one(desk, conversation))
    work_after(6)
    answer = calls[0]["fetched"][0]
    assert answer["Cache-Control"].startswith("no-store")
    assert not answer.cookies
    assert "Content-Disposition" not in answer
    head = fetch(calls[0]["pictures"][0], "head")
    assert (head.status_code, head.content, head["Content-Length"]) == (200, b"", str(len(answer.content)))
    with in_center(conversation.center_id):
        assert LogEntry.objects.filter(event=Event.PICTURE_FETCHED).count() == 1, "asking for the head is no fetch"


def test_the_address_of_one_text_opens_no_other_and_is_kept_as_a_hash(
    desk: Any, conversation: Conversation, calls: list[Call]
) -> None:
    for body in ("One", "Two"):
        send(desk, conversation, put_one(desk, conversation, photo(size=(40, len(body) * 10))), body=body)
    work_after(6)
    one, two = (call["pictures"][0] for call in calls)
    assert one != two
    with connection.cursor() as cursor, in_center(conversation.center_id):
        cursor.execute("SELECT secret_hash FROM messaging_pictureaddress")
        kept = [bytes(row[0]) for row in cursor.fetchall()]
    assert {len(digest) for digest in kept} == {32}
    assert not [digest for digest in kept for address in (one, two) if address[-43:].encode() in digest]


def test_it_opens_after_a_carriers_report_has_overtaken_the_fetch(
    desk: Any, conversation: Conversation, calls: list[Call]
) -> None:
    send(desk, conversation, put_one(desk, conversation))
    work_after(6)
    with in_center(conversation.center_id):
        Message.objects.filter(pk=sent(conversation).pk).update(status=Status.DELIVERED)
    assert fetch(calls[0]["pictures"][0]).status_code == 200


def test_who_sends_it_again_later_makes_new_addresses(
    desk: Any, conversation: Conversation, naomi: Membership, calls: list[Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[list[str]] = []

    def breaks(door: object, **call: Any) -> Sent:
        given.append(call["pictures"])
        raise Ambiguous

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "send_text", breaks)
        patch.setattr("messaging.actions.doubts.texts_sent_to", lambda *asked, **more: [])
        send(desk, conversation, put_one(desk, conversation))
        work_after(6)
        work_after(700)
    message = sent(conversation)
    assert fresh(message).status == Status.UNKNOWN
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        with in_center(conversation.center_id):
            decide_unknown(message, by=naomi, resend=True)
        assert fetch(given[0][0]).status_code == 404
    work_after(3 * 3600 + 5)
    assert calls[0]["fetched"][0].status_code == 200
    assert calls[0]["pictures"] != given[0]
    with in_center(conversation.center_id):
        assert PictureAddress.objects.count() == 1, "what is over is forgotten"


def test_a_repeated_post_sends_one_text_with_its_pictures_once(
    desk: Any, conversation: Conversation, calls: list[Call]
) -> None:
    picture, key = put_one(desk, conversation), uuid7()
    assert [send(desk, conversation, picture, key=key).status_code for _ in range(2)] == [201, 201]
    work_after(6)
    assert [len(call["pictures"]) for call in calls] == [1]
    with in_center(conversation.center_id):
        assert Attachment.objects.count() == 1


def test_a_repeated_upload_adds_one_picture(desk: Any, conversation: Conversation) -> None:
    file, key = photo(), uuid7()
    first, second = (put(desk, conversation, file, key).json() for _ in range(2))
    assert first == second
    assert waiting(conversation) == 1


def test_a_picture_that_is_gone_stops_the_text_and_keeps_the_words(
    desk: Any, conversation: Conversation, calls: list[Call]
) -> None:
    picture = put_one(desk, conversation)
    assert desk.post(f"/pictures/{picture}/remove/", secure=True).status_code == 204
    answer = send(desk, conversation, picture, body="Words that stay")
    assert answer.status_code == 422
    assert "A picture is no longer here" in answer.content.decode()
    assert "Words that stay" in answer.content.decode()
    work_after(6)
    assert calls == []


def test_a_text_that_is_taken_back_brings_its_pictures_home(
    desk: Any, conversation: Conversation, calls: list[Call]
) -> None:
    send(desk, conversation, put_one(desk, conversation), put_one(desk, conversation, photo("PNG", (30, 20))), body="")
    desk.post(f"/conversations/{conversation.pk}/draft/", {"body": "half typed"}, secure=True)
    answer = desk.post(f"/messages/{sent(conversation).pk}/undo/", secure=True)
    assert answer.content.decode().count('name="pictures"') == 2
    assert "half typed" in answer.content.decode(), "a picture without words takes no words away"
    with in_center(conversation.center_id):
        home = [picture.content for picture in DraftPicture.objects.order_by("pk")]
        assert [Image.open(BytesIO(content)).size for content in home] == [(64, 48), (30, 20)]
        pictures = [str(pk) for pk in DraftPicture.objects.order_by("pk").values_list("pk", flat=True)]
    work_after(6)
    assert calls == []
    send(desk, conversation, *pictures)
    work_after(6)
    assert [len(call["pictures"]) for call in calls] == [2]


def test_her_stop_keeps_pictures_from_leaving(
    desk: Any, conversation: Conversation, line: Line, calls: list[Call]
) -> None:
    picture = put_one(desk, conversation)
    text_in(line, "STOP", MessageSid=sid(2))
    answer = send(desk, conversation, picture)
    assert answer.status_code == 422
    assert waiting(conversation) == 1, "what she added is kept"
    work_after(6)
    assert [call for call in calls if call["pictures"]] == []


def test_words_of_hers_that_came_meanwhile_stop_the_picture_and_keep_it(
    desk: Any, conversation: Conversation, line: Line
) -> None:
    picture = put_one(desk, conversation)
    text_in(line, "Please no pictures", MessageSid=sid(2))
    answer = send(desk, conversation, picture, last_sequence=1)
    assert answer.status_code == 409
    assert f'value="{picture}"' in answer.content.decode()
    assert waiting(conversation) == 1


def test_where_and_how_it_was_taken_stays_here(desk: Any, conversation: Conversation) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret-place-of-ours"
    exif.get_ifd(0x8825)[1] = "N"
    put_one(desk, conversation, photo(exif=exif, comment=b"secret-place-of-ours") + b"secret-place-of-ours")
    with in_center(conversation.center_id):
        content = DraftPicture.objects.get().content
    assert b"secret-place" not in content
    assert not Image.open(BytesIO(content)).getexif()


def test_it_rests_sealed_and_nothing_of_it_is_written_to_a_disk(
    desk: Any, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_file(*args: Any, **more: Any) -> Any:
        raise AssertionError("a file in clear")

    for name in ("NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(f"tempfile.{name}", no_file)
    put_one(desk, conversation, photo("PNG", size=(1400, 1400)))
    with in_center(conversation.center_id), connection.cursor() as cursor:
        cursor.execute("SELECT content FROM messaging_draftpicture")
        raw = bytes(cursor.fetchone()[0])
        assert raw[:1] == b"\x81"
        assert DraftPicture.objects.get().content[6:10] == b"JFIF", "or the next line proves nothing"
    assert b"JFIF" not in raw


def test_no_door_of_ours_writes_a_posted_file_to_a_disk(desk: Any, conversation: Conversation, monkeypatch) -> None:
    monkeypatch.setattr(TemporaryUploadedFile, "__init__", lambda *args, **more: pytest.fail("a file in clear"))
    file = SimpleUploadedFile("words.jpg", bytes(3_000_000), "image/jpeg")
    fields = {"body": "Hello", "last_sequence": 99, "key": uuid7(), "file": file}
    assert desk.post(f"/conversations/{conversation.pk}/replies/", fields, secure=True).status_code == 201


@pytest.mark.parametrize(
    "file", [b"", b"%PDF-1.7\n", photo()[:300], b"<svg xmlns='http://www.w3.org/2000/svg'/>", bytes(9000)]
)
def test_what_is_no_picture_is_refused_in_plain_words(desk: Any, conversation: Conversation, file: bytes) -> None:
    answer = put(desk, conversation, file)
    assert answer.status_code == 422
    assert "was not added" in said(answer)
    assert waiting(conversation) == 0


def test_more_bytes_than_anybody_needs_are_refused_before_they_are_read(
    desk: Any, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.core.handlers.wsgi.WSGIRequest.read", lambda *args: pytest.fail("it was read"))
    answer = put(desk, conversation, bytes(MOST_BYTES + 1))
    assert answer.status_code == 413
    assert "larger than 15 MB" in said(answer)


def test_one_text_takes_ten_pictures_and_five_megabytes(
    desk: Any, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = photo(size=(4, 4))
    for _ in range(10):
        put_one(desk, conversation, small)
    assert "ten pictures at most" in said(put(desk, conversation, small))
    monkeypatch.setattr("messaging.actions.draft_pictures.MOST_PICTURES", 20)
    monkeypatch.setattr("messaging.actions.draft_pictures.MOST_TOGETHER", 9_000)
    refused = put(desk, conversation, photo(size=(300, 300)))
    assert (refused.status_code, waiting(conversation)) == (422, 10)
    assert "too large for one text" in said(refused)


def test_what_came_home_and_is_too_much_by_now_is_not_sent(
    desk: Any, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = [put_one(desk, conversation) for _ in range(2)]
    monkeypatch.setattr("messaging.actions.draft_pictures.MOST_TOGETHER", 3_000)
    answer = send(desk, conversation, *pictures, body="Kept")
    assert answer.status_code == 422
    assert "too large for one text" in answer.content.decode()


def test_a_picture_that_waits_is_shown_to_whoever_added_it_and_to_nobody_else(
    desk: Any, conversation: Conversation, ruth: Membership, mara: Membership, calls: list[Call]
) -> None:
    picture = put_one(desk, conversation)
    answer = desk.get(f"/pictures/{picture}/", secure=True)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert f'src="/pictures/{picture}/"' in desk.get(f"/conversations/{conversation.pk}/", secure=True).content.decode()
    for other in (signed_in(ruth), signed_in(mara)):
        assert other.get(f"/pictures/{picture}/", secure=True).status_code == 404
        assert other.post(f"/pictures/{picture}/remove/", secure=True).status_code == 404
    assert send(signed_in(ruth), conversation, picture).status_code == 422, "nobody sends what another has added"
    assert waiting(conversation) == 1


def test_who_may_not_see_a_conversation_adds_nothing_to_it(conversation: Conversation, mara: Membership) -> None:
    assert put(signed_in(mara), conversation, photo()).status_code == 404


@pytest.mark.parametrize("key", ["", "x", "\x00"])
def test_a_picture_without_a_key_of_the_page_is_refused(desk: Any, conversation: Conversation, key: str) -> None:
    path = f"/conversations/{conversation.pk}/pictures/"
    answer = desk.generic("POST", path, photo(), content_type="image/jpeg", secure=True, QUERY_STRING=f"key={key}")
    assert answer.status_code == 400


def test_adding_removing_and_sending_are_on_the_record_and_no_bytes_in_jobs(
    desk: Any, conversation: Conversation, calls: list[Call]
) -> None:
    one, two = put_one(desk, conversation), put_one(desk, conversation)
    desk.post(f"/pictures/{one}/remove/", secure=True)
    send(desk, conversation, two)
    with in_center(conversation.center_id):
        events = set(LogEntry.objects.filter(conversation_id=conversation.pk).values_list("event", flat=True))
        assert {Event.PICTURE_ADDED, Event.PICTURE_REMOVED} <= events
        assert LogEntry.objects.get(event=Event.MESSAGE_WRITTEN).facts["media"] == 1
        assert Job.objects.get(kind="messaging.deliver").subject_id == sent(conversation).pk


@pytest.mark.parametrize(
    ("draw", "moving"), [(drawn_anew, "image/webp"), (drawn_for_phone, "image/gif")], ids=["page", "phone"]
)
def test_a_cameras_photo_with_a_second_picture_in_it_does_not_move(draw: Callable[[bytes], Any], moving: str) -> None:
    out = BytesIO()
    first, second = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (40, 30), "blue")
    first.save(out, "MPO", save_all=True, append_images=[second])
    assert draw(out.getvalue()).content_type == "image/jpeg"
    out = BytesIO()
    first.save(out, "GIF", save_all=True, append_images=[second])
    assert draw(out.getvalue()).content_type == moving


def test_for_a_phone_a_picture_is_shrunk_and_stands_on_white() -> None:
    large = drawn_for_phone(photo(size=(3000, 600)))
    assert large is not None
    assert (large.width, large.height) == (2048, 410)
    out = BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    clear = drawn_for_phone(out.getvalue())
    assert clear is not None
    assert Image.open(BytesIO(clear.content)).getpixel((5, 5)) == (255, 255, 255)
