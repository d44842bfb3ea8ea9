"""T3: whoever has a number after her meets nothing of hers, by whatever it ended."""

from datetime import timedelta
from itertools import count

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import Membership
from encryption.blind_index import phone_index
from messaging.actions.assignment import assign
from messaging.actions.client_card import change_card
from messaging.actions.epochs import end_epoch, mark_ended
from messaging.actions.later import keep_for_later
from messaging.actions.notes import write_note
from messaging.actions.replies import write_reply
from messaging.models import Conversation, EpochEnd, Line
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import sid, signed_in, text_in
from tests.messaging.conftest import work_after
from tests.messaging.test_calls import call
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db

# Letters that no page of ours holds in such a row.
secrets = st.lists(st.text("bcdfghjklmnpqrstvwxz", min_size=9, max_size=14), min_size=6, max_size=6, unique=True)
numbers = count(1000)


def told(line: Line, number: str, words: list[str], ruth: Membership) -> Conversation:
    """All that a conversation can hold of a client who writes Spanish, in a supervisor's hands."""
    hers, name, safe_times, ours, note, later = words
    text_in(line, f"Hola, necesito hablar con alguien, por favor: {hers}", From=number, MessageSid=sid(next(numbers)))
    with in_center(line.center_id):
        row = Conversation.objects.get(epoch__number__index=phone_index(line.center_id, number))
        assert row.client.language == "es", "or her language is nothing that could be met"
        assign(row, to=ruth, by=ruth)
        card = {"name": name.capitalize(), "safe_times": safe_times, "note": safe_times, "language": "es"}
        change_card(row, card, seen=0, by=ruth)
        write_note(row, by=ruth, body=note, client_key=uuid7(), mentioned=[])
        write_reply(row, by=ruth, body=ours, last_sequence=99, client_key=uuid7())
        keep_for_later(
            row,
            by=ruth,
            body=later,
            leaves_at=(timezone.now() + timedelta(days=2)).astimezone(row.center.zone).replace(hour=12),
            last_sequence=99,
            client_key=uuid7(),
        )
    return row


def ended(line: Line, row: Conversation, number: str, reason: EpochEnd, ruth: Membership) -> None:
    if reason is EpochEnd.WRONG_NUMBER:
        text_in(line, "número equivocado", From=number, MessageSid=sid(next(numbers)))
    elif reason is not EpochEnd.SILENCE:
        with in_center(line.center_id):
            if reason is EpochEnd.NEW_OWNER:
                mark_ended(row, reason, by=ruth)
            else:
                end_epoch(Conversation.objects.locked(row.pk), reason)


@pytest.mark.parametrize("reason", list(EpochEnd))
def test_nothing_of_an_ended_epoch_is_shown_said_or_sent_in_the_next_one(
    line: Line, naomi: Membership, ruth: Membership, twin: TwinProcess, reason: EpochEnd
) -> None:
    colleague, supervisor = signed_in(naomi), signed_in(ruth)

    @hypothesis_settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(secrets)
    def meets_nothing(words: list[str]) -> None:
        number = f"+1614555{next(numbers):04d}"
        row = told(line, number, words, ruth)
        ended(line, row, number, reason, ruth)
        before = len(twin.texts)
        later = timedelta(days=91 if reason is EpochEnd.SILENCE else 1)
        with time_machine.travel(timezone.now() + later):
            voice = call(line, From=number, CallSid=f"CA{next(numbers):032x}").content.decode()
            text_in(line, "Who is this?", From=number, MessageSid=sid(next(numbers)))
            work_after(90)
        sent = [text["body"] for text in twin.texts[before:] if text["to"] == number]
        with in_center(line.center_id):
            new = Conversation.objects.exclude(pk=row.pk).get(epoch__number=row.epoch.number_id)
            assert new.client.language == line.center.language
        doors = [f"/conversations/{new.pk}/{door}" for door in ("", "entries/?after=0", "card/history/", "templates/")]
        pages = [colleague.get(door, headers={"HX-Request": "true"}).content.decode() for door in doors]
        assert sent, "a stranger is answered like everybody, or this proves nothing"
        met = " ".join([voice, *sent, *pages]).lower()
        assert "Who is this?" in pages[0], "or this proves nothing"
        assert [word for word in words if word in met] == []
        assert "hola" not in voice.lower().split("</say>")[0]

        name = words[1]  # which stands where whoever may open the ended one says who is writing
        shown = supervisor.get(doors[0], headers={"HX-Request": "true"}).content.decode().lower()
        assert [word for word in words if word in shown and word != name] == []

    meets_nothing()
