"""Random joining and taking apart of four people, against a small model of who is who (requirement 19)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.models import Membership
from messaging.actions.client_card import TAGS, change_card, set_tag, told_by
from messaging.actions.recognizing import CARRIED, call_new, latest_standing, recognize, take_back
from messaging.actions.tags import add_tag
from messaging.models import Client, Conversation, Knowing, Line, NumberEpoch, Recognition
from tenancy.scope import in_center
from tests.doors import sid, text_in

PEOPLE, RUNS, STEPS = 4, 25, 14
people = st.integers(0, PEOPLE - 1)
CARDS: list[dict[str, str]] = [
    {"calls": "no_voicemail", "note": "her sister helps", "language": "en"},
    {"calls": "never", "safe_times": "after six", "language": "en"},
    {"prefers": "text", "note": "likes mornings", "language": "en"},
    {"language": "en"},
]


class Household(RuleBasedStateMachine):
    """The model: of each conversation what was said of it and not taken back, in order."""

    naomi: Membership
    line: Line

    def __init__(self) -> None:
        super().__init__()
        self._undone_afterwards = transaction.atomic()
        self._undone_afterwards.__enter__()
        with in_center(self.line.center_id):
            found = Conversation.objects.order_by("created_at")
            self.rows = list(found.select_related("client"))
        self.born = [row.client_id for row in self.rows]
        self.said: list[list[tuple[Recognition, Any]]] = [[] for _ in self.rows]
        self.cards = self._cards()

    def teardown(self) -> None:
        try:
            self._take_all_back()
        finally:
            transaction.set_rollback(True)
            self._undone_afterwards.__exit__(None, None, None)

    def _take_all_back(self) -> None:
        with in_center(self.line.center_id):
            for recognition in (recognition for said in self.said for recognition, _client in said):
                take_back(Recognition.objects.get(pk=recognition.pk), by=self.naomi)
        assert self._cards() == self.cards, "taken apart, each card says what it said"
        assert self._clients() == self.born

    def _cards(self) -> list[dict[str, Any]]:
        with in_center(self.line.center_id):
            return [told_by(Client.objects.get(pk=pk), [*CARRIED, "language", TAGS]) for pk in self.born]

    def _clients(self) -> list[Any]:
        with in_center(self.line.center_id):
            return list(Conversation.objects.order_by("created_at").values_list("client", flat=True))

    def _expected(self, one: int) -> Any:
        return self.said[one][-1][1] if self.said[one] else self.born[one]

    def _seen(self, one: int) -> Any:
        return self.said[one][-1][0].pk if self.said[one] else None

    @rule(one=people, other=people)
    def join(self, one: int, other: int) -> None:
        client = self._expected(other)
        if client == self._expected(one):
            return
        with in_center(self.line.center_id):
            row, known = (Conversation.objects.get(pk=self.rows[number].pk) for number in (one, other))
            recognize(row, known, how=Knowing.TOLD, seen=self._seen(one), by=self.naomi)
            said = latest_standing(row)
        assert said is not None
        self.said[one].append((said, client))

    @rule(one=people)
    def say_that_she_is_new(self, one: int) -> None:
        with in_center(self.line.center_id):
            row = Conversation.objects.get(pk=self.rows[one].pk)
            call_new(row, seen=self._seen(one), by=self.naomi)
            said = latest_standing(row)
        assert said is not None
        self.said[one].append((said, self._expected(one)))

    @precondition(lambda self: any(self.said))
    @rule(data=st.data())
    def take_one_back(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from([number for number, said in enumerate(self.said) if said]))
        recognition, _client = self.said[one].pop(data.draw(st.integers(0, len(self.said[one]) - 1)))
        with in_center(self.line.center_id):
            take_back(Recognition.objects.get(pk=recognition.pk), by=self.naomi)

    @invariant()
    def every_conversation_is_with_whom_the_standing_rows_say(self) -> None:
        assert self._clients() == [self._expected(one) for one in range(PEOPLE)]
        with in_center(self.line.center_id):
            epochs = NumberEpoch.objects.order_by("started_at").values_list("client", flat=True)
            assert list(epochs) == self._clients()

    @invariant()
    def nothing_that_a_client_told_is_lost(self) -> None:
        for before, now in zip(self.cards, self._cards(), strict=True):
            assert {*before[TAGS]} <= {*now[TAGS]}
            assert all(now[name] == before[name] for name in before if before[name] and name not in (TAGS, "calls"))


@pytest.fixture
def run(line: Line, naomi: Membership) -> Callable[[], None]:
    with in_center(line.center_id):
        tags = [add_tag(line.center, label) for label in ("first visit", "needs a ride")]
    for number in range(PEOPLE):
        text_in(line, From=f"+1614555010{number}", MessageSid=sid(number))
    with in_center(line.center_id):
        for number, row in enumerate(Conversation.objects.order_by("created_at")):
            change_card(row, CARDS[number], seen=0, by=naomi)
            for tag in tags[number : number + 1]:
                set_tag(row, tag, on=True, by=naomi)
    Household.line, Household.naomi = line, naomi
    calmly = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    return lambda: run_state_machine_as_test(Household, settings=calmly)  # type: ignore[no-untyped-call]


@pytest.mark.django_db
def test_in_whatever_order_people_are_joined_and_taken_apart_each_conversation_and_card_is_whose_it_was(
    run: Callable[[], None],
) -> None:
    run()


@pytest.mark.django_db
def test_one_that_stays_where_it_was_taken_back_from_is_found_out(
    run: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.actions.recognizing.client_said", lambda row: row.client)
    with pytest.raises(AssertionError):
        run()
