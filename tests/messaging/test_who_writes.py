"""Who writes from a number that has reached somebody else before; one person on several numbers. Through the door."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.actions.assignment import assign
from messaging.actions.client_card import change_card, name_client, set_tag
from messaging.actions.epochs import mark_ended
from messaging.actions.search.texts import gather
from messaging.actions.tags import add_tag
from messaging.models import Call, Client, ClientTag, Conversation, EpochEnd, EventKind, Line, NumberEpoch, SearchText
from tenancy.scope import in_center
from tests.cast import PHONE
from tests.doors import sid, signed_in, text_in
from tests.messaging.test_calls import call, recorded

pytestmark = pytest.mark.django_db

OTHER = "+16145550102"
BANNER = "Who is writing?"


def begun(line: Line, number: int, *, sender: str = PHONE, body: str = "Hello") -> Conversation:
    """A conversation with a number whose last epoch has ended, if it had one."""
    with in_center(line.center_id):
        for row in Conversation.objects.filter(ended_at=None):
            mark_ended(row, EpochEnd.NEW_OWNER, by=Membership.objects.filter(center=line.center_id)[0])
    assert text_in(line, body, From=sender, MessageSid=sid(number)).status_code == 200
    with in_center(line.center_id):
        found = Conversation.objects.select_related("client", "epoch__number").order_by("-created_at").first()
        assert found is not None
        return found


def post(conversation: Conversation, by: Membership, door: str, **fields: Any) -> str:
    """What the page says after it, toasts included."""
    answer = signed_in(by).post(f"/conversations/{conversation.pk}/{door}/", fields, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def page(conversation: Conversation, by: Membership, door: str = "") -> str:
    answer = signed_in(by).get(f"/conversations/{conversation.pk}/{door}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def client_of(conversation: Conversation) -> Client:
    with in_center(conversation.center_id):
        return Client.objects.get(conversations=conversation.pk)


def standing(conversation: Conversation) -> Any:
    with in_center(conversation.center_id):
        said = conversation.recognitions.standing().order_by("-made_at").first()
        return said.pk if said else ""


@pytest.fixture
def rosa(line: Line, naomi: Membership) -> Conversation:
    """Somebody with a card, whose number has gone quiet."""
    conversation = begun(line, 1, body="My heron secret")
    with in_center(line.center_id):
        name_client(conversation, name="Rosa Quince", by=naomi)
        told = {"language": "es", "safe_times": "after six", "note": "her sister helps", "prefers": "", "calls": ""}
        change_card(conversation, told, seen=1, by=naomi)
        set_tag(conversation, add_tag(line.center, "needs a ride"), on=True, by=naomi)
    return conversation


def test_until_somebody_says_who_writes_nothing_of_the_earlier_client_stands_anywhere(
    line: Line, rosa: Conversation, naomi: Membership
) -> None:
    new = begun(line, 2, body="Who is this?")

    browser = signed_in(naomi)
    pane = browser.get(f"/conversations/{new.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert BANNER in pane
    assert pane.count("Rosa") == 2, "she is a choice, in the banner and in its dialog"
    assert "needs a ride" not in pane.split('id="client-tags"')[1].split("</div>")[0]
    doors = ("card/history/", "templates/", "entries/?after=0", "readers/")
    said = "".join(browser.get(f"/conversations/{new.pk}/{door}").content.decode() for door in doors)
    for word in ("Quince", "heron", "after six", "her sister helps"):
        assert word not in pane + said
    rows = browser.get("/inbox/list/?view=waiting").content.decode()
    assert "Rosa" in rows
    assert "Rosa" not in rows.split(f'id="row-{new.pk}"')[1].split("</li>")[0]


def test_a_choice_takes_a_reason_to_be_sure_and_somebody_new_takes_none(
    line: Line, rosa: Conversation, naomi: Membership
) -> None:
    new = begun(line, 2)
    for unsure in ({"known_by": rosa.pk}, {"known_by": rosa.pk, "how": "new"}, {"how": "told"}, {"how": "unsure"}):
        assert "Nothing was changed" in post(new, naomi, "who", **unsure)
        assert client_of(new) != client_of(rosa)

    assert BANNER not in post(new, naomi, "who", how="new")
    assert client_of(new) != client_of(rosa)
    with in_center(line.center_id):
        assert new.events.filter(what=EventKind.NOBODY_KNOWN, by=naomi.staff_id).count() == 1


def test_joined_she_has_one_card_and_taken_apart_everything_says_again_what_it_said(
    line: Line, rosa: Conversation, naomi: Membership, ruth: Membership
) -> None:
    new = begun(line, 2)
    with in_center(line.center_id):
        change_card(new, {"calls": "never", "note": "only by day", "language": "en"}, seen=0, by=naomi)
        set_tag(new, add_tag(line.center, "first visit"), on=True, by=naomi)
        gather(line.center_id)
    was = client_of(new)

    joined = post(new, naomi, "who", known_by=rosa.pk, how="told")

    her = client_of(rosa)
    assert client_of(new) == her
    assert BANNER not in joined
    assert "Before this: another conversation with her" in joined
    assert "Her card says something else about: About her." in joined
    with in_center(line.center_id):
        assert NumberEpoch.objects.get(pk=new.epoch_id).client == her
        assert (her.name, her.calls, her.note) == ("Rosa Quince", "never", "her sister helps")
        assert ClientTag.objects.filter(client=her).count() == 2
        assert not SearchText.objects.filter(conversation=new).exists(), "a search finds her by her name at once"
        assert rosa.events.filter(what=EventKind.JOINED).count() == 1
        entry = LogEntry.objects.get(event=Event.CLIENT_RECOGNIZED)
        assert (entry.client_id, entry.facts) == (her.pk, {"how": "told", "from": str(was.pk)})
    assert "needs a ride" in joined

    apart = post(new, ruth, "who/back", recognition=standing(new))

    assert BANNER in apart
    assert client_of(new) == was
    her = client_of(rosa)
    with in_center(line.center_id):
        assert (her.calls, her.note, was.note) == ("", "her sister helps", "only by day")
        assert ClientTag.objects.filter(client=her).count() == 1
        assert NumberEpoch.objects.get(pk=new.epoch_id).client == was
        assert rosa.events.filter(what=EventKind.PARTED).count() == 1
        assert LogEntry.objects.filter(event=Event.CLIENT_TAKEN_APART).count() == 1


def test_what_somebody_wrote_since_they_were_joined_stays_with_her(
    line: Line, rosa: Conversation, naomi: Membership
) -> None:
    new = begun(line, 2)
    with in_center(line.center_id):
        change_card(new, {"prefers": "text", "language": "en"}, seen=0, by=naomi)
    post(new, naomi, "who", known_by=rosa.pk, how="voice")
    with in_center(line.center_id):
        change_card(rosa, {"prefers": "call"}, seen=client_of(rosa).version, by=naomi)

    post(new, naomi, "who/back", recognition=standing(new))

    assert client_of(rosa).prefers == "call"


def test_those_whom_colleagues_hold_are_only_counted_and_cannot_be_chosen(
    line: Line, rosa: Conversation, naomi: Membership, ruth: Membership
) -> None:
    with in_center(line.center_id):
        assign(rosa, to=ruth, by=ruth)
    new = begun(line, 2)

    said = page(new, naomi)
    assert "Rosa" not in said
    assert "1 more, with colleagues: ask a supervisor." in said
    assert "cannot be chosen" in post(new, naomi, "who", known_by=rosa.pk, how="told")
    assert client_of(new) != client_of(rosa)
    assert "Rosa" in page(new, ruth), "the guard can fail: a supervisor is offered her"


def test_whoever_comes_second_changes_nothing_and_is_told(
    line: Line, rosa: Conversation, naomi: Membership, ruth: Membership
) -> None:
    new = begun(line, 2)
    post(new, ruth, "who", how="new")
    late = post(new, naomi, "who", known_by=rosa.pk, how="told")
    assert "A colleague has just said who writes here" in late
    assert client_of(new) != client_of(rosa)


def test_a_number_typed_in_full_finds_only_what_this_person_may_open_and_is_on_the_record(
    line: Line, rosa: Conversation, naomi: Membership, ruth: Membership
) -> None:
    mine = begun(line, 2, sender=OTHER)
    with in_center(line.center_id):
        assign(rosa, to=ruth, by=ruth)
    typed = {"how": "words", "seen": ""}

    held = post(mine, naomi, "other-number", number="(614) 555-0101", **typed)
    none = post(mine, naomi, "other-number", number="614 555 0177", **typed)

    nothing = "There is no conversation with this number that you can open. Nothing was changed."
    assert nothing in held
    assert nothing in none
    with in_center(line.center_id):
        assert LogEntry.objects.filter(event=Event.SEARCH).count() == 2
    found = post(mine, ruth, "other-number", number="(614) 555-0101", **typed)
    assert client_of(mine) == client_of(rosa)
    assert "Number ends in 01" in found
    assert "1 more, with colleagues." in page(mine, naomi)
    assert f"/conversations/{rosa.pk}/" not in page(mine, naomi)


def test_her_calls_from_every_number_stand_together_and_only_those_this_person_may_open(
    line: Line, rosa: Conversation, naomi: Membership, ruth: Membership
) -> None:
    mine = begun(line, 2, sender=OTHER)
    with in_center(line.center_id):
        rosa.refresh_from_db()
        rosa.take_number()
        rosa.save(update_fields=["sequence"])
        Call.objects.create(
            center_id=line.center_id,
            conversation=rosa,
            line=line,
            sequence=rosa.sequence,
            twilio_sid="CA" + "7" * 32,
            bridged_at=timezone.now(),
            ended_at=timezone.now(),
            talk_seconds=61,
        )
    post(mine, naomi, "other-number", number=PHONE, how="voice", seen="")

    assert "She called; we spoke" in page(mine, naomi, "card/history/")
    with in_center(line.center_id):
        assign(rosa, to=ruth, by=ruth)
    assert "She has not called." in page(mine, naomi, "card/history/")


def test_a_call_from_a_withheld_number_is_given_to_whom_it_is_from_and_a_number_of_one_more_to_her_too(
    line: Line, rosa: Conversation, naomi: Membership
) -> None:
    alone = begun(line, 2, sender=OTHER)
    call(line, From="anonymous", hook="call_status", CallStatus="no-answer")
    recorded(line)
    with in_center(line.center_id):
        withheld = Conversation.objects.select_related("client", "epoch__number").get(calls__isnull=False)

    post(withheld, naomi, "other-number", number=PHONE, how="voice", seen="")
    assert client_of(withheld) == client_of(rosa)
    assert "Number withheld" in page(rosa, naomi)

    post(rosa, naomi, "other-number", number=OTHER, how="told", seen="")
    assert client_of(alone) == client_of(rosa) == client_of(withheld), "who was alone comes to her, not she to that one"
    post(alone, naomi, "who/back", recognition=standing(alone))
    assert client_of(alone) != client_of(rosa)
