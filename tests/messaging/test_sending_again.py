"""A text that failed says why, and goes once more where that helps: as a new one, never if it may have arrived."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone, translation

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from jobs.models import Job
from messaging.actions import delivery
from messaging.actions.drafts import save_draft
from messaging.models import Conversation, Draft, FollowUp, FollowUpKind, Line, Message, Purpose, Status
from messaging.models.failure import IN_DOUBT, NEVER_TAKEN, OTHERWISE, REASONS, Again, Reason
from messaging.twilio import Sent
from tenancy.scope import in_center
from tests.doors import sid, signed_in, status_of, text_in
from tests.messaging.conftest import Reply, fresh, work_after
from tests.messaging.test_attachments import photo
from tests.messaging.test_sending_pictures import put_one, send, sent

pytestmark = pytest.mark.django_db
SOME = {reason: [code for code, one in REASONS.items() if one.again is reason] for reason in Again}


@pytest.fixture(autouse=True)
def calls(conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is handed to Twilio, which takes it."""
    made: list[dict[str, Any]] = []
    with in_center(conversation.center_id):
        Job.objects.filter(kind="messaging.auto_reply").update(done_at=timezone.now())  # people alone write here

    def take(door: object, **call: Any) -> Sent:
        made.append(call)
        return Sent(sid(100 + len(made)), "queued")

    monkeypatch.setattr(delivery, "send_text", take)
    return made


@pytest.fixture
def desk(naomi: Membership) -> Any:
    return signed_in(naomi)


def fail_with(line: Line, message: Message, code: int | None, status: str = "undelivered") -> Message:
    """It was handed over, and Twilio says that it did not arrive."""
    work_after(6)
    status_of(line, message.pk, status, fresh(message).twilio_sid or "", **({"ErrorCode": str(code)} if code else {}))
    assert fresh(message).status == status
    return fresh(message)


@pytest.fixture
def failed(line: Line, reply: Reply, naomi: Membership) -> Message:
    """A text of naomi's that could not reach her phone."""
    return fail_with(line, reply(naomi, "Come at four"), 30003)


def again(desk: Any, message: Message) -> Any:
    answer = desk.post(f"/messages/{message.pk}/again/", secure=True)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def page(desk: Any, message: Message) -> str:
    return unescape(desk.get(f"/conversations/{message.conversation_id}/", secure=True).content.decode())


def offers(desk: Any, message: Message) -> bool:
    """Whether the page offers to do something with the words of a text that failed."""
    return f"/messages/{message.pk}/again/" in page(desk, message)


def ours(message: Message) -> list[Message]:
    with in_center(message.center_id):
        return list(Message.objects.filter(direction="out").order_by("sequence"))


def owed(message: Message) -> set[str]:
    with in_center(message.center_id):
        return set(FollowUp.objects.open().values_list("kind", flat=True))


def draft_of(message: Message) -> str:
    with in_center(message.center_id):
        draft = Draft.objects.first()
        return draft.body if draft else ""


def test_one_click_sends_the_same_words_once_more_as_a_text_of_its_own(
    failed: Message, desk: Any, calls: list[dict[str, Any]]
) -> None:
    assert "Her phone could not be reached" in page(desk, failed)
    assert "Send again" in page(desk, failed)
    assert owed(failed) == {FollowUpKind.FAILED}
    shown = again(desk, failed)
    assert "It was sent again" in shown
    assert "Undo" in shown
    assert len(calls) == 1, "it waits, so that it can be taken back"
    work_after(12)
    assert [call["body"] for call in calls] == ["Come at four", "Come at four"]
    first, second = ours(failed)
    assert (first.status, second.status, second.again_of_id) == (Status.UNDELIVERED, Status.ACCEPTED, first.pk)
    assert owed(failed) == set()
    with in_center(failed.center_id):
        assert LogEntry.objects.filter(event=Event.MESSAGE_SENT_AGAIN).count() == 1
        assert Conversation.objects.get().failed_at is None


def test_a_second_click_sends_nothing_more(failed: Message, desk: Any, ruth: Membership, calls: list[Any]) -> None:
    for browser in (desk, desk, signed_in(ruth)):
        again(browser, failed)
    work_after(12)
    assert len(ours(failed)) == len(calls) == 2
    assert not offers(desk, failed)


