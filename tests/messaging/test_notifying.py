"""Whoever is to answer gets to know that something is new: once, at the right desk, and nothing besides that."""

import json
from datetime import UTC, datetime, time, timedelta
from itertools import product
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone, translation
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.actions.suspending import suspend
from accounts.mail import message_for
from accounts.models import Membership
from accounts.notices import Notice
from audit.models import LogEntry
from jobs.models import Job
from messaging import bell
from messaging.actions import notifying
from messaging.consumers import BellConsumer
from messaging.models import Conversation, Line, NotificationSettings
from tenancy.ids import uuid7
from tenancy.scope import in_center, in_platform
from tests.doors import sid, signed_in, text_in

pytestmark = pytest.mark.django_db
ADDRESS = "/settings/notifications/"


def _written(line: Line, number: int, *, assignee: Membership | None = None) -> Conversation:
    text_in(line, From=f"+1614555{2000 + number}", MessageSid=sid(number))
    with in_center(line.center_id):
        row = Conversation.objects.latest("created_at")
        if assignee:
            Conversation.objects.filter(pk=row.pk).update(assignee=assignee.staff_id)
        return row


def test_what_waits_for_her_is_what_she_holds_and_what_nobody_does(
    line: Line, naomi: Membership, ruth: Membership
) -> None:
    _written(line, 1, assignee=naomi)
    _written(line, 2, assignee=ruth)
    free = _written(line, 3)
    for member in (naomi, ruth):
        answer = signed_in(member).get("/news/").json()
        assert answer["waiting"] == 2
        assert datetime.fromisoformat(answer["latest"]) == _milliseconds(free.waiting_since)
        assert set(answer) == {"waiting", "latest", "notifies", "sound"}, "no words, no ids"


def _milliseconds(moment: datetime | None) -> datetime:
    assert moment is not None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _choose(client: Client, **fields: Any) -> Any:
    return client.post(ADDRESS, {"quiet_from": "", "quiet_until": "", "mail_after": "", "sound": "", **fields})


def test_a_browser_calls_only_whoever_asked_it_to_and_no_other_browser_of_hers_does(naomi: Membership) -> None:
    here, elsewhere = signed_in(naomi), signed_in(naomi)
    assert _choose(here, notifies="on", sound="two").status_code == 302
    assert (here.get("/news/").json()["notifies"], here.get("/news/").json()["sound"]) == (True, "two")
    assert (elsewhere.get("/news/").json()["notifies"], elsewhere.get("/news/").json()["sound"]) == (False, "")
    with in_center(naomi.center_id):
        assert LogEntry.objects.filter(event="notifications_changed").exists()


def test_in_quiet_hours_a_browser_neither_sounds_nor_shows_and_still_counts(naomi: Membership, line: Line) -> None:
    _written(line, 1)
    client = signed_in(naomi)
    now = timezone.now().astimezone(naomi.center.zone)
    around = {"quiet_from": f"{now - timedelta(hours=1):%H:%M}", "quiet_until": f"{now + timedelta(hours=1):%H:%M}"}
    assert _choose(client, notifies="on", sound="soft", **around).status_code == 302
    assert client.get("/news/").json() | {"latest": None} == {
        "waiting": 1, "latest": None, "notifies": False, "sound": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [{"quiet_from": "22:00"}, {"quiet_from": "9:00", "quiet_until": "9:00"}, {"mail_after": "7"}, {"sound": "siren"}],
)
def test_what_cannot_be_kept_is_said_and_nothing_is_kept(naomi: Membership, wrong: dict[str, str]) -> None:
    client = signed_in(naomi)
    answer = _choose(client, **wrong)
    assert answer.status_code == 422
    assert any(mark in answer.content.decode() for mark in ("field__error", "notice--error"))
    with in_center(naomi.center_id):
        assert not NotificationSettings.objects.exists()


@pytest.mark.parametrize(("begins", "ends"), list(product((time(0), time(9), time(22)), repeat=2)))
def test_quiet_hours_hold_from_their_first_minute_to_their_last_over_midnight_too(
    naomi: Membership, begins: time, ends: time
) -> None:
    chosen = NotificationSettings(quiet_from=begins, quiet_until=ends)
    day = datetime(2026, 11, 3, tzinfo=naomi.center.zone)
    quiet = [hour for hour in range(24) if notifying.is_quiet(chosen, naomi, day.replace(hour=hour).astimezone(UTC))]
    expected = [(begins.hour + step) % 24 for step in range((ends.hour - begins.hour) % 24 or 24)]
    assert quiet == sorted(expected)


def _mails(member: Membership) -> int:
    with in_platform():
        return Job.objects.filter(kind="tell_please_look", subject_id=member.staff_id).count()


def _after(minutes: int) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
        notifying.call_on_staff()


