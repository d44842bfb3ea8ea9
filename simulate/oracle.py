"""What must be true once everything is quiet, asked of the database itself. Runs in the product's environment."""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import django

from simulate.promises import files, stops, views
from simulate.promises.kinds import IMPOSSIBLE
from simulate.promises.stops import under_way

YOUNG = timedelta(minutes=10)
SOON = timedelta(minutes=1)
KILLED_GIVING_UP = 5  # more claims of a job that is to be given up, whose process dies just then
LAG = 2.0  # seconds


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    told = json.loads(Path(sys.argv[1]).read_text())
    print(json.dumps(answer(told)))
    return 0


def answer(told: dict[str, Any]) -> dict[str, Any]:
    """The counts, and every promise that does not hold, named I1 to I8 as in security requirements."""
    from messaging.models import Line
    from tenancy.scope import in_center, in_platform

    with in_platform():
        line = Line.objects.get()
    _fetch_what_was_missed(line)
    with in_center(line.center_id):
        _take_time()
        rows = _rows()
        broken = [*_received(rows, told), *_sent(rows, told), *_automatic(rows, told), *_settled(rows)]
        broken += _recorded(rows)
        counts = _counts(rows, told)
        broken += [*stops.kept(rows, told), *views.equal(rows, told), *files.there(rows), *_called(told)]
    broken += [*_worked(), *_verified(), *_numbered(), *_unlocked(), *_bounded()]
    return {"broken": broken[:200], "counts": counts, "undone": _undone()}


