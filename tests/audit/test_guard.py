"""Tracked models: auditlog's own entries show nothing of anybody, and bulk changes need an entry."""

import inspect

import pytest
from auditlog import context as auditlogs_context
from auditlog.models import AbstractLogEntry
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models.signals import pre_save

from accounts.models import Center, Role, Staff
from audit import masking
from audit.context import Actor, acting
from audit.events import Event
from audit.guard import GuardedQuerySet, Unrecorded, audited
from audit.leaf import PersonalData
from audit.models import LogEntry
from audit.record import record
from tenancy.scope import in_center
from tests.cast import employ


@pytest.fixture
def tracked():
    """Staff with every field of text tracked, which is what nobody should do, and what must do no harm."""
    auditlog.register(Staff, exclude_fields=["email_index"])  # auditlog cannot read bytes
    yield Staff
    auditlog.unregister(Staff)


def newest() -> LogEntry:
    return LogEntry.objects.latest()


def everything_in(entry: LogEntry) -> str:
    return str([getattr(entry, field.attname) for field in LogEntry._meta.fields]) + entry.canonical.decode()


def test_a_tracked_models_entry_shows_nothing_of_anybody(tracked, center, adina):
    staff = adina.staff
    with in_center(center.pk), acting(Actor.staff(staff.pk), request_id="r"), audited(Event.STAFF_CHANGED):
        staff.name, staff.email, staff.language = "Sarah", "sarah@example.org", "es"
        staff.save()
        entry = newest()
    text = everything_in(entry)
    assert not [word for word in ("Sarah", "sarah", "Adina", "adina", "example") if word in text]
    assert set(entry.changes) == {"name", "email", "language"}, "the guard must have had something to hide"
    assert entry.changes["language"] == ["en", "es"]
    assert entry.changes["name"] == [masking.HIDDEN, masking.HIDDEN]
    assert entry.object_repr == f"accounts.staff {staff.pk}"


def test_it_takes_actor_request_center_and_event_from_our_context(tracked, center, adina):
    with in_center(center.pk), acting(Actor.staff(adina.staff_id), request_id="r1"):
        with audited(Event.STAFF_CHANGED):
            adina.staff.language = "es"
            adina.staff.save()
            named = newest()
        adina.staff.language = "en"
        adina.staff.save()
        plain = newest()
    assert (named.actor_id, named.actor_kind, named.cid) == (adina.staff_id, "staff", "r1")
    assert (named.center_id, named.event, plain.event) == (center.pk, "staff_changed", "row_changed")


def test_auditlogs_set_actor_leaves_no_trace_but_is_stopped_if_somebody_uses_it(tracked, center, adina):
    with (
        in_center(center.pk),
        auditlogs_context.set_actor(adina.staff, remote_addr="203.0.113.9"),
        pytest.raises(PersonalData, match="remote_addr"),
        transaction.atomic(),
    ):
        record(Event.NOTE_WRITTEN)


def test_there_is_one_receiver_for_the_whole_process():
    before = len(pre_save.receivers)
    for _ in range(5):
        with acting(Actor.system()):
            pass
    assert len(pre_save.receivers) == before


def test_every_field_of_every_tracked_model_is_safe_to_show():
    for model in auditlog.get_models():
        for field in model._meta.fields:
            sample = masking.shown_changes(model, {field.name: ("Sarah", "+16145550100")})
            assert "Sarah" not in str(sample) or isinstance(field, masking.TELLABLE), (model, field.name)


def test_the_mask_of_the_settings_shows_nothing(settings):
    from auditlog.diff import get_mask_function

    for value in ("+16145550100", "", None, "Sarah"):
        assert get_mask_function()(value) == masking.HIDDEN


def test_the_far_end_of_a_relation_and_unknown_names_are_left_out():
    changes = {"memberships": ("accounts.Membership.None", "x"), "nothing": (1, 2), "groups": {"objects": ["x"]}}
    assert masking.shown_changes(Staff, changes) == {}
    assert masking.shown_changes(None, {"name": ("a", "b")}) == {}
    assert masking.shown_changes(Staff, None) is None


class Kind(ContentType):
    """A table that exists, under a guarded manager."""

    objects = GuardedQuerySet.as_manager()

    class Meta:
        proxy = True
        app_label = "tests"  # not an installed one: it is nobody's migration


BULK = [
    lambda: Kind.objects.filter(model="x").update(model="y"),
    lambda: Kind.objects.bulk_create([Kind(app_label="bulk", model="x")]),
    lambda: Kind.objects.bulk_update(list(Kind.objects.all()[:1]), ["model"]),
    lambda: Kind.objects.filter(app_label="none").delete(),
]


@pytest.mark.parametrize("change", BULK)
def test_a_bulk_change_needs_a_block_and_the_block_needs_an_entry(center, change):
    with in_center(center.pk):
        with pytest.raises(Unrecorded), transaction.atomic():
            change()
        with pytest.raises(Unrecorded), audited():
            change()
        with audited():
            change()
            record(Event.CENTER_CHANGED)


def test_what_was_changed_without_an_entry_is_undone(center):
    with in_center(center.pk):
        with pytest.raises(Unrecorded), audited():
            Kind.objects.bulk_create([Kind(app_label="bulk", model="undone")])
        assert not Kind.objects.filter(model="undone").exists()


def test_the_names_of_auditlogs_actions_are_all_known():
    from audit.fill import PLAIN_NAMES

    assert set(PLAIN_NAMES) == {code for code, _ in AbstractLogEntry.Action.choices}


def test_nothing_of_ours_uses_auditlogs_actor_or_middleware(settings):
    assert not [name for name in settings.MIDDLEWARE if "auditlog" in name]
    import audit.fill

    source = inspect.getsource(audit.fill).split('"""', 2)[2]
    assert "set_actor" not in source


def test_every_model_of_ours_has_an_opaque_name(center, adina):
    assert "Adina" not in f"{adina} {adina.staff} {center}"
    assert "Harbor" not in f"{center}"
    assert isinstance(adina.staff, models.Model)
    assert isinstance(center, Center)
    assert employ(center, "Noa", Role.SPECIALIST).role == Role.SPECIALIST
