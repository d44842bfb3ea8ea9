"""Pictures and files that come with a text: fetched, made safe, sealed, shown; or plainly said to be missing."""

import base64
import time
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from jobs.models import Job
from messaging.actions.erasing import erase_what_is_settled
from messaging.actions.kinds import kind_of
from messaging.models import Attachment, AttachmentKind, Conversation, FollowUp, Line, Message
from messaging.pictures import TooBusy, drawn_anew
from messaging.twilio import Busy
from messaging.twilio.media import _allowed
from tenancy.scope import in_center
from tests.cast import LINE_NUMBER, PHONE
from tests.doors import signed_in, text_in
from tests.messaging.conftest import work_after
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db
PLACE = b"Exif\x00\x00secret-place-of-hers"
PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\n%%EOF\n"


def photo(form: str = "JPEG", size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    out = BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, form, **more)
    return out.getvalue()


def came_in(twin: TwinProcess, line: Line, *files: tuple[str, bytes], body: str = "See") -> str:
    """A text with files that Twilio holds and whose webhook came."""
    media = [{"content_type": kind, "data": base64.b64encode(data).decode()} for kind, data in files]
    sent = {"from": PHONE, "to": LINE_NUMBER, "body": body, "media": media}
    (row,) = twin.ask("POST", "/twin/send", sent)["messages"]
    assert text_in(line, body, MessageSid=row["sid"], NumMedia=str(len(files))).status_code == 200
    return str(row["sid"])


def stored(line: Line) -> list[Attachment]:
    with in_center(line.center_id):
        found = list(Attachment.objects.order_by("message__sequence", "position"))
        assert all(file.content is None or file.content for file in found)
    return found


def states(line: Line) -> list[str]:
    return [file.state for file in stored(line)]


def page_of(member: Membership, line: Line) -> str:
    with in_center(line.center_id):
        row = Conversation.objects.get()
    text: str = signed_in(member).get(f"/conversations/{row.pk}/").content.decode()
    return text


def test_a_picture_is_fetched_sealed_and_shown(twin: TwinProcess, line: Line, naomi: Membership) -> None:
    came_in(twin, line, ("image/jpeg", photo()))
    assert states(line) == ["coming"]
    assert "still coming" in page_of(naomi, line)
    work_after(0)
    (file,) = stored(line)
    assert (file.state, file.kind, file.content_type, file.width, file.height) == (
        "stored",
        "picture",
        "image/jpeg",
        64,
        48,
    )
    browser = signed_in(naomi)
    answer = browser.get(f"/files/{file.pk}/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"].startswith("no-store")
    assert Image.open(BytesIO(answer.content)).size == (64, 48)
    assert f'src="/files/{file.pk}/"' in page_of(naomi, line)
    with in_center(line.center_id):
        assert LogEntry.objects.filter(event=Event.FILE_OPENED, actor_id=naomi.staff_id).count() == 1


def test_the_secret_is_shown_to_twilio_alone(twin: TwinProcess, line: Line) -> None:
    came_in(twin, line, ("image/png", photo("PNG")))
    work_after(0)
    fetches = twin.ledger["media_fetches"]
    assert [fetch["with_credentials"] for fetch in fetches] == [False]


def test_what_a_camera_wrote_into_it_is_gone(twin: TwinProcess, line: Line) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret-place-of-hers"
    exif.get_ifd(0x8825)[1] = "N"
    came_in(
        twin, line, ("image/jpeg", photo(exif=exif, comment=b"secret-place-of-hers") + b"<script>secret-place-of-hers")
    )
    work_after(0)
    (file,) = stored(line)
    assert file.state == "stored"
    assert b"secret-place-of-hers" not in file.content
    assert not Image.open(BytesIO(file.content)).getexif()


