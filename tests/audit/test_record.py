"""record(): one line with the act, saying who, where and in which request, and never a word of anybody."""

import asyncio
import json
from contextvars import Context
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from audit.context import Actor, acting, current_actor, current_request_id, new_request_id
from audit.events import Event
from audit.facts import UnsafeFact, opens
from audit.leaf import PersonalData
from audit.models import Disclosure, LogEntry, PendingLeaf
from audit.record import OutsideTransaction, record, record_read
from audit.tree import leaf_hash
from tenancy.ids import INSTALLATION, uuid7
from tenancy.scope import in_center, in_platform

SOME_ID = "01a20be5-c9d5-76ca-8675-1ffdfe0788a9"


def test_an_entry_says_who_where_and_in_which_request(here, reader):
    conversation, client, request_id = uuid7(), uuid7(), new_request_id()
    subject = ContentType.objects.get_for_model(LogEntry)
    with in_center(here), acting(Actor.staff(reader), request_id=request_id):
        pk = record(Event.TAKEN, subject=subject, conversation=conversation, client=client, facts={"seen": 7}).pk
        entry = LogEntry.objects.get(pk=pk)

    assert (entry.actor_id, entry.actor_kind, entry.cid) == (reader, "staff", request_id)
    assert (entry.center_id, entry.conversation_id, entry.client_id) == (here, conversation, client)
    assert (entry.event, entry.facts) == ("taken", {"seen": 7})
    assert entry.object_repr == f"contenttypes.contenttype {subject.pk}"


def test_the_leaf_is_the_hash_of_what_the_database_gives_back(here, reader):
    with in_center(here), acting(Actor.staff(reader)):
        written = record(
            Event.TAKEN,
            subject=ContentType.objects.get_for_model(LogEntry),
            facts={"b": True, "a": None, "n": -3, "t": "2026-11-24T03:12"},
        )
        read = LogEntry.objects.get(pk=written.pk)
    assert bytes(read.leaf) == leaf_hash(read.canonical) == written.leaf
    assert read.canonical.startswith(b'{"at":"20')


def test_an_entry_without_a_center_is_seen_from_every_center_and_one_of_another_center_is_not(here):
    with in_center(here):
        theirs = record(Event.NOTE_WRITTEN)
        nobodys = record(Event.STARTED, center=INSTALLATION)
    assert nobodys.center_id is None
    with in_center(uuid7()):
        assert set(LogEntry.objects.filter(pk__in=[theirs.pk, nobodys.pk])) == {nobodys}


def test_recording_outside_a_transaction_is_refused(fresh_database):
    with pytest.raises(OutsideTransaction):
        record(Event.STARTED)


def test_an_entry_is_one_statement(here, django_assert_num_queries):
    subject = ContentType.objects.get_for_model(LogEntry)
    with in_center(here), django_assert_num_queries(1):
        record(Event.TAKEN, subject=subject, facts={"a": 1})


def test_no_act_without_its_entry_and_no_entry_without_its_act(committed_center):
    with pytest.raises(RuntimeError), in_center(committed_center):
        record(Event.NOTE_WRITTEN)
        raise RuntimeError
    with in_platform():
        assert not LogEntry.objects.exists()
        assert not PendingLeaf.objects.exists()

    with pytest.raises(UnsafeFact), in_center(committed_center):
        ContentType.objects.create(app_label="act", model="act")
        record(Event.NOTE_WRITTEN, facts={"body": "I am frightened"})
    assert not ContentType.objects.filter(app_label="act").exists()


@pytest.mark.parametrize(
    "value",
    [
        "I am frightened",
        "Sarah Miller",
        "sarah@example.org",
        "+16145550100",
        "6145550100",
        "614-555-0100",
        "(614) 555 0100",
        16145550100,
        "línea",
        "a\nb",
        "a\x00",
        "x" * 121,
        1.5,
        ["a"],
        {"a": 1},
    ],
)
def test_words_names_addresses_and_numbers_are_no_facts(here, value):
    with in_center(here), pytest.raises(UnsafeFact) as refused, transaction.atomic():
        record(Event.NOTE_WRITTEN, facts={"fact": value})
    assert str(value) not in str(refused.value)


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -1, 30007, "no-answer", "2026-11-24", "America/New_York", "SM" + "0" * 32, SOME_ID],
)
def test_ids_codes_counts_and_times_are_facts(here, value):
    with in_center(here), acting(Actor.system()):
        assert record(Event.NOTE_WRITTEN, facts={"fact": value}).facts == {"fact": value}


