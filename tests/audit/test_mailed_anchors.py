"""A checkpoint in somebody's mailbox cannot be rewritten from here."""

import json
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail

from audit.events import Event
from audit.export import export_lines
from audit.mailing import mail_if_due
from audit.models import LogEntry
from audit.sequencer import sequence_all
from audit.verifier.verify import Bad, verify
from jobs.models import Job
from jobs.runner import run_due
from tenancy.scope import in_platform
from tests.audit.conftest import write

TO = ["board@church.test", "lawyer@office.test"]


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.AUDIT_ANCHOR_MAIL_TO = TO


def note_of(message: mail.EmailMessage) -> str:
    return json.loads(message.body.strip().splitlines()[-1])["note"]


def test_the_newest_checkpoint_is_mailed_once_an_hour(committed_center, time_machine):
    time_machine.move_to("2026-11-24T12:10:00Z")
    write(committed_center, 3)
    sequence_all()
    for _ in range(3):
        mail_if_due()
    run_due()
    assert [message.to for message in mail.outbox] == [TO]
    time_machine.move_to("2026-11-24T13:01:00Z")
    mail_if_due()
    run_due()
    assert len(mail.outbox) == 2
    with in_platform():
        assert LogEntry.objects.filter(event=Event.CHECKPOINT_MADE, facts__by="mail").count() == 2


def test_what_was_mailed_shows_a_log_that_was_cut(committed_center, superuser):
    write(committed_center, 3)
    sequence_all()
    mail_if_due()
    run_due()
    kept = note_of(mail.outbox[0])
    assert verify(export_lines(), anchors=[kept]).count >= 3
    superuser.execute("SET session_replication_role = replica")
    superuser.execute("DELETE FROM audit_checkpoint WHERE size >= 3")
    superuser.execute("DELETE FROM audit_sequencedleaf")
    with pytest.raises(Bad, match="anchored and is gone"):
        verify(export_lines(), anchors=[kept])


def test_a_mail_server_that_is_down_is_tried_again(committed_center, monkeypatch):
    write(committed_center)
    sequence_all()
    mail_if_due()

    def down(self: mail.EmailMessage) -> None:
        raise SMTPServerDisconnected

    monkeypatch.setattr(mail.EmailMessage, "send", down)
    run_due()
    with in_platform():
        job = Job.objects.get(kind="mail_anchor")
    assert (job.done_at, job.dead_at, job.last_error) == (None, None, "SMTPServerDisconnected")


def test_nothing_is_mailed_when_nobody_is_named(committed_center, settings):
    settings.AUDIT_ANCHOR_MAIL_TO = []
    write(committed_center)
    sequence_all()
    mail_if_due()
    with in_platform():
        assert not Job.objects.exists()


def test_the_mail_says_nothing_of_anybody(committed_center):
    entries = write(committed_center, 2)
    sequence_all()
    mail_if_due()
    run_due()
    said = mail.outbox[0].subject + mail.outbox[0].body
    assert str(committed_center) not in said
    assert not any(str(entry.pk) in said for entry in entries)
