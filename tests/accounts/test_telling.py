"""People are told by mail what happens to their account, quietly, once, and without holding anything up (AUTH-18)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.db import transaction
from django.utils import timezone, translation

from accounts import mail
from accounts.actions import factors, people
from accounts.actions.invitations import invite
from accounts.actions.telling import count_given_up, count_waiting, kind_of, tell, tell_admins, tell_admins_of
from accounts.models import Center, MailTrouble, Membership, Passkey, Role
from accounts.notices import CAUSED_BY_STRANGERS, WORDS, Notice
from audit.models import LogEntry
from config.checks import examine
from jobs.models import Job
from jobs.runner import run_due
from tenancy.scope import in_center, in_platform
from tests.accounts.keys import registered, signs_in
from tests.accounts.mails import mailbox, refused_port, server_that_says
from tests.authenticator import Authenticator
from tests.cast import PASSWORD, employ
from tests.doors import browser, signed_in
from twin.mailbox import Mailbox

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"
# What a mail may never hold, in either language.
LOUD = ("pregnan", "embaraz", "clinic", "clínic", "baby", "bebé", "center", "centro", "client", "harbor")


@pytest.fixture(autouse=True)
def _a_mail_server(settings: Any) -> None:
    settings.EMAIL_HOST = "127.0.0.1"


@pytest.fixture
def box(settings: Any) -> Iterator[Mailbox]:
    with mailbox() as (found, port):
        _speak_to(settings, port)
        yield found


def _speak_to(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = SMTP, port, False
    settings.EMAIL_TIMEOUT = 2


def told(member: Membership) -> list[str]:
    """The kinds of mail that wait for somebody, oldest first; not that each browser of these tests is a new one."""
    with in_platform():
        mine = Job.objects.filter(kind__startswith="tell_", subject_id=member.staff_id).order_by("created_at")
        mine = mine.exclude(kind="tell_new_device")
        return [job.kind.removeprefix("tell_") for job in mine]


def test_a_new_factor_a_removed_one_codes_and_passwords_are_told(ruth: Membership) -> None:
    registered(ruth)
    registered(ruth, Authenticator(), name="my key")
    client = signed_in(ruth)
    client.post(f"/settings/passkeys/{Passkey.objects.earliest('created_at').pk}/remove/")
    factors.make_recovery_codes(ruth.staff)
    factors.make_recovery_codes(ruth.staff)
    client.post("/settings/password/", {"current": PASSWORD, "password": "nine loud otters swim"})
    expected = ["passkey_added", "passkey_added", "passkey_removed", "recovery_codes_made", "password_changed"]
    assert told(ruth) == expected


def test_a_used_recovery_code_is_told_and_a_wrong_one_is_not(ruth: Membership) -> None:
    codes = factors.make_recovery_codes(ruth.staff)
    for code in ("aaaaa-bbbbb-ccccc-ddddd", codes[0]):
        client = browser()
        client.post("/sign-in/", {"email": ruth.staff.email, "password": PASSWORD}, secure=True)
        client.post("/sign-in/code/", {"code": code}, secure=True)
    assert told(ruth) == ["recovery_code_used"]


def test_a_copied_key_is_told_to_her_and_to_her_admins_once(ruth: Membership, adina: Membership) -> None:
    key = registered(ruth)
    copy = Authenticator(credential_id=key.credential_id, handle=key.handle, key=key.key, counter=key.counter)
    signs_in(key)
    signs_in(copy)
    signs_in(copy)
    assert told(ruth) == ["passkey_added", "passkey_shut"]
    assert told(adina) == ["colleagues_passkey_shut"]


def test_whoever_comes_in_for_the_first_time_is_told_once_that_her_account_is_ready(center: Center) -> None:
    link = invite(center, email="new@example.org", role=Role.SPECIALIST, by=None)
    client = browser()
    answers = {"name": "Dinah", "language": "es", "with_passkey": "1"}
    client.post("/invitation/" + link.split("/invitation/")[1], answers, secure=True)
    asked = client.post("/set-up/passkey/options/", secure=True).json()
    client.post("/set-up/passkey/", {"name": "phone", "credential": Authenticator().make(asked)}, secure=True)
    client.post("/set-up/recovery-codes/", {"show": "1"}, secure=True)
    with in_platform():
        assert [job.kind for job in Job.objects.filter(kind__startswith="tell_")] == ["tell_account_ready"]


def test_a_role_that_changes_and_access_that_ends_are_told(ruth: Membership, adina: Membership) -> None:
    with in_center(ruth.center_id):
        people.change_role(ruth, Role.SPECIALIST, by=adina)
        people.end_membership(ruth, by=adina)
    assert told(ruth) == ["role_changed", "access_ended"]
    assert told(adina) == []


def test_what_did_not_happen_is_not_told(ruth: Membership) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        people.change_password(ruth.staff, "nine loud otters swim")
        raise RuntimeError
    assert told(ruth) == []


def test_admins_are_told_and_neither_others_nor_another_place_nor_whoever_it_is_about(
    center: Center, adina: Membership, ruth: Membership, naomi: Membership, mara: Membership
) -> None:
    second = employ(center, "Second", Role.ADMIN)
    with in_center(center.pk):
        tell_admins(center.pk, Notice.COLLEAGUES_FAILED_TRIES, adina.staff)
    tell_admins_of(naomi.staff, Notice.COLLEAGUES_PASSKEY_SHUT)
    assert told(second) == ["colleagues_failed_tries", "colleagues_passkey_shut"]
    assert told(adina) == ["colleagues_passkey_shut"]
    assert [told(one) for one in (ruth, naomi, mara)] == [[], [], []]


def test_what_a_stranger_causes_is_told_once_an_hour(ruth: Membership, time_machine: Any) -> None:
    time_machine.move_to("2026-11-28T02:05:00Z")
    for _ in range(50):
        tell(ruth.staff, Notice.MANY_FAILED_TRIES)
    assert told(ruth) == ["many_failed_tries"]
    time_machine.move_to("2026-11-28T03:05:00Z")
    tell(ruth.staff, Notice.MANY_FAILED_TRIES)
    assert told(ruth) == ["many_failed_tries"] * 2


def test_without_a_mail_server_nothing_is_queued_and_the_staff_page_and_the_doctor_say_so(
    ruth: Membership, adina: Membership, settings: Any
) -> None:
    assert "Nobody is told by mail" not in signed_in(adina).get("/staff/").content.decode()
    settings.EMAIL_HOST, settings.TRIAL = "", False
    people.change_password(ruth.staff, "nine loud otters swim")
    assert told(ruth) == []
    assert "Nobody is told by mail" in signed_in(adina).get("/staff/").content.decode()
    (found,) = (one for one in examine() if one.check == "mail to people")
    assert "EMAIL_HOST" in found.fix
    assert found.is_warning


def test_a_mail_goes_over_a_real_conversation_once_and_in_her_language(ruth: Membership, box: Mailbox) -> None:
    ruth.staff.language = "es"
    ruth.staff.save(update_fields=["language"])
    tell(ruth.staff, Notice.PASSKEY_ADDED)
    run_due()
    run_due()
    (mail_,) = box.newest()
    assert mail_["to"] == [ruth.staff.email]
    assert mail_["subject"] == "Quietline: se añadió una llave de acceso"
    assert "quien la tenga entra como usted" in mail_["body"]
    assert "https://quietline.test/sign-in/" in mail_["body"]
    assert "America/New_York" in mail_["body"]
    with in_platform():
        assert Job.objects.get(kind="tell_passkey_added").done_at is not None


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_mail_says_what_the_place_is_or_does_or_names_anybody(ruth: Membership, language: str) -> None:
    ruth.staff.language = language
    for notice in Notice:
        message = mail.message_for(ruth.staff, notice, happened_at=timezone.now(), key="k")
        whole = f"{message.subject}\n{message.body}".lower()
        assert message.subject.startswith("Quietline: ")
        assert len(message.subject) <= 78
        assert [word for word in LOUD if word in whole] == []
        assert ruth.staff.first_name.lower() not in whole
        assert whole.count("http") == 1, "one address: the page to sign in"
        assert (message.content_subtype, message.attachments) == ("plain", [])


def test_every_notice_has_words_and_a_kind_that_fits_its_column() -> None:
    assert set(WORDS) == set(Notice)
    assert set(Notice) > CAUSED_BY_STRANGERS
    longest = Job._meta.get_field("kind").max_length
    assert max(len(kind_of(notice)) for notice in Notice) <= longest


def test_a_mail_says_that_a_machine_sent_it_and_keeps_its_id_at_every_try(ruth: Membership) -> None:
    message = mail.message_for(ruth.staff, Notice.NEW_DEVICE, happened_at=timezone.now(), key="018f")
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert message.extra_headers["Message-ID"] == "<018f@quietline.test>"


def _job() -> Job:
    with in_platform():
        return Job.objects.get(kind="tell_passkey_added")


def _due_again(job: Job) -> None:
    with in_platform():
        Job.objects.filter(pk=job.pk).update(run_at=timezone.now())


TAKES_THE_SENDER = ("250 hello", "250 well")


def test_a_server_that_does_not_answer_is_left_alone_and_asked_again(ruth: Membership, settings: Any) -> None:
    _speak_to(settings, refused_port())
    tell(ruth.staff, Notice.PASSKEY_ADDED)
    run_due()
    job = _job()
    assert (job.attempts, job.done_at, job.dead_at, job.last_error) == (1, None, None, "MailUnheard")
    assert MailTrouble.objects.get().failures == 1
    _due_again(job)
    run_due()
    assert _job().last_error == "MailPaused", "within the pause the server is not asked"
    assert MailTrouble.objects.get().failures == 1


def test_when_the_server_is_back_the_mail_goes_and_the_trouble_is_forgotten(
    ruth: Membership, adina: Membership, settings: Any
) -> None:
    admin = signed_in(adina)
    _speak_to(settings, refused_port())
    tell(ruth.staff, Notice.PASSKEY_ADDED)
    run_due()
    for page in ("/health/", "/staff/"):
        assert "the mail server does not answer" in admin.get(page).content.decode()
    with mailbox() as (box, port):
        _speak_to(settings, port)
        MailTrouble.objects.update(paused_until=timezone.now())
        _due_again(_job())
        run_due()
        assert len(box.newest()) == 1
    assert not MailTrouble.objects.exists()
    for page in ("/health/", "/staff/"):
        assert "the mail server does not answer" not in admin.get(page).content.decode()


def test_pauses_grow_and_end_at_ten_minutes(ruth: Membership, settings: Any, time_machine: Any) -> None:
    _speak_to(settings, refused_port())
    pauses = []
    for minute in range(9):
        time_machine.move_to(f"2026-11-28T{minute + 2:02}:00:00Z", tick=False)
        with pytest.raises(mail.MailUnheard):
            mail.deliver(ruth.staff, Notice.NEW_DEVICE, happened_at=timezone.now(), key="k")
        pauses.append((MailTrouble.objects.get().paused_until - timezone.now()).total_seconds())
    assert pauses == [15, 30, 60, 120, 240, 480, 600, 600, 600]


def test_after_a_pause_one_mail_at_a_time_asks(ruth: Membership) -> None:
    MailTrouble.objects.create(failures=3, paused_until=timezone.now() - timedelta(seconds=1))
    mail._take_turn()
    with pytest.raises(mail.MailPaused):
        mail._take_turn()


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ((*TAKES_THE_SENDER, "550 no such person", "250 well", "221 bye"), "MailRefused"),
        (("250 hello", "553 not from you", "250 well", "221 bye"), "MailRefused"),
        ((*TAKES_THE_SENDER, "250 well", "554 not that", "250 well", "221 bye"), "MailRefused"),
    ],
    ids=["the address", "the sender", "the mail"],
)
def test_what_is_refused_for_good_is_given_up_at_once_and_shown(
    ruth: Membership, adina: Membership, settings: Any, replies: tuple[str, ...], error: str
) -> None:
    with server_that_says(*replies) as port:
        _speak_to(settings, port)
        tell(ruth.staff, Notice.PASSKEY_ADDED)
        run_due()
    job = _job()
    assert job.dead_at is not None
    assert job.last_error == error
    assert not MailTrouble.objects.exists(), "the server answered"
    assert (count_waiting(), count_given_up()) == (0, 1)
    assert "Some mail to your people was given up" in signed_in(adina).get("/health/").content.decode()
    with in_platform():
        assert LogEntry.objects.filter(event="job_dead", facts__kind="tell_passkey_added").exists()


@pytest.mark.parametrize(
    "replies",
    [
        (*TAKES_THE_SENDER, "450 later", "250 well", "221 bye"),
        (*TAKES_THE_SENDER, "250 well", "354 go on", "451 later"),
        ("421 shutting down",),
        (),
        ("\x00\xff nonsense",),
    ],
    ids=["greylisted", "the mail later", "shutting down", "hung up", "nonsense"],
)
def test_what_may_be_taken_later_is_tried_again(ruth: Membership, settings: Any, replies: tuple[str, ...]) -> None:
    with server_that_says(*replies) as port:
        _speak_to(settings, port)
        tell(ruth.staff, Notice.PASSKEY_ADDED)
        run_due()
    job = _job()
    assert (job.done_at, job.dead_at, job.last_error) == (None, None, "MailUnheard")
    assert job.run_at > timezone.now()


def test_an_address_that_is_none_is_given_up_and_breaks_nothing(ruth: Membership, box: Mailbox) -> None:
    ruth.staff.email = "ruth@example.org\nBcc: everybody@example.org"
    ruth.staff.save(update_fields=["email"])
    tell(ruth.staff, Notice.PASSKEY_ADDED)
    run_due()
    assert _job().dead_at is not None
    assert box.newest() == []


def test_neither_queue_nor_log_holds_an_address(
    ruth: Membership, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with server_that_says(*TAKES_THE_SENDER, f"550 {ruth.staff.email} is unknown", "250 well", "221 bye") as port:
        _speak_to(settings, port)
        tell(ruth.staff, Notice.PASSKEY_ADDED)
        run_due()
    said = " ".join(str(entry.msg) for entry in caplog.records)
    assert "job_dead" in said
    assert ruth.staff.email not in said
    row = json.dumps(list(Job.objects.values()), default=str)
    assert ruth.staff.email not in row


def test_nothing_is_sent_while_the_request_runs(ruth: Membership) -> None:
    with translation.override("en"):
        people.change_password(ruth.staff, "nine loud otters swim")
    assert outbox.outbox == []
