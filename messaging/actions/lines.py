"""A number of a center, connected to Twilio, with the first words it needs."""

from django.conf import settings

from accounts.models import Center
from audit.events import Event
from audit.record import record
from encryption.blind_index import phone_index
from messaging.actions.words.ready import AUTO, REPLIES, TEXT_BACK
from messaging.actions.words.spoken import SPOKEN
from messaging.models import Credentials, Line, Template, TemplateUse
from messaging.twilio import forget_doors
from tenancy.scope import in_center, in_platform

HOOKS = ("message", "status", "voice", "call_status")


class NumberTaken(Exception):
    """The center has this line already."""


def add_line(
    center: Center,
    *,
    number: str,
    account_sid: str,
    auth_token: str,
    messaging_service_sid: str | None = None,
) -> Line:
    """Add a line; a center's first one brings the ready words with it. Raises `NumberTaken`."""
    with in_center(center.pk):
        index = phone_index(center.pk, number)
        if Line.objects.filter(center=center, number_index=index).exists():
            raise NumberTaken
        is_first = not Line.objects.filter(center=center).exists()
        line = Line.objects.create(
            center=center,
            number=number,
            number_index=index,
            credentials=Credentials(account_sid=account_sid, auth_token=auth_token),
            messaging_service_sid=messaging_service_sid,
        )
        if is_first:
            _add_ready_words(center)
        record(Event.LINE_ADDED, subject=line)
    forget_doors()
    return line


def is_a_line(number: str) -> bool:
    """Whether any center of this installation takes texts and calls on this number."""
    with in_platform():
        in_use = Line.objects.filter(retired_at=None)
        centers = in_use.values_list("center_id", flat=True).distinct()
        return in_use.filter(number_index__in=[phone_index(center, number) for center in centers]).exists()


def webhooks_of(line: Line) -> dict[str, str]:
    """The addresses to set at Twilio for this line."""
    return {hook: f"{settings.PUBLIC_BASE_URL}/hooks/twilio/{line.pk}/{hook}" for hook in HOOKS}


def _add_ready_words(center: Center) -> None:
    words = [
        Template(center=center, use=use, language=language, name=name, body=body)
        for (use, language), (name, body) in (AUTO | TEXT_BACK | SPOKEN).items()
    ]
    words += [
        Template(center=center, use=TemplateUse.REPLY, language=language, name=name, body=body)
        for language, replies in REPLIES.items()
        for name, body in replies
    ]
    Template.objects.bulk_create(words)
