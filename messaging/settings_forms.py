from collections.abc import Iterable
from datetime import date, time
from typing import Any

import phonenumbers
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.clock_input import ClockInput
from accounts.models import Center
from encryption.templatetags.sealed import unsealed
from messaging.actions.answering import why_not_ring
from messaging.actions.search.folding import fold
from messaging.actions.words.fields import BY_ITSELF, FIELDS, fields_in, in_braces, shown, stored, strangers_in
from messaging.actions.words.telling import telling_words
from messaging.forms import LONGEST_TEXT
from messaging.models import Line, OpeningHours, Tag, Template, TemplateUse, Weekday
from messaging.twilio.twiml import RING_LEAST, RING_MOST


class DayForm(forms.Form):
    """One weekday: both times, or neither when the center is closed."""

    weekday = forms.TypedChoiceField(coerce=int, choices=Weekday.choices, widget=forms.HiddenInput)
    opens = forms.TimeField(label=_("Opens"), required=False, widget=ClockInput())
    closes = forms.TimeField(label=_("Closes"), required=False, widget=ClockInput())

    @property
    def day_name(self) -> str:
        names = {str(day.value): str(day.label) for day in Weekday}
        return names.get(str(self["weekday"].value()), "")

    def clean(self) -> dict[str, Any]:
        opens, closes = self.cleaned_data.get("opens"), self.cleaned_data.get("closes")
        if (opens is None) != (closes is None) and not self.errors:
            raise ValidationError(_("Please give both times, or leave both empty for a closed day."))
        if opens and closes and closes <= opens:
            raise ValidationError(_("The center must close after it opens."))
        return self.cleaned_data


HoursFormSet = forms.formset_factory(DayForm, extra=0, min_num=7, max_num=7, validate_max=True, absolute_max=7)


def spans_of(days: "forms.BaseFormSet[DayForm]") -> list[tuple[int, time, time]]:
    """(weekday, opens, closes) of each day that is open."""
    filled = (form.cleaned_data for form in days.forms)
    return [(day["weekday"], day["opens"], day["closes"]) for day in filled if day.get("opens")]


def hours_initial(spans: Iterable[OpeningHours]) -> list[dict[str, Any]]:
    """Seven days, each with its times if it has any."""
    by_day = {span.weekday: {"opens": span.opens, "closes": span.closes} for span in spans}
    return [{"weekday": day.value, **by_day.get(day.value, {})} for day in Weekday]


class ClosedDaysForm(forms.Form):
    days = forms.CharField(
        label=_("Days on which you are closed"),
        help_text=_("One day a line, as year-month-day: 2026-12-25."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
    )

    def clean_days(self) -> list[date]:
        try:
            return sorted({date.fromisoformat(line.strip()) for line in self.cleaned_data["days"].split()})
        except ValueError as error:
            raise ValidationError(_("Each line must be a day such as 2026-12-25.")) from error


TELLS_BY_ITSELF = _(
    "This leaves by itself, and somebody else may read or hear it. It would tell what the center is: %(words)s."
    " Please say it without that."
)
ASKS_TO_CONFIRM = _(
    "Somebody else may read this, and it would tell what the center is: %(words)s. Please say it without that, or"
    " confirm below."
)


FIELDS_HELP = format_lazy(
    "{} {}, {}, {}.",
    _("These are filled in for each client, and can be used anywhere in replies:"),
    *(format_lazy("{{{}}}", name) for name in FIELDS.values()),
)
NO_SUCH_FIELD = _("There is no field %(fields)s. Please use those above, or leave the braces out.")
NO_FIELD_BY_ITSELF = _("This leaves by itself, so it cannot hold %(fields)s. Please say it without.")


class TemplateForm(forms.Form):
    use = forms.ChoiceField(label=_("Used"), choices=TemplateUse.choices)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    name = forms.CharField(label=_("Name"), max_length=80)
    body = forms.CharField(
        label=_("Words"), help_text=FIELDS_HELP, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6})
    )
    is_confirmed = forms.BooleanField(
        label=_("Staff pick these words only after she has named the subject herself"), required=False
    )
    asks_to_confirm = False  # once the words have been found to tell what the center is

    def __init__(self, *args: Any, center: Center, template: Template | None = None, **kwargs: Any) -> None:
        self.center = center
        if template:
            kept = {name: getattr(template, name) for name in ("use", "language", "name", "body")}
            kwargs["initial"] = {**kept, "body": shown(template.body)}
        super().__init__(*args, **kwargs)

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"]
        if strangers := strangers_in(body):
            raise ValidationError(NO_SUCH_FIELD % {"fields": ", ".join(strangers)})
        personal = [field for field in fields_in(body) if field not in BY_ITSELF]
        if personal and self.cleaned_data.get("use") not in (TemplateUse.REPLY, None):
            raise ValidationError(NO_FIELD_BY_ITSELF % {"fields": in_braces(*personal)})
        return stored(body)

    def clean(self) -> dict[str, Any]:
        """Words that tell what the center is: refused where they leave by themselves, else to be confirmed (OUT-08)."""
        body, use = self.cleaned_data.get("body", ""), self.cleaned_data.get("use")
        telling = telling_words(body, center_name=self.center.name, quiet_name=self.center.quiet_name)
        is_confirmed = self.cleaned_data.pop("is_confirmed", False)
        if not telling or not use:
            return self.cleaned_data
        self.asks_to_confirm = use == TemplateUse.REPLY
        if self.asks_to_confirm and not is_confirmed:
            self.add_error("body", ASKS_TO_CONFIRM % {"words": ", ".join(telling)})
        elif not self.asks_to_confirm:
            self.add_error("body", TELLS_BY_ITSELF % {"words": ", ".join(telling)})
        return self.cleaned_data