def test_what_was_taken_back_is_owed_again_and_can_be_sent_again(failed: Message, desk: Any, calls: list[Any]) -> None:
    again(desk, failed)
    answer = desk.post(f"/messages/{ours(failed)[-1].pk}/undo/", secure=True)
    assert f"/messages/{failed.pk}/again/" in answer.content.decode(), "the open page offers it again"
    assert owed(failed) == {FollowUpKind.FAILED}
    with in_center(failed.center_id):
        assert Conversation.objects.get().failed_at is not None
    assert offers(desk, failed)
    again(desk, failed)
    work_after(12)
    assert [message.status for message in ours(failed)] == [Status.UNDELIVERED, Status.UNDONE, Status.ACCEPTED]


def test_what_fails_once_more_can_be_sent_once_more(failed: Message, desk: Any, line: Line, calls: list[Any]) -> None:
    again(desk, failed)
    second = fail_with(line, ours(failed)[-1], 30003)
    again(desk, second)
    work_after(12)
    assert [message.status for message in ours(failed)] == [Status.UNDELIVERED, Status.UNDELIVERED, Status.ACCEPTED]
    again(desk, failed)
    assert len(ours(failed)) == 3, "the first was sent again long ago"


@pytest.mark.parametrize("code", SOME[Again.NEVER])
def test_what_cannot_or_must_not_reach_her_is_not_offered_and_not_sent(
    reply: Reply, naomi: Membership, desk: Any, line: Line, calls: list[Any], code: int
) -> None:
    message = fail_with(line, reply(naomi, "Come at four"), code)
    assert str(REASONS[code].words) in page(desk, message)
    assert not offers(desk, message)
    assert "It was not sent again" in again(desk, message)
    work_after(12)
    assert len(ours(message)) == 1


@pytest.mark.parametrize("code", [*SOME[Again.CHANGED], 30410, 99999])  # the last two are in no table of ours
def test_words_that_would_fail_again_come_where_one_writes_and_nothing_is_sent(
    reply: Reply, naomi: Membership, desk: Any, line: Line, calls: list[Any], code: int
) -> None:
    message = fail_with(line, reply(naomi, "Come at four"), code)
    assert "Change the words" in page(desk, message)
    assert "Nothing was sent yet" in again(desk, message)
    assert draft_of(message) == "Come at four"
    work_after(12)
    assert len(ours(message)) == len(calls) == 1
    again(desk, message)
    assert draft_of(message) == "Come at four", "once"


def test_words_come_back_even_where_they_are_part_of_what_is_half_typed(
    failed: Message, desk: Any, line: Line, naomi: Membership
) -> None:
    with in_center(failed.center_id):
        save_draft(Conversation.objects.get(), by=naomi, body="Come at four thirty")
    text_in(line, "Are you there?", MessageSid=sid(2))
    for _ in range(2):
        again(desk, failed)
    assert draft_of(failed) == "Come at four\n\nCome at four thirty"


def test_what_is_half_typed_stays_below_the_words_that_come_back(
    failed: Message, desk: Any, line: Line, naomi: Membership
) -> None:
    with in_center(failed.center_id):
        save_draft(Conversation.objects.get(), by=naomi, body="half typed")
    text_in(line, "Are you there?", MessageSid=sid(2))
    again(desk, failed)
    assert draft_of(failed) == "Come at four\n\nhalf typed"


@pytest.mark.parametrize("who", ["she", "a colleague"])
def test_once_something_was_said_since_the_words_are_looked_at_first(
    failed: Message, desk: Any, line: Line, reply: Reply, ruth: Membership, calls: list[Any], who: str
) -> None:
    if who == "she":
        text_in(line, "I came, nobody was there", MessageSid=sid(2))
    else:
        with in_center(failed.center_id):
            reply(ruth, "Come at five")
    assert "Nothing was sent yet" in again(desk, failed)
    assert draft_of(failed) == "Come at four"
    work_after(12)
    assert [call["body"] for call in calls].count("Come at four") == 1
    assert FollowUpKind.FAILED in owed(failed)


def test_two_that_failed_go_again_in_their_order(
    reply: Reply, naomi: Membership, desk: Any, line: Line, calls: list[Any]
) -> None:
    first, second = reply(naomi, "One"), reply(naomi, "Two")
    fail_with(line, first, 30003)
    fail_with(line, second, 30003)
    again(desk, first)
    again(desk, second)
    work_after(12)
    assert [call["body"] for call in calls] == ["One", "Two", "One", "Two"]


