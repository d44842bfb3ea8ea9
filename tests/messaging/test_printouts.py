"""A whole conversation goes on paper when two people want it, and never otherwise."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Center, Membership, Role
from audit.events import Event
from audit.guard import audited
from audit.models import LogEntry
from jobs.models import Job
from messaging.models import Conversation, Line, Printout
from tenancy.scope import in_center
from tests.cast import employ
from tests.doors import sid, signed_in, text_in

pytestmark = pytest.mark.django_db
REASON = "A heron of a reason"


@pytest.fixture
def conversation(line: Line) -> Conversation:
    text_in(line, "my words on paper", MessageSid=sid(1))
    with in_center(line.center_id):
        return Conversation.objects.get()


@pytest.fixture
def people(center: Center) -> dict[str, Membership]:
    return {name: employ(center, name, Role.SUPERVISOR) for name in ("Esther", "Judith")}


def ask(desk: Client, conversation: Conversation) -> Printout:
    address = f"/conversations/{conversation.pk}/print/"
    assert desk.post(address, {"reason": REASON}, secure=True).status_code == 302
    with in_center(conversation.center_id):
        return Printout.objects.select_related("conversation").latest("asked_at")


def decide(desk: Client, printout: Printout, answer: str = "yes") -> str:
    page = desk.post(f"/printouts/{printout.pk}/decide/", {"answer": answer}, secure=True, follow=True)
    return str(page.content.decode())


def printed(desk: Client, printout: Printout) -> Any:
    return desk.get(f"/printouts/{printout.pk}/", secure=True)


def test_what_one_asks_for_and_another_agrees_to_is_printed_for_an_hour(
    conversation: Conversation, people: dict[str, Membership]
) -> None:
    hers, other = signed_in(people["Esther"]), signed_in(people["Judith"])
    printout = ask(hers, conversation)
    assert printed(hers, printout).status_code == 404
    assert REASON in other.get("/printouts/", secure=True).content.decode()
    assert "You agreed." in decide(other, printout)
    page = printed(hers, printout)
    assert "my words on paper" in page.content.decode()
    assert printed(other, printout).status_code == 404, "it is given to whoever asked"
    with in_center(conversation.center_id), audited():
        Printout.objects.update(agreed_at=timezone.now() - timedelta(minutes=61))
    assert printed(hers, printout).status_code == 404
    events = [Event.PRINT_ASKED, Event.PRINT_AGREED, Event.CONVERSATION_PRINTED]
    with in_center(conversation.center_id):
        entries = LogEntry.objects.filter(event__in=events, conversation_id=conversation.pk).order_by("pk")
        assert [(entry.event, entry.actor_id) for entry in entries] == [
            (Event.PRINT_ASKED, people["Esther"].staff_id),
            (Event.PRINT_AGREED, people["Judith"].staff_id),
            (Event.CONVERSATION_PRINTED, people["Esther"].staff_id),
        ]


def test_nobody_agrees_to_what_she_asked_for_herself(conversation: Conversation, people: dict[str, Membership]) -> None:
    hers = signed_in(people["Esther"])
    printout = ask(hers, conversation)
    assert REASON not in hers.get("/printouts/", secure=True).content.decode()
    assert "Nothing was changed" in decide(hers, printout)
    assert printed(hers, printout).status_code == 404
    with in_center(conversation.center_id), pytest.raises(IntegrityError), transaction.atomic(), audited():
        Printout.objects.update(decided_by=people["Esther"].staff_id, agreed_at=timezone.now())


def test_what_was_refused_stays_refused_and_can_be_asked_for_anew(
    conversation: Conversation, people: dict[str, Membership]
) -> None:
    hers, other = signed_in(people["Esther"]), signed_in(people["Judith"])
    printout = ask(hers, conversation)
    assert "You refused it." in decide(other, printout, "no")
    assert "Nothing was changed" in decide(other, printout, "yes")
    assert printed(hers, printout).status_code == 404
    again = ask(hers, conversation)
    assert again.pk != printout.pk
    assert ask(hers, conversation).pk == again.pk, "asked twice is asked once"


def test_what_nobody_decided_in_a_week_is_over(conversation: Conversation, people: dict[str, Membership]) -> None:
    printout = ask(signed_in(people["Esther"]), conversation)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        other = signed_in(people["Judith"])
        assert REASON not in other.get("/printouts/", secure=True).content.decode()
        assert "Nothing was changed" in decide(other, printout)


def test_a_specialist_prints_nothing_and_is_not_offered_it(
    conversation: Conversation, people: dict[str, Membership], naomi: Membership
) -> None:
    desk = signed_in(naomi)
    assert "/print/" not in desk.get(f"/conversations/{conversation.pk}/", secure=True).content.decode()
    for address in (f"/conversations/{conversation.pk}/print/", "/printouts/"):
        assert desk.get(address, secure=True).status_code == 403
    printout = ask(signed_in(people["Esther"]), conversation)
    assert printed(desk, printout).status_code == 403


def test_whoever_could_be_the_second_person_is_told_to_look_and_nobody_else(
    conversation: Conversation,
    people: dict[str, Membership],
    naomi: Membership,
    settings: Any,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    ask(signed_in(people["Esther"]), conversation)
    told = Job.objects.filter(kind="tell_please_look").values_list("subject_id", flat=True)
    assert people["Judith"].staff_id in told
    assert not {people["Esther"].staff_id, naomi.staff_id} & set(told)