class TagForm(forms.Form):
    """What a tag is called: no other tag of the center is, in use or not."""

    label = forms.CharField(label=_("Name of the tag"), max_length=30)

    def __init__(self, *args: Any, others: Iterable[Tag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._others = others

    def clean_label(self) -> str:
        label: str = self.cleaned_data["label"]
        if not fold(label):
            raise ValidationError(_("There are no words in it yet."))
        for other in self._others:
            if fold(str(unsealed(other, "label"))) == fold(label):
                raise ValidationError(_("There is a tag of that name already, in use or not. Nothing was changed."))
        return label


class MoveForm(forms.Form):
    """One place up, or down."""

    by = forms.TypedChoiceField(coerce=int, choices=[(-1, "-1"), (1, "1")])


NOT_TO_RING = {
    "not_near": _(
        "Only an ordinary phone in the United States or Canada can ring: no other country's, no toll-free and no"
        " premium number."
    ),
    "is_a_line": _(
        "Clients text and call this number, so it would ring in a circle. Give the phone on which you take the calls."
    ),
}


class CallsForm(forms.Form):
    """How the calls of one line are taken."""

    staff_number = forms.CharField(
        label=_("Phone that rings"),
        help_text=_(
            "Whoever answers presses 1 to take the call. Leave it empty and callers can leave a message at once."
        ),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    ring_seconds = forms.IntegerField(
        label=_("Seconds that it rings"),
        help_text=_("About 20 is four rings. Then she can leave a message."),
        min_value=RING_LEAST,
        max_value=RING_MOST,
    )
    text_back = forms.BooleanField(
        label=_("Send one text after a missed call"),
        help_text=_("Only to mobile phones, between 8 am and 9 pm, once a day, and never after she asked to stop."),
        required=False,
    )

    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        self.line = line
        kwargs["initial"] = {
            "staff_number": line.staff_number or "",
            "ring_seconds": line.ring_seconds,
            "text_back": line.text_back_off_at is None,
        }
        super().__init__(*args, **kwargs)

    def clean_staff_number(self) -> str:
        """In E.164 form; "" when none is given. Without a country it is one of the line's own."""
        typed = self.cleaned_data["staff_number"].strip()
        if not typed:
            return ""
        try:
            home = phonenumbers.region_code_for_number(phonenumbers.parse(self.line.number, None))
            number = phonenumbers.parse(typed, home)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_valid_number(number):
            raise ValidationError(_("This is not a phone number that can be called, such as 614 555 0199."))
        called = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if called == self.line.number:
            raise ValidationError(_("This is the line itself. Give the phone on which you take its calls."))
        if reason := why_not_ring(called):
            raise ValidationError(NOT_TO_RING[reason])
        return called
