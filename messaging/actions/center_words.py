"""What a center says beforehand, and when it is open."""

from collections.abc import Iterable
from datetime import date, time
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Center
from audit.events import Event
from audit.record import record
from encryption.errors import SealError
from messaging.actions.words.telling import telling_words
from messaging.models import ClosedDay, OpeningHours, Template, TemplateUse


@transaction.atomic
def set_hours(center: Center, spans: list[tuple[int, time, time]], closed: list[date]) -> None:
    """Replace the opening hours and the closed days of a center."""
    OpeningHours.objects.filter(center=center).delete()
    ClosedDay.objects.filter(center=center).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(center=center, weekday=day, opens=opens, closes=closes) for day, opens, closes in spans
    )
    ClosedDay.objects.bulk_create(ClosedDay(center=center, day=day) for day in closed)
    record(Event.HOURS_CHANGED, subject=center, facts={"open_days": len(spans), "closed_days": len(closed)})


@transaction.atomic
def change_template(
    center: Center, template: Template | None, *, use: str, language: str, name: str, body: str
) -> Template:
    """Write or change ready words. A center has one automatic answer of each kind and language."""
    if use != TemplateUse.REPLY:
        _retire_others(center, template, use=use, language=language)
    row = template or Template(center=center)
    row.use, row.language, row.name, row.body = use, language, name, body
    row.save()
    record(Event.TEMPLATE_CHANGED, subject=row, facts={"use": use, "language": language})
    return row


@transaction.atomic
def retire_template(template: Template) -> None:
    template.retired_at = timezone.now()
    template.save(update_fields=["retired_at"])
    record(Event.TEMPLATE_CHANGED, subject=template, facts={"retired": True})


def that_tell(center: Center, templates: Iterable[Template]) -> set[UUID]:
    """Of words that leave by themselves, those that tell what the center is: written before that was looked at, say."""
    return {row.pk for row in templates if row.use != TemplateUse.REPLY and _tells(center, row)}


def _tells(center: Center, row: Template) -> bool:
    try:
        return bool(telling_words(row.body, center_name=center.name, quiet_name=center.quiet_name))
    except SealError:
        return False  # nobody can read it: the page says so, and it is not sent either


def _retire_others(center: Center, template: Template | None, *, use: str, language: str) -> None:
    others = Template.objects.filter(center=center, use=use, language=language, retired_at=None)
    for other in others.exclude(pk=template.pk) if template else others:
        retire_template(other)
