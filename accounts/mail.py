"""The mail server: one mail to one person, the only place in this room that speaks with it.

A server that does not answer is left alone for a while, for longer each time, so that mail never takes the worker's
time from texts (`MailTrouble`).
"""

import smtplib
from datetime import datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import MailTrouble, Membership, Staff
from accounts.notices import WORDS, Notice
from tenancy.scope import in_platform

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=10)
REFUSED_FOR_GOOD = 500  # SMTP's replies from here on (RFC 5321, 4.2.1)


class MailPaused(Exception):
    """The mail server did not answer lately: not asked again yet."""


class MailUnheard(Exception):
    """The mail server did not take this mail and may take it later."""


class MailRefused(Exception):
    """The mail server will never take this mail: there is no such address, or it may not be sent."""


def deliver(staff: Staff, notice: Notice, *, happened_at: datetime, key: str) -> None:
    """Send one mail. Runs outside any transaction; raises one of the three above.

    key    the same for every try, so that a mail that went twice shows once in most mailboxes
    """
    message = message_for(staff, notice, happened_at=happened_at, key=key)
    _take_turn()
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as problem:
        _note_answer()
        is_final = all(code >= REFUSED_FOR_GOOD for code, _words in problem.recipients.values())
        raise (MailRefused if is_final else MailUnheard) from problem
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as problem:
        _note_answer()
        raise (MailRefused if problem.smtp_code >= REFUSED_FOR_GOOD else MailUnheard) from problem
    except (OSError, smtplib.SMTPException) as problem:
        _note_silence()
        raise MailUnheard from problem
    _note_answer()


def message_for(staff: Staff, notice: Notice, *, happened_at: datetime, key: str) -> EmailMessage:
    """The mail in the person's language, in the time of the place where she works."""
    with in_platform():
        work = Membership.objects.filter(staff=staff).select_related("center").order_by("started_at").first()
        zone = work.center.zone if work else timezone.get_default_timezone()
        address = staff.email
    words = WORDS[notice]
    with translation.override(staff.language), timezone.override(zone):
        moment = f"{date_format(timezone.localtime(happened_at), 'DATETIME_FORMAT')} ({zone})"
        parts = [
            _("Hello,"),
            str(words.happened),
            _("When: %(moment)s") % {"moment": moment},
            str(words.advice),
            _("The page to sign in: %(address)s") % {"address": settings.STAFF_BASE_URL + reverse("sign-in")},
            _("This mail was sent by itself. Answers to it are read by nobody."),
        ]
        subject = f"Quietline: {words.subject}"
    host = urlsplit(settings.STAFF_BASE_URL).hostname
    headers = {
        "Auto-Submitted": "auto-generated",
        "Message-ID": f"<{key}@{host}>",
        "Date": format_datetime(timezone.now()),
    }
    return EmailMessage(subject, "\n\n".join(parts) + "\n", settings.DEFAULT_FROM_EMAIL, [address], headers=headers)


def trouble() -> MailTrouble | None:
    """What is known of a mail server that does not answer."""
    return MailTrouble.objects.first()


@transaction.atomic
def _take_turn() -> None:
    """Raise `MailPaused` while the server is left alone. After a pause one mail at a time asks."""
    known = MailTrouble.objects.select_for_update().first()
    if known is None:
        return
    now = timezone.now()
    if now < known.paused_until:
        raise MailPaused
    known.paused_until = now + timedelta(seconds=2 * settings.EMAIL_TIMEOUT)
    known.save(update_fields=["paused_until"])


def _note_answer() -> None:
    MailTrouble.objects.all().delete()


@transaction.atomic
def _note_silence() -> None:
    now = timezone.now()
    known, _is_new = MailTrouble.objects.select_for_update().get_or_create(defaults={"paused_until": now})
    known.failures += 1
    known.paused_until = now + min(FIRST_PAUSE * 2 ** min(known.failures - 1, 10), LONGEST_PAUSE)
    known.save(update_fields=["failures", "paused_until"])