def test_a_personal_value_stands_in_the_log_as_a_commitment_that_only_the_sealed_side_opens(here):
    with in_center(here):
        entry = record(Event.SIGN_IN_PASSWORD_REFUSED, personal={"address": "203.0.113.9"})
        opening = Disclosure.objects.get(entry=entry).opening
    assert "203.0.113.9" not in entry.canonical.decode()
    assert opens(entry.facts["address"], bytes.fromhex(opening["salt"]), opening["value"])
    assert not opens(entry.facts["address"], bytes(16), "203.0.113.9")


def test_two_commitments_to_one_value_differ(here):
    with in_center(here):
        one, two = (record(Event.SEARCH, personal={"words": "baby"}).facts["words"] for _ in range(2))
    assert one != two


def test_columns_that_auditlog_would_fill_with_persons_stay_empty(here):
    with in_center(here):
        entry = LogEntry(event=Event.STARTED, action=1, actor_email="ruth@example.org")
        entry.remote_addr, entry.changes_text = "203.0.113.9", "Sarah"
        entry.additional_data, entry.serialized_data = {"name": "Sarah"}, {"a": 1}
        entry.object_repr = "Sarah Miller"
        entry.save(force_insert=True)
        kept = LogEntry.objects.get(pk=entry.pk)
    assert (kept.actor_email, kept.remote_addr, kept.additional_data, kept.serialized_data) == (None,) * 4
    assert (kept.changes_text, kept.object_repr) == ("", "")


def test_what_a_later_signal_adds_is_refused_at_the_last_moment(here):
    with in_center(here), pytest.raises(PersonalData, match="actor_email") as refused, transaction.atomic():
        LogEntry.objects.bulk_create([LogEntry(event="started", action=1, actor_email="ruth@example.org")])
    assert "ruth@" not in str(refused.value)


def test_a_repeated_read_within_five_minutes_is_one_entry(here, reader, time_machine):
    naomi = uuid7()
    subject, other = ContentType.objects.all()[:2]
    time_machine.move_to("2026-11-24T03:00:00Z", tick=False)
    with in_center(here):
        with acting(Actor.staff(reader)):
            assert record_read(subject)
            assert record_read(subject) is None
            assert record_read(other)
            assert record_read(subject, event=Event.LIST_READ)
        with acting(Actor.staff(naomi)):
            assert record_read(subject)
        time_machine.move_to("2026-11-24T03:04:59Z", tick=False)
        with acting(Actor.staff(reader)):
            assert record_read(subject) is None
            time_machine.move_to("2026-11-24T03:05:00Z", tick=False)
            assert record_read(subject)


def test_a_read_that_was_rolled_back_is_recorded_the_next_time(committed_center, reader):
    subject = ContentType.objects.first()
    with acting(Actor.staff(reader)):
        with pytest.raises(RuntimeError), in_center(committed_center):
            assert record_read(subject)
            raise RuntimeError
        with in_center(committed_center):
            assert record_read(subject)


def test_a_read_costs_two_statements_and_a_repeated_one_a_single_one(here, reader, django_assert_num_queries):
    subject = ContentType.objects.first()
    ContentType.objects.get_for_model(subject)
    with in_center(here), acting(Actor.staff(reader)):
        with django_assert_num_queries(2):
            record_read(subject)
        with django_assert_num_queries(1):
            record_read(subject)


def test_actors_nest_and_the_outer_one_comes_back():
    outer, inner = Actor.staff(UUID(int=1)), Actor.system()
    before = current_actor()
    with acting(outer, request_id="a"):
        with acting(inner):
            assert (current_actor(), current_request_id()) == (inner, "a")
        assert current_actor() == outer
    assert (current_actor(), current_request_id()) == (before, None)


def test_whoever_was_not_named_is_nobody():
    assert Context().run(current_actor) == Actor.nobody()


async def test_each_task_and_its_threads_have_their_own_actor():
    async def seen_by(number: int) -> set[Actor]:
        with acting(Actor.staff(UUID(int=number))):
            await asyncio.sleep(0)
            return {current_actor(), await sync_to_async(current_actor)()}

    found = await asyncio.gather(*(seen_by(number) for number in range(1, 20)))
    assert found == [{Actor.staff(UUID(int=number))} for number in range(1, 20)]


def test_a_command_is_named(here):
    with in_center(here), acting(Actor.command("add_line")):
        entry = record(Event.LINE_ADDED, facts={"n": 1})
    assert (entry.actor_kind, entry.facts) == ("command", {"n": 1, "command": "add_line"})
    assert json.loads(entry.canonical)["facts"]["command"] == "add_line"
