"""Rows that are written together are the rows that Django would write one by one."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from accounts.models import Center
from encryption.values import Envelope
from jobs.models import Job
from messaging.models import Client, PhoneNumber
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tenancy.trips import Statement, ask, insertion_of, stream, update_of, write_together

pytestmark = pytest.mark.django_db


def stored(row: models.Model) -> dict[str, Any]:
    """Every column as PostgreSQL holds it, but what must differ: the key, the seal and the moment."""
    held = type(row)._base_manager.filter(pk=row.pk).values().get()
    return {name: value for name, value in held.items() if name not in ("id", "created_at", "run_at") and value != ""}


def number(center: Center, index: bytes) -> PhoneNumber:
    return PhoneNumber(center=center, index=index, address="+16145550101", is_textable=False)


def test_a_row_is_written_as_save_would_write_it(center: Center) -> None:
    with in_center(center.pk):
        saved, written = number(center, b"1" * 16), number(center, b"2" * 16)
        saved.save(force_insert=True)
        write_together(insertion_of(written))
        ours, theirs = stored(written), stored(saved)
        assert isinstance(ours.pop("address"), Envelope)
        assert isinstance(theirs.pop("address"), Envelope)
        assert bytes(ours.pop("index")) == b"2" * 16
        theirs.pop("index")
        assert ours == theirs
        assert PhoneNumber.objects.get(pk=written.pk).address == "+16145550101"
        assert not written._state.adding


def test_several_rows_and_an_update_are_one_statement(center: Center) -> None:
    with in_center(center.pk):
        client = Client.objects.create(center=center, epoch=uuid7(), language="en")
        client.language = "es"
        job = Job(kind="nothing", subject_id=client.pk, center_id=center.pk, run_at=client.created_at)
        write_together(insertion_of(number(center, b"3" * 16)), update_of(client, "language"), insertion_of(job))
        assert Client.objects.get(pk=client.pk).language == "es"
        assert PhoneNumber.objects.filter(index=b"3" * 16).exists()
        assert Job.objects.get(pk=job.pk).subject_id == client.pk


def test_what_may_not_be_written_writes_nothing_of_the_rest(center: Center) -> None:
    with in_center(center.pk):
        client = Client.objects.create(center=center, epoch=uuid7(), language="en")
        client.language = "es"
        number(center, b"4" * 16).save()
        with pytest.raises(IntegrityError), transaction.atomic():
            write_together(update_of(client, "language"), insertion_of(number(center, b"4" * 16)))
        assert Client.objects.get(pk=client.pk).language == "en"


def test_another_centers_row_cannot_be_written(center: Center, other_center: Center) -> None:
    with in_center(center.pk):
        theirs = PhoneNumber(center=other_center, index=b"5" * 16, address="+16145550101")
        statement = insertion_of(number(center, b"5" * 16))
        foreign = [other_center.pk if value == center.pk else value for value in statement.values]
        with pytest.raises(Exception, match="row-level security"), transaction.atomic():
            write_together(Statement(statement.sql, foreign))
        assert not PhoneNumber.objects.filter(pk=theirs.pk).exists()


def test_values_are_bound_and_never_part_of_the_text() -> None:
    assert ask(Statement("SELECT %s::text", ["'; DROP TABLE jobs_job; --"])) == [("'; DROP TABLE jobs_job; --",)]
    assert "jobs_job" in connection.introspection.table_names()


def test_what_is_asked_twice_is_planned_once(center: Center) -> None:
    with in_center(center.pk), connection.cursor() as cursor:
        for value in (1, 2):
            assert ask(Statement("SELECT %s::integer AS planned_once", [value])) == [(value,)]
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%planned_once%'")
        assert cursor.fetchone() == (1,)


def test_streamed_rows_are_those_that_django_brings_and_two_streams_do_not_disturb_each_other(center: Center) -> None:
    with in_center(center.pk):
        for name in (b"6", b"7", b"8"):
            number(center, name * 16).save()
        rows = PhoneNumber.objects.order_by("index").values_list("pk", "index", "address", "is_textable", "created_at")
        brought = [(pk, bytes(index), bytes(address), *rest) for pk, index, address, *rest in rows]
        both = list(zip(stream(rows, at_once=1), stream(rows, at_once=2), strict=True))
        assert both == [(row, row) for row in brought]
        assert list(stream(rows.none(), at_once=1)) == []
    assert list(stream(rows, at_once=1)) == [], "outside of every scope there are no rows"