def test_nothing_of_a_file_stands_in_the_database_in_clear(twin: TwinProcess, line: Line) -> None:
    came_in(twin, line, ("application/pdf", PDF + b"planted-words-of-hers" * 3000))
    work_after(0)
    with in_center(line.center_id), connection.cursor() as cursor:
        cursor.execute("SELECT content FROM messaging_attachment")
        raw = bytes(cursor.fetchone()[0])
    assert raw[:1] == b"\x81"
    assert b"planted-words" not in raw
    assert stored(line)[0].content.count(b"planted-words-of-hers") == 3000


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (PDF, "document"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(60), "video"),
        (b"#!AMR\n" + bytes(60), "sound"),
        (b"BEGIN:VCARD\nFN:Somebody\nEND:VCARD\n", "contact"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "other"),
        (b"<!doctype html><script>alert(1)</script>", "other"),
        (b"PK\x03\x04" + bytes(60), "other"),
    ],
)
def test_whatever_is_no_picture_can_only_be_saved(twin, line, naomi, file, kind) -> None:
    came_in(twin, line, ("image/jpeg", file))
    work_after(0)
    (kept,) = stored(line)
    assert (kept.state, kept.kind) == ("stored", kind)
    answer = signed_in(naomi).get(f"/files/{kept.pk}/")
    assert answer.content == file
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="{kind}"'
    assert answer["X-Content-Type-Options"] == "nosniff"


def bomb() -> bytes:
    """A picture of 900 million pixels in a few kilobytes: its size is all that has to be lied about."""
    small = bytearray(photo("PNG"))
    small[16:24] = (30_000).to_bytes(4) + (30_000).to_bytes(4)
    return bytes(small)


def many_frames() -> bytes:
    out = BytesIO()
    frames = [Image.new("P", (8, 8), color) for color in range(1, 252)] * 2
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], optimize=False, disposal=2)
    return out.getvalue()


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(bomb(), id="bomb"),
        pytest.param(photo()[:400], id="cut"),
        pytest.param(b"\xff\xd8\xff" + bytes(2000), id="no-jpeg"),
        pytest.param(b"GIF89a" + bytes(100), id="no-gif"),
        pytest.param(b"RIFF\x10\x00\x00\x00WEBP" + bytes(100), id="no-webp"),
        pytest.param(photo("PNG", size=(5100, 5000)), id="too-many-pixels"),
        pytest.param(many_frames(), id="too-many-frames"),
    ],
)
def test_a_picture_that_cannot_be_drawn_safely_is_refused_and_said(twin, line, naomi, file) -> None:
    came_in(twin, line, ("image/png", file[: 5 * 1024 * 1024]))
    work_after(0)
    (kept,) = stored(line)
    assert (kept.state, kept.content) == ("refused", None)
    assert "too large to open safely" in page_of(naomi, line)
    assert signed_in(naomi).get(f"/files/{kept.pk}/").status_code == 404


def test_a_moving_picture_stays_one() -> None:
    out = BytesIO()
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "green", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=200)
    drawn = drawn_anew(out.getvalue())
    assert drawn is not None
    assert (drawn.content_type, Image.open(BytesIO(drawn.content)).n_frames) == ("image/webp", 3)  # type: ignore[attr-defined]


def test_a_photo_held_sideways_is_drawn_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    drawn = drawn_anew(photo(exif=exif))
    assert drawn is not None
    assert (drawn.width, drawn.height) == (48, 64)


def test_a_child_that_hangs_ends_and_the_parent_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    hanging = tmp_path / "hang.py"
    hanging.write_text("import time; time.sleep(60)")
    monkeypatch.setattr("messaging.pictures.CHILD", hanging)
    monkeypatch.setattr("messaging.pictures.SECONDS", 0.5)
    before = time.monotonic()
    with pytest.raises(TooBusy):
        drawn_anew(photo())
    assert time.monotonic() - before < 5


