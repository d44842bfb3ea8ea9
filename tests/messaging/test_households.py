"""Two to four people on one phone, made up: no words of one stand under another without a choice (requirement 19)."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Membership
from messaging.actions.closing import close
from messaging.actions.recognizing import call_new, choices_for, latest_standing, recognize, take_back
from messaging.actions.splitting import split_at
from messaging.models import Client, Conversation, EpochEnd, Knowing, Line, Outcome
from tenancy.scope import in_center
from tests.doors import sid, signed_in, text_in

WORDS = re.compile(r"words of (\w+)")
NAMES = ("Adah", "Bilhah", "Chloe", "Damaris")
people = st.integers(2, 4).flatmap(lambda count: st.lists(_step(count), min_size=3, max_size=9))


def _step(count: int) -> st.SearchStrategy[tuple[str, int]]:
    acts = ("text", "text", "text", "say who", "say who", "close", "wait", "take back")
    return st.tuples(st.sampled_from(acts), st.integers(0, count - 1))


class Household:
    """What is true: who spoke in which conversation. The staff of this center say nothing that is not."""

    def __init__(self, line: Line, by: Membership, now: datetime) -> None:
        self.line, self.by, self.now, self.texts = line, by, now, 0

    def act(self, act: str, who: int) -> None:
        with time_machine.travel(self.now, tick=False):
            if act == "text":
                self._text(NAMES[who])
            elif (row := self._newest()) is not None:
                with in_center(self.line.center_id):
                    getattr(self, "_" + act.replace(" ", "_"))(row)
        self.now += timedelta(minutes=1)

    def _text(self, name: str) -> None:
        self.texts += 1
        text_in(self.line, f"words of {name} {self.texts}", MessageSid=sid(self.texts))
        row = self._newest()
        assert row is not None
        with in_center(self.line.center_id):
            said = row.messages.order_by("-sequence")
            if {_speaker(text.body) for text in said} != {name}:
                split_at(row, said[0].sequence, reason=EpochEnd.SHARED, by=self.by)

    def _say_who(self, row: Conversation) -> None:
        row = Conversation.objects.opened_by(self.by).get(pk=row.pk)
        if not row.asks_who:
            return
        name, people = _speaker(row.messages.all()[0].body), choices_for(row, by=self.by).people
        hers = [known for known in people if _speaker(known.messages.all()[0].body) == name]
        if hers:
            recognize(row, hers[0], how=Knowing.VOICE, seen=None, by=self.by)
        else:
            call_new(row, seen=None, by=self.by)

    def _take_back(self, row: Conversation) -> None:
        if said := latest_standing(row):
            take_back(said, by=self.by)

    def _close(self, row: Conversation) -> None:
        close(row, outcome=Outcome.ANSWERED, by=self.by)

    def _wait(self, row: Conversation) -> None:
        self.now += timedelta(hours=13)

    def _newest(self) -> Conversation | None:
        with in_center(self.line.center_id):
            return Conversation.objects.select_related("client").order_by("-epoch__started_at").first()

    def shows_each_her_own(self, browser: Any) -> None:
        with in_center(self.line.center_id):
            rows = list(Conversation.objects.all())
            spoke = {row.pk: {_speaker(text.body) for text in row.messages.filter(direction="in")} for row in rows}
            for client in Client.objects.all():
                assert len({name for row in client.conversations.all() for name in spoke[row.pk]}) <= 1
        assert sum(map(len, spoke.values())) == len(rows), "each conversation is with one"
        for row in rows:
            pane = browser.get(f"/conversations/{row.pk}/", headers={"HX-Request": "true"}).content.decode()
            assert set(WORDS.findall(pane)) == spoke[row.pk]


def _speaker(body: str) -> str:
    return WORDS.findall(body)[0]  # type: ignore[no-any-return]


def _live(steps: list[tuple[str, int]], line: Line, by: Membership) -> None:
    with transaction.atomic():
        household = Household(line, by, timezone.now())
        for act, who in steps:
            household.act(act, who)
        household.shows_each_her_own(signed_in(by))
        transaction.set_rollback(True)


calmly = settings(max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


@pytest.mark.django_db
def test_no_words_of_one_stand_under_another(line: Line, ruth: Membership) -> None:
    @calmly
    @given(people)
    def live(steps: list[tuple[str, int]]) -> None:
        _live(steps, line, ruth)

    live()


@pytest.mark.django_db
def test_a_number_that_stands_for_one_person_is_found_out(
    line: Line, ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.messaging.test_households.split_at", lambda *args, **kwargs: None)
    with pytest.raises(AssertionError):
        _live([("text", 0), ("text", 1)], line, ruth)
