"""Numbers without a gap, whoever writes, whatever dies."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from audit import anchors, runner, sequencer
from audit.check import check_log
from audit.events import Event
from audit.models import Checkpoint, LogEntry, PendingLeaf, Reading, SequencedLeaf, SubtreeRoot
from audit.proofs import StoredTree, growth_between, proof_of
from audit.record import record
from audit.sequencer import sequence_all, sequence_pending, wait_for_checkpoint
from audit.tree import proves_consistency, root_of
from audit.tree_status import tree_status
from audit.verifier.verify import verify_proof
from tenancy.scope import in_center, in_platform
from tests.audit.conftest import write


def numbers() -> list[int]:
    return list(SequencedLeaf.objects.order_by("seq").values_list("seq", flat=True))


def test_entries_get_numbers_from_zero_and_a_signed_tree(committed_center):
    entries = write(committed_center, 7)
    assert sequence_pending() == 7
    assert sequence_pending() == 0

    assert [leaf.entry for leaf in SequencedLeaf.objects.order_by("seq")] == [entry.pk for entry in entries]
    checkpoint = Checkpoint.objects.get()
    assert (checkpoint.size, bytes(checkpoint.root)) == (7, root_of([entry.leaf for entry in entries]))
    assert not PendingLeaf.objects.exists()


def test_one_round_takes_five_hundred_and_says_that_more_are_waiting(committed_center):
    with in_center(committed_center):
        for _ in range(501):
            record(Event.NOTE_WRITTEN)
    assert [sequence_pending(), sequence_pending()] == [500, 1]
    behind = ["behind 1" in note for note in Checkpoint.objects.order_by("size").values_list("note", flat=True)]
    assert behind == [True, False]


def test_an_uncommitted_entry_has_to_wait_and_leaves_no_gap(committed_center):
    inside, out = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with in_center(committed_center):
            record(Event.TAKEN)
            inside.set()
            out.wait(5)
        connection.close()

    thread = threading.Thread(target=slow_writer)
    thread.start()
    inside.wait(5)
    write(committed_center, 2)
    assert sequence_pending() == 2, "the slow one must not be seen yet"
    out.set()
    thread.join()
    assert sequence_pending() == 1
    assert numbers() == [0, 1, 2]
    assert check_log().ok


def test_twenty_four_writers_at_once_lose_nothing(committed_center, settings):
    def writer(_: int) -> None:
        write(committed_center, 10)
        connection.close()

    stop = threading.Event()
    loop = threading.Thread(target=runner.run_forever, args=[stop])
    loop.start()
    with ThreadPoolExecutor(24) as pool:
        list(pool.map(writer, range(24)))
    stop.set()
    loop.join()
    sequence_all()

    with in_platform():
        assert LogEntry.objects.count() == 240
    assert numbers() == list(range(240))
    assert check_log().ok


@pytest.mark.parametrize("dies_at", ["_append", "_sign", "signing_key_bytes"])
def test_killed_in_the_middle_it_goes_on_where_it_was(committed_center, monkeypatch, dies_at):
    class Killed(BaseException):
        pass

    def die(*args: object, **kwargs: object) -> None:
        if dies_at == "_append":
            original(*args, **kwargs)
        raise Killed

    write(committed_center, 5)
    sequence_pending()
    write(committed_center, 5)
    original = getattr(sequencer, dies_at)
    monkeypatch.setattr(sequencer, dies_at, die)
    for _ in range(3):
        with pytest.raises(Killed):
            sequence_pending()
    assert (len(numbers()), PendingLeaf.objects.count()) == (5, 5)
    monkeypatch.undo()
    assert sequence_pending() == 5
    assert numbers() == list(range(10))
    assert check_log().ok


def test_the_loop_outlives_the_loss_of_the_database(committed_center, superuser, monkeypatch):
    monkeypatch.setattr(runner, "EVERY_SECONDS", 0.02)
    stop = threading.Event()
    thread = threading.Thread(target=runner.run_forever, args=[stop])
    thread.start()
    for _ in range(5):
        superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'quietline_app' AND datname = current_database()"
        )
        connection.close()
        (entry,) = write_whatever_happens(committed_center)
        assert wait_for_checkpoint(entry, 10)
    stop.set()
    thread.join()
    assert check_log().ok


def write_whatever_happens(center):
    for _ in range(20):
        try:
            return write(center)
        except DatabaseError:
            connection.close()
    raise AssertionError("The database did not come back.")


def test_waiting_for_a_checkpoint_ends_when_it_is_there_or_the_time_is_up(committed_center):
    (entry,) = write(committed_center)
    assert not wait_for_checkpoint(entry, 0.1)
    sequence_pending()
    assert wait_for_checkpoint(entry, 0.1)
    with in_center(committed_center), pytest.raises(RuntimeError, match="after the transaction"):
        wait_for_checkpoint(entry, 1)


def test_every_proof_reads_little_and_holds(committed_center, django_assert_max_num_queries):
    with in_center(committed_center):
        entries = [record(Event.NOTE_WRITTEN) for _ in range(1100)]
    sequence_all()
    assert SubtreeRoot.objects.filter(level=8).count() == 4

    leaves = [entry.leaf for entry in entries]
    for number in (0, 1, 255, 256, 511, 600, 1023, 1024, 1099):
        with in_platform(), django_assert_max_num_queries(10):
            proof = proof_of(entries[number])
        assert verify_proof(proof) == str(entries[number].pk)
    for first, last in ((0, 1100), (0, 256), (0, 1024), (1024, 1100), (256, 512), (5, 6), (1024, 1088)):
        assert StoredTree().root_between(first, last) == root_of(leaves[first:last])
    for old in (1, 255, 256, 500, 1000, 1099, 1100):
        proof = growth_between(old, 1100)
        assert proves_consistency(old, 1100, root_of(leaves[:old]), root_of(leaves), proof)


def test_an_entry_without_a_number_has_no_proof_yet(committed_center):
    (entry,) = write(committed_center)
    with in_platform():
        assert proof_of(entry) is None


def test_the_status_says_how_many_wait_and_since_when(committed_center, time_machine):
    assert (tree_status().size, tree_status().waiting, tree_status().last_checkpoint_at) == (0, 0, None)
    write(committed_center, 3)
    later = timezone.now() + timedelta(seconds=61)
    time_machine.move_to(later)
    status = tree_status()
    assert (status.waiting, status.is_late, status.is_stopped) == (3, True, False)
    time_machine.move_to(later + timedelta(minutes=15))
    assert tree_status().is_stopped
    sequence_all()
    status = tree_status()
    assert (status.size, status.waiting, status.lag_seconds, status.is_late) == (3, 0, 0.0, False)


def test_the_checkpoint_is_stored_outside_once_an_hour_and_on_demand(committed_center, settings, tmp_path):
    file = tmp_path / "anchors.ndjson"
    assert not anchors.anchor_if_due(), "without a file there is nothing to do"
    settings.AUDIT_ANCHOR_FILE = str(file)
    assert not anchors.anchor_now(), "there is no checkpoint yet"
    write(committed_center, 3)
    sequence_all()
    assert anchors.anchor_if_due()
    assert not anchors.anchor_if_due()
    sequence_all()
    assert anchors.anchor_now()
    newest = Checkpoint.objects.order_by("-size")[0]
    assert [note.split("\n")[1] for note in anchors.anchored_notes(file)] == ["3", "4"]
    assert anchors.anchored_notes(file)[-1] == newest.note
    sequence_all()
    assert check_log().ok
    with in_platform():
        assert LogEntry.objects.filter(event=Event.CHECKPOINT_MADE).count() == 2


def test_old_readings_are_forgotten(committed_center):
    with in_center(committed_center):
        old = timezone.now() - timedelta(minutes=6)
        for number, at in enumerate([old, timezone.now()]):
            Reading.objects.create(center_id=committed_center, reader=committed_center, what=bytes([number]), at=at)
    runner._one_round(tidy=True)
    with in_platform():
        assert Reading.objects.count() == 1
