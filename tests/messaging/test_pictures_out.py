"""Pictures that a center sends: what is sealed, compared, said and erased of them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Membership
from messaging.actions.doubts import settle
from messaging.actions.erasing import erase_what_is_settled
from messaging.models import Attachment, AttachmentKind, AttachmentState, Line, Message, Status
from messaging.twilio import Listed
from tenancy.scope import in_center
from tests.doors import sid, signed_in, status_of
from tests.messaging.conftest import Reply, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def wordless(reply: Reply, naomi: Membership) -> Message:
    """A picture without words, of which nobody knows whether it was sent."""
    message = reply(naomi, body="")
    with in_center(message.center_id):
        Message.objects.filter(pk=message.pk).update(media_count=1, status=Status.UNKNOWN)
        Attachment.objects.create(
            center_id=message.center_id,
            message=message,
            epoch=message.epoch,
            position=0,
            state=AttachmentState.STORED,
            kind=AttachmentKind.PICTURE,
            content_type="image/jpeg",
            content=b"pixels",
        )
    return message


def test_what_we_send_is_sealed_as_ours_and_opens_as_hers_never(wordless: Message) -> None:
    with in_center(wordless.center_id):
        file = Attachment.objects.get(message=wordless)
        assert file.seal_scope().direction == "out"
        assert file.content == b"pixels"


@pytest.mark.parametrize(("media", "settles"), [(1, True), (0, False), (2, False)])
def test_a_picture_without_words_is_found_again_by_how_many_it_is(
    wordless: Message, monkeypatch: pytest.MonkeyPatch, media: int, settles: bool
) -> None:
    def listed(*asked: Any, **more: Any) -> list[Listed]:
        return [Listed(sid(7), "sent", "", media, None)]

    monkeypatch.setattr("messaging.actions.doubts.texts_sent_to", listed)
    settle(wordless.center_id, wordless.pk)
    assert fresh(wordless).twilio_sid == (sid(7) if settles else None)
    assert fresh(wordless).status == (Status.SENT if settles else Status.UNKNOWN)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        ("failed", "11200", "could not fetch the picture"),
        ("failed", "11205", "could not fetch the picture"),
        ("failed", "12300", "does not take this kind of picture"),
        ("undelivered", "30019", "too large for her carrier"),
    ],
)
def test_a_picture_that_did_not_reach_her_says_why(
    wordless: Message, line: Line, naomi: Membership, status: str, code: str, words: str
) -> None:
    status_of(line, wordless.pk, status, sid(7), ErrorCode=code)
    assert words in signed_in(naomi).get(f"/conversations/{wordless.conversation_id}/").content.decode()


def test_a_picture_of_ours_stands_in_thread_and_list_as_ours_and_cannot_be_asked_for_again(
    wordless: Message, naomi: Membership
) -> None:
    browser = signed_in(naomi)
    page = browser.get(f"/conversations/{wordless.conversation_id}/").content.decode()
    assert "A picture from us" in page
    assert "A picture from her" not in page
    assert "A picture or file" in browser.get("/inbox/list/?view=open").content.decode()
    assert browser.post(f"/messages/{wordless.pk}/files/again/").status_code == 404


def test_a_text_of_ours_with_pictures_is_erased_at_twilio_files_first(
    wordless: Message, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, bool]] = []

    def erase(door: object, message_sid: str, *, with_files: bool) -> bool:
        asked.append((message_sid, with_files))
        return True

    monkeypatch.setattr("messaging.actions.erasing.erase_text", erase)
    status_of(line, wordless.pk, "delivered", sid(7))
    assert erase_what_is_settled(line.center_id, line.pk) == 0
    with time_machine.travel(timezone.now() + timedelta(hours=50)):
        erase_what_is_settled(line.center_id, line.pk)
    assert (sid(7), True) in asked