def test_the_child_can_open_no_file_and_no_connection(tmp_path: Any) -> None:
    import subprocess
    import sys

    from messaging.pictures import CHILD

    code = (
        f"import runpy, socket\nchild = runpy.run_path({str(CHILD)!r})\nchild['give_everything_up']()\n"
        "for act in (lambda: open('/etc/passwd'), lambda: socket.socket(), lambda: bytearray(10**9)):\n"
        "    try:\n        act()\n    except (OSError, MemoryError):\n        continue\n    print('was able to')\n"
        "print('end')\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "end\n", done.stderr


def test_a_file_over_five_megabytes_is_refused(twin: TwinProcess, line: Line) -> None:
    came_in(twin, line, ("video/mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(5 * 1024 * 1024)))
    work_after(0)
    assert states(line) == ["refused"]


def test_every_file_of_a_text_keeps_its_place(twin: TwinProcess, line: Line) -> None:
    came_in(
        twin,
        line,
        ("image/png", photo("PNG", (10, 10))),
        ("application/pdf", PDF),
        ("image/png", photo("PNG", (30, 10))),
    )
    work_after(0)
    found = stored(line)
    assert [file.position for file in found] == [0, 1, 2]
    assert {(file.kind, file.width) for file in found} == {("picture", 10), ("document", None), ("picture", 30)}


def test_a_repeated_webhook_fetches_nothing_twice(twin: TwinProcess, line: Line) -> None:
    sid = came_in(twin, line, ("image/png", photo("PNG")))
    text_in(line, "See", MessageSid=sid, NumMedia="1")
    work_after(0)
    text_in(line, "See", MessageSid=sid, NumMedia="1")
    work_after(0)
    assert states(line) == ["stored"]
    assert len(twin.ledger["media_fetches"]) == 1


def test_while_twilio_does_not_answer_it_is_still_coming_and_comes_later(twin, line, naomi) -> None:
    twin.misbehave("500", match={"path": "/Media"}, times=-1)
    came_in(twin, line, ("image/png", photo("PNG")))
    work_after(0)
    assert states(line) == ["coming"]
    twin.ask("DELETE", "/twin/faults")
    work_after(30)
    assert states(line) == ["stored"]


def test_what_twilio_no_longer_has_is_said_and_can_be_asked_for_again(twin, line, naomi) -> None:
    came_in(twin, line, ("image/png", photo("PNG")))
    with in_center(line.center_id):
        message = Message.objects.get(direction="in")
        true_sid, message.twilio_sid = message.twilio_sid, "MM" + "9" * 32
        message.save(update_fields=["twilio_sid"])
    work_after(0)
    assert states(line) == ["lost"]
    assert "could not be fetched" in page_of(naomi, line)
    with in_center(line.center_id):
        Message.objects.filter(pk=message.pk).update(twilio_sid=true_sid)
    answer = signed_in(naomi).post(f"/messages/{message.pk}/files/again/")
    assert answer.status_code == 302
    work_after(0)
    assert states(line) == ["stored"]


def test_after_a_day_a_person_is_told(twin, line, naomi, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*given: Any) -> list[str]:
        raise Busy

    monkeypatch.setattr("messaging.actions.attachments.files_of", busy)
    came_in(twin, line, ("image/png", photo("PNG")))
    spent = timedelta()
    while states(line) == ["coming"] and spent < timedelta(hours=30):
        with in_center(line.center_id):
            due = Job.objects.filter(kind="messaging.fetch_files").values_list("run_at", flat=True).get()
        spent = due - timezone.now() + timedelta(seconds=1)
        work_after(max(spent.total_seconds(), 0))
    assert states(line) == ["lost"]
    assert spent > timedelta(hours=23)
    with in_center(line.center_id):
        assert FollowUp.objects.filter(kind="work_failed").exists()


def test_nobody_opens_files_of_a_conversation_that_she_may_not_see(twin, line, naomi, ruth, mara) -> None:
    came_in(twin, line, ("image/png", photo("PNG")))
    work_after(0)
    (file,) = stored(line)
    with in_center(line.center_id):
        Conversation.objects.update(assignee=ruth.staff_id)
        message = Message.objects.get(direction="in")
    for member in (naomi, mara):
        browser = signed_in(member)
        assert browser.get(f"/files/{file.pk}/").status_code == 404
        assert browser.post(f"/messages/{message.pk}/files/again/").status_code == 404
    assert signed_in(ruth).get(f"/files/{file.pk}/").status_code == 200


def test_files_are_erased_at_twilio_once_they_are_here_and_not_before(twin: TwinProcess, line: Line) -> None:
    came_in(twin, line, ("image/png", photo("PNG")))
    with time_machine.travel(timezone.now() + timedelta(hours=50)):
        assert erase_what_is_settled(line.center_id, line.pk) == 0
    work_after(0)
    with time_machine.travel(timezone.now() + timedelta(hours=50)):
        assert erase_what_is_settled(line.center_id, line.pk) == 1
    assert [media["deleted_at"] is not None for media in twin.ledger["media"]] == [True]
    hers = [text for text in twin.ledger["messages"] if text["direction"] == "inbound"]
    assert [text["deleted_at"] is not None for text in hers] == [True]
    assert states(line) == ["stored"]


@pytest.mark.parametrize(
    "address",
    [
        "http://mms.twiliocdn.com/a",
        "https://mms.twiliocdn.com.evil.test/a",
        "https://evil.test/mms.twiliocdn.com",
        "https://mms.twiliocdn.com@evil.test/a",
        "https://user:secret@mms.twiliocdn.com/a",
        "https://mms.twiliocdn.com:8443/a",
        "https://127.0.0.1/a",
        "https://localhost/a",
        "http://169.254.169.254/latest/meta-data",
        "https://[::1]/a",
        "https://[::ffff:127.0.0.1]/a",
        "https://[64:ff9b::7f00:1]/a",
        "https://0x7f000001/a",
        "https://2130706433/a",
        "https://10.0.0.1/a",
        "file:///etc/passwd",
        "gopher://mms.twiliocdn.com/a",
        "//mms.twiliocdn.com/a",
        "https:///a",
        "",
    ],
)
def test_twilio_cannot_send_us_anywhere_else(settings: Settings, address: str) -> None:
    settings.TRIAL, settings.TWILIO_API_BASE_URL = False, ""
    with pytest.raises(Busy):
        _allowed(address)
    assert _allowed("https://mms.twiliocdn.com/a?b=c")


def test_a_kind_is_told_by_content_alone() -> None:
    assert kind_of(photo()) is AttachmentKind.PICTURE
    assert kind_of(photo("WEBP")) is AttachmentKind.PICTURE
    assert kind_of(b"") is AttachmentKind.OTHER


def test_a_thread_with_many_pictures_costs_one_query_more(twin, line, naomi, django_assert_max_num_queries) -> None:
    for number in range(3):
        came_in(twin, line, ("image/png", photo("PNG")), ("application/pdf", PDF), body=f"No. {number}")
    work_after(0)
    with in_center(line.center_id):
        row = Conversation.objects.get()
        from messaging.views.thread import latest

        with django_assert_max_num_queries(3):
            assert [len(entry.files) for entry in latest(row).entries if entry.is_inbound] == [2, 2, 2]


def test_of_very_many_files_a_day_the_rest_is_fetched_when_a_person_asks(
    twin: TwinProcess, line: Line, naomi: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.actions.attachments.MOST_A_DAY", 3)
    came_in(twin, line, ("image/png", photo("PNG")), ("image/png", photo("PNG")))
    came_in(twin, line, ("image/png", photo("PNG")), ("image/png", photo("PNG")), body="More")
    work_after(0)
    assert states(line) == ["stored", "stored", "stored", "held"]
    assert "very many pictures or files" in page_of(naomi, line)
    with time_machine.travel(timezone.now() + timedelta(hours=50)):
        assert erase_what_is_settled(line.center_id, line.pk) == 1, "the text with the missing file stays"
    with in_center(line.center_id):
        message = Message.objects.filter(direction="in").latest("sequence")
    signed_in(naomi).post(f"/messages/{message.pk}/files/again/")
    work_after(0)
    assert states(line) == ["stored"] * 4


def test_what_is_more_than_a_day_old_counts_no_more(
    twin: TwinProcess, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.actions.attachments.MOST_A_DAY", 1)
    came_in(twin, line, ("image/png", photo("PNG")))
    with in_center(line.center_id):
        Message.objects.update(created_at=timezone.now() - timedelta(hours=25))
    came_in(twin, line, ("image/png", photo("PNG")), body="The next day")
    work_after(0)
    assert states(line) == ["stored", "stored"]
