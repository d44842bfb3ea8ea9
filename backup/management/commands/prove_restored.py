"""For `restore` and `drill` alone: look at a restored copy. Reads a question, writes the proofs, both as JSON."""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.models import Center
from audit.context import Actor, acting
from audit.events import Event
from audit.record import record
from audit.sequencer import sequence_all
from backup.asking import Question
from backup.proving import Proof, envelopes_open, gap_is_filled, keys_open, timed, tree_holds
from messaging.actions.restored import doubt_what_waited
from tenancy.scope import in_platform


class Command(BaseCommand):
    help = __doc__ or ""
    requires_system_checks = []

    @acting(Actor.command("restore"))
    def handle(self, **options: Any) -> None:
        question = Question(**json.load(sys.stdin))
        settings.QUIETLINE_ROOT_KEYS, settings.QUIETLINE_ROOT_KEYS_PATH = question.roots, ""
        if question.migrate:
            call_command("migrate", database="owner", skip_checks=True, interactive=False, verbosity=0)
        with tempfile.NamedTemporaryFile("w", suffix=".anchors") as anchors:
            anchors.writelines(json.dumps({"note": note}) + "\n" for note in question.anchors)
            anchors.flush()
            settings.AUDIT_ANCHOR_FILE = anchors.name
            self.stdout.write(json.dumps([asdict(proof) for proof in _proofs(question)]))


def _proofs(question: Question) -> Iterator[Proof]:
    keys = timed("keys", lambda: keys_open(question.log_keys))
    yield keys
    if not keys.holds:
        return
    if question.is_drill:
        yield timed("sealed values", lambda: envelopes_open(question.tables))
    sequence_all()
    yield timed("audit log", tree_holds)
    if question.ask_twilio:
        yield timed("gap at Twilio", gap_is_filled)
    if not question.is_drill:
        yield timed("waiting texts", lambda: _settle_in(question.backup))


def _settle_in(backup: str) -> tuple[bool, str]:
    """The copy becomes the installation: nothing is sent twice, and its log says what happened."""
    with in_platform():
        centers = list(Center.objects.values_list("pk", flat=True))
    doubted = sum(doubt_what_waited(center) for center in centers)
    with in_platform():
        record(Event.BACKUP_RESTORED, facts={"backup": backup, "centers": len(centers), "doubted": doubted})
    sequence_all()
    return True, f"{doubted} texts that waited to be sent are in doubt now, and will not be sent by themselves."
