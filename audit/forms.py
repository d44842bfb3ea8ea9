"""What an admin can narrow the log down to."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.events import EVENTS_OF, EventGroup
from audit.sentences import GROUPS


class LogFilter(forms.Form):
    person = forms.TypedChoiceField(label=_("Person"), required=False, coerce=UUID, empty_value=None)
    about = forms.UUIDField(
        label=_("Conversation or client"),
        required=False,
        help_text=_("The id from the address of the conversation."),
    )
    group = forms.TypedChoiceField(
        label=_("What happened"),
        required=False,
        coerce=EventGroup,
        empty_value=None,
        choices=[("", _("Everything")), *((group.value, label) for group, label in GROUPS.items())],
    )
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any], *, names: Mapping[UUID, str]) -> None:
        super().__init__(data)
        people = sorted(names.items(), key=lambda person: person[1].casefold())
        choices = [("", _("Everybody")), *((str(pk), name) for pk, name in people)]
        self.fields["person"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("since") and given.get("until") and given["since"] > given["until"]:
            self.add_error("until", _("This is before the first day."))
        return given

    def conditions(self) -> Q:
        """What the entries must be; call it on a valid form."""
        given = self.cleaned_data
        wanted = Q()
        if person := given["person"]:
            wanted &= Q(actor_id=person)
        if about := given["about"]:
            wanted &= Q(conversation_id=about) | Q(client_id=about)
        if group := given["group"]:
            wanted &= Q(event__in=EVENTS_OF[group])
        if since := given["since"]:
            wanted &= Q(timestamp__gte=_of_this_day(since, time.min))
        if until := given["until"]:
            wanted &= Q(timestamp__lte=_of_this_day(until, time.max))
        return wanted

    def as_address(self) -> dict[str, str]:
        """What was asked for, for the address of the next page."""
        return {name: str(value) for name, value in self.data.items() if name in self.fields and value}


def _of_this_day(day: date, moment: time) -> datetime:
    """In the reader's time zone, which is her center's."""
    return timezone.make_aware(datetime.combine(day, moment))