def test_whoever_wants_it_is_asked_by_mail_once_an_hour_while_nobody_answers(
    naomi: Membership, ruth: Membership, line: Line, settings: Settings
) -> None:
    settings.EMAIL_HOST = "mail.test"
    _choose(signed_in(naomi), mail_after="15")
    _written(line, 1)
    told = []
    for minutes in (14, 16, 20, 75, 77, 100):
        _after(minutes)
        told.append(_mails(naomi))
    assert told == [0, 1, 1, 1, 2, 2]
    assert _mails(ruth) == 0, "she did not ask for it"


def test_a_new_wait_is_mailed_of_although_an_older_one_was_a_moment_ago(
    naomi: Membership, line: Line, settings: Settings
) -> None:
    settings.EMAIL_HOST = "mail.test"
    _choose(signed_in(naomi), mail_after="5")
    first = _written(line, 1)
    _after(6)
    with in_center(naomi.center_id):
        Conversation.objects.filter(pk=first.pk).update(waiting_since=timezone.now() + timedelta(minutes=7))
    _after(10)
    assert _mails(naomi) == 1
    _after(13)
    assert _mails(naomi) == 2


@pytest.mark.parametrize("why", ["held by a colleague", "suspended", "quiet hours", "answered"])
def test_nobody_is_asked_by_mail_for_what_is_not_hers_to_do(
    naomi: Membership,
    ruth: Membership,
    adina: Membership,
    line: Line,
    settings: Settings,
    why: str,
) -> None:
    settings.EMAIL_HOST = "mail.test"
    now = timezone.now().astimezone(naomi.center.zone)
    quiet = {"quiet_from": f"{now - timedelta(hours=1):%H:%M}", "quiet_until": f"{now + timedelta(hours=2):%H:%M}"}
    _choose(signed_in(naomi), mail_after="5", **(quiet if why == "quiet hours" else {}))
    row = _written(line, 1, assignee=ruth if why == "held by a colleague" else None)
    with in_center(naomi.center_id):
        if why == "suspended":
            suspend(naomi, by=adina)
        if why == "answered":
            Conversation.objects.filter(pk=row.pk).update(waiting_since=None)
    _after(6)
    assert _mails(naomi) == 0


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_mail_says_only_that_she_is_to_look(naomi: Membership, language: str) -> None:
    naomi.staff.language = language
    with translation.override(language):
        mail = message_for(naomi.staff, Notice.PLEASE_LOOK, happened_at=timezone.now(), key="key")
    said = f"{mail.subject} {mail.body}".lower()
    for word in ("client", "pregnan", "embaraz", "text", "mensaje", "call", "llam", "center", "centro"):
        assert word not in said.replace("quietline", "").replace("called", ""), word


def test_the_bell_calls_whoever_is_to_answer_and_not_those_who_read_along(
    line: Line,
    naomi: Membership,
    ruth: Membership,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    rung: list[dict[str, Any]] = []
    monkeypatch.setattr(bell, "_publish", rung.append)
    row = _written(line, 1, assignee=naomi)
    rung.clear()
    with django_capture_on_commit_callbacks(execute=True):
        text_in(line, From="+16145552001", MessageSid=sid(2))
    assert [(news["aloud"], news["assignee"]) for news in rung] == [(True, str(naomi.staff_id))]
    rung.clear()
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(naomi).post(
            f"/conversations/{row.pk}/notes/", {"body": "She likes to be called Dee.", "key": str(uuid7())}
        )
    assert [news["aloud"] for news in rung] == [False]


@pytest.mark.parametrize(("assignee", "aloud"), [("hers", True), (None, True), ("a colleague's", False)])
async def test_a_socket_tells_aloud_only_what_is_hers_or_nobodys(assignee: str | None, aloud: bool) -> None:
    told: list[dict[str, Any]] = []

    class Ear(BellConsumer):
        async def send(self, text_data: str | None = None, *args: Any, **kwargs: Any) -> None:
            told.append(json.loads(text_data or ""))

    ear = Ear()
    ear.member = type("Member", (), {"staff_id": "hers"})()  # type: ignore[assignment]  # all that is asked of it
    await ear.tell({"conversation": "c", "sequence": 7, "assignee": assignee, "aloud": True})
    await ear.tell({"conversation": "c", "sequence": 8, "assignee": assignee, "aloud": False, "called": ["hers"]})
    assert [(frame["sequence"], frame["aloud"]) for frame in told] == [(7, aloud), (8, True)], "called by her name"
    lost = {"conversation": "c", "sequence": 9, "assignee": None}
    for holder in ("hers", "a colleague's"):
        await ear.tell({**lost, "lost": [holder, "by", None]})
    assert [set(frame) - {"conversation", "sequence", "aloud"} for frame in told] == [set(), set(), {"by", "to"}, set()]