def _take_time() -> None:
    """Tens of thousands of texts are opened in one transaction, on a machine that is busy."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def _undone() -> int:
    """How much waits in the spool, or is due or under way: while it becomes less, there is something to wait for."""
    from django.utils import timezone

    from jobs.models import Job
    from messaging.actions import spool
    from tenancy.scope import in_platform

    with in_platform():
        return spool.count() + Job.objects.waiting().filter(run_at__lt=timezone.now() + SOON).count()


def _fetch_what_was_missed(line: Any) -> None:
    from django.utils import timezone

    from audit.context import Actor, acting
    from messaging.actions.reconciling import reconcile

    with acting(Actor.command("simulate")):
        reconcile(line.center_id, line.pk, until=timezone.now())


def _rows() -> list[Any]:
    from messaging.models import Message

    return list(Message.objects.select_related("conversation__epoch__number"))


def _received(rows: list[Any], told: dict[str, Any]) -> Iterator[str]:
    """I1: every text that Twilio took is here exactly once, with the same words."""
    inbound = [text for text in told["messages"] if text["direction"] == "inbound"]
    said = {text["sid"]: text["body"] for text in inbound}
    emptied = {text["sid"] for text in inbound if text.get("redacted")}
    here = Counter(row.twilio_sid for row in rows if row.is_inbound)
    bodies = {row.twilio_sid: row.body for row in rows if row.is_inbound}
    yield from (f"I1: lost {sid}" for sid in said if not here[sid])
    yield from (f"I1: {count} times {sid}" for sid, count in here.items() if count > 1)
    kept = {sid: body for sid, body in said.items() if here[sid] and sid not in emptied}
    yield from (f"I1: other words in {sid}" for sid, body in kept.items() if bodies[sid] != body)
    honest = {row.twilio_sid for row in rows if row.is_inbound and (row.has_lost_words or row.body)}
    yield from (f"I1: emptied at Twilio, and not said so: {sid}" for sid in emptied & set(here) - honest)


def _called(told: dict[str, Any]) -> Iterator[str]:
    """I1: every call is here exactly once."""
    from messaging.models import Call

    here = Counter(Call.objects.values_list("twilio_sid", flat=True))
    for call in told["calls"]:
        if here[call["sid"]] != 1:
            yield f"I1: {here[call['sid']]} times the call {call['sid']}"


def _sent(rows: list[Any], told: dict[str, Any]) -> Iterator[str]:
    """I2: nothing was handed over twice, and every reply that was acknowledged is here once."""
    accepted = Counter(text["body"] for text in told["messages"] if text["direction"] != "inbound")
    ours = [row for row in rows if not row.is_inbound and not row.is_automatic]
    yield from (f"I2: sent {accepted[row.body]} times: {row.pk}" for row in ours if accepted[row.body] > 1)
    keys = Counter(str(row.client_key) for row in ours)
    yield from (f"I2: a reply was lost: {key}" for key in told["acknowledged"] if not keys[key])
    yield from (f"I2: a reply was written {count} times: {key}" for key, count in keys.items() if count > 1)
    for row in ours:
        if row.twilio_sid and not accepted[row.body]:
            yield f"I2: called sent and was not: {row.pk}"


def _automatic(rows: list[Any], told: dict[str, Any]) -> Iterator[str]:
    """I2: nobody got more automatic answers than were written to her."""
    by_people = {row.body for row in rows if not row.is_inbound and not row.is_automatic}
    outbound = [text for text in told["messages"] if text["direction"] != "inbound"]
    accepted = Counter(text["person"] for text in outbound if text["body"] not in by_people)
    written = Counter(row.conversation.epoch.number.address for row in rows if row.is_automatic)
    yield from (
        f"I2: {count} automatic answers for {written[person]} in {person[-3:]}"
        for person, count in accepted.items()
        if count > written[person]
    )


def _settled(rows: list[Any]) -> Iterator[str]:
    """I3: every text of ours is settled, or in doubt and young, or in doubt with somebody asked."""
    from django.utils import timezone

    from messaging.models import FollowUp, FollowUpKind, Status

    asked = set(FollowUp.objects.open().filter(kind=FollowUpKind.UNSURE).values_list("message_id", flat=True))
    for row in rows:
        if row.status in (Status.QUEUED, Status.SENDING):
            yield f"I3: still {row.status}: {row.pk}"
        if row.status == Status.UNKNOWN and row.pk not in asked and row.created_at < timezone.now() - YOUNG:
            yield f"I3: in doubt, and nobody is asked: {row.pk}"


def _recorded(rows: list[Any]) -> Iterator[str]:
    """I4: one entry for every text that came in."""
    from audit.events import Event
    from audit.models import LogEntry

    entries = LogEntry.objects.filter(event__in=[Event.MESSAGE_RECEIVED, Event.MESSAGE_RECOVERED])
    recorded = Counter(entries.values_list("object_pk", flat=True))
    for row in rows:
        if row.is_inbound and recorded[str(row.pk)] != 1:
            yield f"I4: {recorded[str(row.pk)]} entries of {row.pk}"


def _worked() -> Iterator[str]:
    """Nothing waits in the spool, and no job was given up."""
    from jobs.models import Job
    from messaging.actions import spool
    from messaging.actions.work import Work
    from tenancy.scope import in_platform

    if waiting := spool.count():
        yield f"I1: {waiting} posts wait in the spool"
    if aside := spool.count_set_aside():
        yield f"I1: {aside} files were set aside"
    with in_platform():
        given_up = Job.objects.exclude(dead_at=None).exclude(kind__in=[IMPOSSIBLE, Work.RECONCILE])
        dead = Counter(given_up.values_list("kind", "last_error"))
        comparing = Job.objects.waiting().filter(kind=Work.RECONCILE).exists()
    yield from (f"I3: given up {count} times: {kind}, {error}" for (kind, error), count in dead.items())
    if not comparing:  # one that is given up arranges the next
        yield "I3: no comparison with Twilio's lists is arranged"


def _verified() -> Iterator[str]:
    """I4: the log proves itself."""
    from django.core.management import CommandError, call_command

    try:
        call_command("verify_audit", stdout=StringIO(), stderr=StringIO())
    except CommandError as problem:
        yield f"I4: {problem}"
    except SystemExit as ended:
        if ended.code:
            yield "I4: the log does not prove itself"


def _numbered() -> Iterator[str]:
    """I4: what waits for its number has it two seconds later."""
    from audit.models import PendingLeaf
    from tenancy.scope import in_platform

    with in_platform():
        waiting = list(PendingLeaf.objects.values_list("pk", flat=True))
    time.sleep(LAG)
    with in_platform():
        if late := PendingLeaf.objects.filter(pk__in=waiting).count():
            yield f"I4: {late} entries wait for a number for more than two seconds"


def _bounded() -> Iterator[str]:
    """I8: no job is tried for ever."""
    from jobs.models import Job
    from jobs.registry import work_of
    from messaging import tasks  # noqa: F401  # registers the kinds
    from tenancy.scope import in_platform

    with in_platform():
        tried = list(Job.objects.filter(attempts__gt=1).values_list("kind", "attempts"))
    for kind, attempts in tried:
        work = work_of(kind)
        if work is not None and attempts > work.tries + KILLED_GIVING_UP:
            yield f"I8: tried {attempts} times: {kind}"


def _unlocked() -> Iterator[str]:
    """I8: nobody has been waiting for a lock for ten seconds."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND now() - state_change > interval '10 seconds'"
        )
        if waiting := cursor.fetchone()[0]:
            yield f"I8: {waiting} connections wait for locks"


def _counts(rows: list[Any], told: dict[str, Any]) -> dict[str, int]:
    from messaging.models import Attachment, AttachmentState, OptOut

    statuses = Counter(str(row.status) for row in rows if not row.is_inbound)
    stops = [(stop.number.address, stop.since) for stop in OptOut.objects.select_related("number")]
    return {
        "texts that came late": sum(row.came_late for row in rows),
        "texts of ours that Twilio took": sum(text["direction"] != "inbound" for text in told["messages"]),
        "replies acknowledged": len(told["acknowledged"]),
        "replies of unknown fate at the desk": len(told["unsure"]),
        "stops of clients": len(stops),
        "texts under way at a stop": under_way(told, stops),
        "calls": len(told["calls"]),
        "files here": Attachment.objects.filter(state=AttachmentState.STORED).count(),
        **{f"ours: {status}": count for status, count in sorted(statuses.items())},
    }


if __name__ == "__main__":
    sys.exit(main())
