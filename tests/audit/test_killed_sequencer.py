"""A sequencer killed with SIGKILL at random points loses, doubles and reorders nothing (AUD-07)."""

import random

from audit import sequencer
from audit.check import check_log
from audit.export import export_lines
from audit.models import LogEntry, PendingLeaf, SequencedLeaf
from audit.sequencer import sequence_all, sequence_pending
from audit.verifier.verify import verify
from tenancy.scope import in_platform
from tests.audit.conftest import write
from tests.killed import killed_after

KILLS = 200


def test_a_sequencer_killed_two_hundred_times_loses_doubles_and_reorders_nothing(committed_center, monkeypatch):
    monkeypatch.setattr(sequencer, "BATCH", 3)  # many rounds, so that kills land in the middle of one
    queued: list[str] = []
    for _ in range(KILLS):
        queued += [str(entry.pk) for entry in write(committed_center, 3)]
        killed_after(random.uniform(0.005, 0.035), sequence_pending)
    with in_platform():
        assert SequencedLeaf.objects.count() > 0, "every kill came before the first number: nothing is shown"
    sequence_all()
    with in_platform():
        numbered = list(SequencedLeaf.objects.order_by("seq").values_list("seq", "entry"))
        assert not PendingLeaf.objects.exists()
        assert [seq for seq, _ in numbered] == list(range(LogEntry.objects.count()))
    ours = [str(entry) for _, entry in numbered if str(entry) in set(queued)]
    assert ours == queued
    assert check_log().ok
    assert verify(export_lines()).count == len(numbered)
