"""The catalogue, and what it says to people."""

import re
from uuid import UUID

import pytest
from django.utils import translation

from audit.context import Actor
from audit.events import EVENTS_OF, READS, Event, EventGroup
from audit.models import LogEntry
from audit.sentences import GROUPS, KINDS, SENTENCES, actor_label, sentence

RUTH = UUID(int=7)


@pytest.mark.parametrize("event", Event)
def test_every_event_has_a_sentence_in_english(event):
    with translation.override("en"):
        words = sentence(LogEntry(event=event, actor_id=RUTH, actor_kind="staff"), {RUTH: "Ruth"})
    assert re.fullmatch(r"[A-Z].*\.", words)
    assert "%" not in words


def test_every_event_stands_in_exactly_one_group_and_every_group_has_a_name():
    assert sorted(event for events in EVENTS_OF.values() for event in events) == sorted(Event)
    assert set(GROUPS) == set(EventGroup) == {group for group, events in EVENTS_OF.items() if events}
    assert set(SENTENCES) == set(Event)


def test_every_code_fits_its_column():
    assert max(len(event) for event in Event) <= LogEntry._meta.get_field("event").max_length


def test_reads_change_nothing_by_their_name():
    assert {
        Event.CONVERSATION_OPENED,
        Event.LIST_READ,
        Event.SEARCH,
        Event.FILE_OPENED,
        Event.VOICEMAIL_PLAYED,
        Event.NUMBER_SHOWN,
        Event.CONVERSATION_PRINTED,
        Event.LOG_READ,
    } == READS


def test_every_kind_of_actor_has_a_name():
    kinds = {Actor.client(), Actor.twilio(), Actor.system(), Actor.command("x"), Actor.nobody()}
    assert {actor.kind for actor in kinds} == set(KINDS)
    for actor in kinds:
        assert actor_label(LogEntry(actor_kind=actor.kind), {})


def test_somebody_who_is_not_known_here_is_a_colleague_and_never_an_id():
    entry = LogEntry(event=Event.ROLE_CHANGED, actor_id=UUID(int=9), actor_kind="staff", object_pk=str(RUTH))
    with translation.override("en"):
        assert sentence(entry, {}) == "A colleague changed the role of a colleague."
        assert sentence(entry, {RUTH: "Ruth"}) == "A colleague changed the role of Ruth."


def test_the_colleague_can_be_named_by_a_fact():
    entry = LogEntry(event=Event.ROLE_CHANGED, actor_id=RUTH, actor_kind="staff", facts={"staff": str(RUTH)})
    with translation.override("en"):
        assert sentence(entry, {RUTH: "Ruth"}) == "Ruth changed the role of Ruth."


def test_a_code_that_the_catalogue_lost_is_shown_as_it_is():
    assert sentence(LogEntry(event="of_an_older_version"), {}) == "of_an_older_version"


def test_names_with_percent_signs_and_braces_are_only_names():
    entry = LogEntry(event=Event.SIGNED_OUT, actor_id=RUTH, actor_kind="staff")
    assert "%(who)s{0}" in sentence(entry, {RUTH: "%(who)s{0}"})
