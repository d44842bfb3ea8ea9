"""Which job does what. Handlers are shallow: by id, one action. Trying again is said here, once."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from celery import shared_task

from audit.context import Actor, acting
from jobs.models import Job
from jobs.registry import Backoff, handles, surround
from messaging.actions import later, text_back, voicemails
from messaging.actions.assignment import return_what_waits
from messaging.actions.attachments import fetch_files, give_up_fetching
from messaging.actions.auto_replies import answer_automatically
from messaging.actions.dead_work import give_up_sending, leave_to_a_person
from messaging.actions.delivery import deliver
from messaging.actions.doubts import ask_a_person, settle
from messaging.actions.erasing import erase_what_is_settled
from messaging.actions.notifying import call_on_staff
from messaging.actions.pausing import Paused, try_later
from messaging.actions.reconciling import arrange_next_comparison, reconcile_in_turn
from messaging.actions.scanning import scan
from messaging.actions.search.texts import arrange_gathering, gather_all, gather_lately
from messaging.actions.silence import end_silent_epochs
from messaging.actions.snoozing import come_back
from messaging.actions.work import Work

BEAT = {
    "call-on-staff": {"task": "messaging.call_on_staff", "schedule": 60.0, "options": {"expires": 50}},
    "end-silent-epochs": {"task": "messaging.end_silent_epochs", "schedule": 3600.0, "options": {"expires": 3000}},
    "return-what-waits": {"task": "messaging.return_what_waits", "schedule": 60.0, "options": {"expires": 50}},
}


@shared_task(name="messaging.call_on_staff")
def ask_staff_to_look() -> None:
    with acting(Actor.system()):
        call_on_staff()


@shared_task(name="messaging.return_what_waits")
def give_back_what_waits_for_who_is_away() -> None:
    with acting(Actor.system()):
        return_what_waits()


@shared_task(name="messaging.end_silent_epochs")
def end_what_is_silent_for_too_long() -> None:
    with acting(Actor.system()):
        end_silent_epochs()


@contextmanager
def _as_the_system(job: Job) -> Iterator[None]:
    with acting(Actor.system(), request_id=str(job.pk)):
        yield


surround(_as_the_system)


def _center(job: Job) -> UUID:
    if job.center_id is None:
        raise ValueError("This work belongs to a center.")
    return job.center_id


@handles(Work.DELIVER, tries=10, backoff=Backoff(first=2, most=600), dead=give_up_sending)
def deliver_message(job: Job) -> None:
    """Send one queued message. May run twice: `deliver` lets only the first one through."""
    try:
        deliver(_center(job), job.subject_id)
    except Paused as pause:
        with job.scope():
            try_later(_center(job), job.subject_id, pause)


@handles(Work.LEAVE_LATER, tries=10, backoff=Backoff(first=5, most=300), dead=later.give_up)
def have_later_text_leave(job: Job) -> None:
    """Its moment has come: it goes the way of every reply, or is held back."""
    later.leave(_center(job), job.subject_id)


@handles(Work.SETTLE, tries=12, backoff=Backoff(first=10, most=120))
def settle_message(job: Job) -> None:
    """Goes on while Twilio's list cannot be had, for longer than it takes until a person is asked."""
    settle(_center(job), job.subject_id)


@handles(Work.ASK_A_PERSON, tries=20, dead=leave_to_a_person)
def ask_about_message(job: Job) -> None:
    ask_a_person(_center(job), job.subject_id)


@handles(Work.AUTO_REPLY, tries=6, dead=leave_to_a_person)
def reply_automatically(job: Job) -> None:
    answer_automatically(_center(job), job.subject_id)


@handles(Work.FETCH_FILES, tries=56, backoff=Backoff(first=5, most=1800), dead=give_up_fetching)
def fetch_files_of_message(job: Job) -> None:
    """Fetch the pictures and files of one text: for a day, then a person is told."""
    fetch_files(_center(job), job.subject_id)


@handles(Work.SCAN_FILE, tries=20)
def scan_file(job: Job) -> None:
    """Look through a file that can be saved and was stored unscanned."""
    scan(_center(job), job.subject_id)


@handles(Work.FETCH_RECORDING, tries=56, backoff=Backoff(first=5, most=1800), dead=voicemails.give_up)
def fetch_recording(job: Job) -> None:
    """Fetch what a caller left: for a day, then a person is told."""
    voicemails.fetch(_center(job), job.subject_id)


@handles(Work.TEXT_BACK, tries=5, backoff=Backoff(first=5, most=60), dead=text_back.give_up)
def text_back_after_call(job: Job) -> None:
    """One text after a missed call. If Lookup cannot be had for a few minutes, there is none."""
    text_back.text_back(_center(job), job.subject_id)


@handles(Work.COME_BACK, tries=20)
def bring_back_conversation(job: Job) -> None:
    """Says aloud what is so by the clock already: its moment has come."""
    come_back(_center(job), job.subject_id)


@handles(Work.RECONCILE, tries=3, backoff=Backoff(first=5, most=30), dead=arrange_next_comparison)
def reconcile_line(job: Job) -> None:
    """Take in what we never heard, then erase at Twilio what is stored here and settled."""
    with job.scope():
        arrange_gathering(_center(job))
    reconcile_in_turn(_center(job), job.subject_id)
    erase_what_is_settled(_center(job), job.subject_id)


@handles(Work.GATHER_WORDS, tries=3, backoff=Backoff(first=30, most=60))
def gather_words(job: Job) -> None:
    """A search finds the same without it, and takes longer."""
    gather_lately(_center(job))


@handles(Work.GATHER_ALL_WORDS, tries=3, backoff=Backoff(first=30, most=60))
def gather_all_words(job: Job) -> None:
    """Once a day, part after part; its subject is the last conversation of the part before."""
    gather_all(_center(job), behind=job.subject_id)
