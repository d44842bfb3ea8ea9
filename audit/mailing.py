"""Checkpoints by mail: copies in other people's hands, which this server cannot rewrite.

A mail holds one signed checkpoint and nothing of anybody. It is sent by a durable job, once an hour.
"""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit.anchors import anchor_line
from audit.events import Event
from audit.models import Checkpoint
from audit.record import record
from jobs.models import Job
from jobs.queue import enqueue
from jobs.registry import Backoff, handles
from tenancy.ids import INSTALLATION
from tenancy.scope import in_platform

KIND = "mail_anchor"


def mail_if_due() -> None:
    """Have the newest checkpoint mailed, unless that was asked for within this hour."""
    if settings.AUDIT_ANCHOR_MAIL_TO:
        hour = timezone.now().strftime("%Y-%m-%dT%H")
        with in_platform():
            enqueue(KIND, INSTALLATION, center=None, dedupe=f"{KIND}:{hour}")


@handles(KIND, tries=12, backoff=Backoff(first=30, most=1800), on=(OSError, SMTPException))
def mail_anchor(job: Job) -> None:
    """Send the newest checkpoint to everybody in AUDIT_ANCHOR_MAIL_TO; a mail that went twice does no harm."""
    with in_platform():
        last = Checkpoint.objects.newest()
    if last is None or not settings.AUDIT_ANCHOR_MAIL_TO:
        return
    with translation.override(settings.LANGUAGE_CODE):
        _message(last).send()
    with in_platform():
        record(Event.CHECKPOINT_MADE, facts={"size": last.size, "by": "mail"})


def _message(last: Checkpoint) -> EmailMessage:
    words = _(
        "This is a signed checkpoint of the log. It says nothing about anybody.\n\nPlease keep this mail. If the log is"
        " ever doubted, put the line below into a file of its own and give it to the verifier as --anchors: it shows"
        " whether anything was changed or taken away since."
    )
    return EmailMessage(
        subject=_("Checkpoint %(size)s of the log") % {"size": last.size},
        body=f"{words}\n\n{anchor_line(last)}\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=settings.AUDIT_ANCHOR_MAIL_TO,
    )