def test_what_arrived_after_all_is_not_sent_again(failed: Message, desk: Any, line: Line, calls: list[Any]) -> None:
    status_of(line, failed.pk, "delivered", failed.twilio_sid or "")
    assert "it has reached her meanwhile" in again(desk, failed)
    work_after(12)
    assert len(ours(failed)) == 1
    assert not offers(desk, failed)


def test_a_doubt_that_somebody_left_is_never_sent_again_and_says_that_nobody_knows(
    reply: Reply, naomi: Membership, desk: Any, calls: list[Any]
) -> None:
    message = reply(naomi, "Come at four")
    with in_center(message.center_id):
        long_ago = timezone.now() - timedelta(minutes=11)
        Message.objects.filter(pk=message.pk).update(status=Status.UNKNOWN, sending_since=long_ago)
    desk.post(f"/messages/{message.pk}/decision/", {"decision": "leave"}, secure=True)
    assert "Nobody knows whether it reached her" in page(desk, message)
    assert not offers(desk, message)
    assert "It was not sent again" in again(desk, message)
    assert len(ours(message)) == 1


def test_what_twilio_never_took_can_be_sent_again(reply: Reply, naomi: Membership, desk: Any, calls: list[Any]) -> None:
    message = reply(naomi, "Come at four")
    with in_center(message.center_id):
        Message.objects.filter(pk=message.pk).update(status=Status.FAILED)
        Job.objects.filter(subject_id=message.pk).update(done_at=timezone.now())
    assert "It did not leave" in page(desk, message)
    again(desk, message)
    work_after(12)
    assert len(calls) == 1


def test_an_automatic_text_is_nobodys_to_send_again(failed: Message, desk: Any) -> None:
    with in_center(failed.center_id):
        Message.objects.filter(pk=failed.pk).update(purpose=Purpose.AUTO_REPLY)
    assert not offers(desk, failed)
    assert "It was not sent again" in again(desk, failed)


def test_her_stop_holds(failed: Message, desk: Any, line: Line, calls: list[Any]) -> None:
    text_in(line, "STOP", MessageSid=sid(2))
    again(desk, failed)
    work_after(12)
    assert [call["body"] for call in calls].count("Come at four") == 1


def test_its_pictures_go_with_it(conversation: Conversation, desk: Any, line: Line, calls: list[Any]) -> None:
    send(desk, conversation, put_one(desk, conversation, photo()), put_one(desk, conversation, photo()), body="See")
    message = fail_with(line, sent(conversation), 11200)
    again(desk, message)
    work_after(12)
    assert [(call["body"], len(call["pictures"])) for call in calls] == [("See", 2), ("See", 2)]


def test_pictures_of_a_kind_that_her_network_refuses_come_back_with_the_words(
    conversation: Conversation, desk: Any, line: Line, calls: list[Any]
) -> None:
    send(desk, conversation, put_one(desk, conversation, photo()), body="See")
    message = fail_with(line, sent(conversation), 12300)
    for _ in range(2):
        assert again(desk, message).count('name="pictures"') == 1


def test_a_thread_with_failed_texts_costs_one_query_more(
    failed: Message, line: Line, reply: Reply, naomi: Membership, django_assert_max_num_queries: Any
) -> None:
    from messaging.views.thread import latest

    fail_with(line, reply(naomi, "Two"), 30003)
    with in_center(failed.center_id):
        row = Conversation.objects.get()
        with django_assert_max_num_queries(3):
            entries = [entry for entry in latest(row).entries if isinstance(entry, Message)]
            assert [entry.can_go_again for entry in entries] == [False, True, True]


@pytest.mark.parametrize(
    "reason", [*dict.fromkeys(REASONS.values()), OTHERWISE, NEVER_TAKEN, IN_DOUBT], ids=lambda r: str(r.words)[:30]
)
def test_every_reason_says_what_to_do_in_both_languages(reason: Reason) -> None:
    with translation.override("en"):
        english = str(reason.words)
    with translation.override("es"):
        spanish = str(reason.words)
    assert english != spanish
    assert english.endswith(".")
    assert english.count(".") + english.count(":") >= 2 or "Tell" in english, "what happened, and what to do"


@pytest.mark.parametrize("code", [21610, 21211, 21614, 21635, 30004, 30005, 30006])
def test_nobody_is_texted_again_who_stopped_blocked_or_cannot_receive(code: int) -> None:
    assert REASONS[code].again is Again.NEVER
