"""The page on which an admin sets somebody's hours: a week, and single days that are otherwise."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts.clock_input import ClockInput
from accounts.timetable import Hours, Span

MOST_SHIFTS = 6  # of one day: what fits into an entry of the log
MOST_DAYS = 60
BLANK_DAYS = 3
ANY, SET = "any", "set"
MIDNIGHT = time(0)


class SpanForm(forms.Form):
    """One shift, or nothing: both times, or neither."""

    begins = forms.TimeField(label=_("From"), required=False, widget=ClockInput())
    ends = forms.TimeField(label=_("To"), required=False, widget=ClockInput())

    def clean(self) -> dict[str, Any]:
        begins, ends = self.cleaned_data.get("begins"), self.cleaned_data.get("ends")
        if self.errors:
            return self.cleaned_data
        if (begins is None) != (ends is None):
            raise ValidationError(_("Please give both times, or leave both empty."))
        if begins is not None and begins == ends != MIDNIGHT:
            raise ValidationError(_("These are the same. For a whole day give midnight twice."))
        return self.cleaned_data

    @property
    def span(self) -> Span | None:
        begins, ends = (self.cleaned_data.get(name) for name in ("begins", "ends"))
        return Span(_minute(begins), _minute(ends)) if begins is not None and ends is not None else None


class WeekdayForm(SpanForm):
    weekday = forms.TypedChoiceField(coerce=int, choices=list(WEEKDAYS.items()), widget=forms.HiddenInput)


class DayForm(SpanForm):
    """A single day: with hours of its own, or with none when it is off."""

    field_order = ["day"]

    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.span and not self.cleaned_data.get("day") and not self.errors:
            raise ValidationError(_("For which day are these times?"))
        return self.cleaned_data


class BoundForm(forms.Form):
    bound = forms.ChoiceField(
        label=_("This person comes in"),
        choices=[(ANY, _("at any hour")), (SET, _("only in the hours below"))],
        widget=forms.RadioSelect,
    )


WeekFormSet = forms.formset_factory(WeekdayForm, extra=0, max_num=7 * MOST_SHIFTS, absolute_max=7 * MOST_SHIFTS)
DaysFormSet = forms.formset_factory(DayForm, extra=BLANK_DAYS, max_num=MOST_DAYS, absolute_max=MOST_DAYS)


class RosterForm:
    """The whole page: whether somebody is bound to hours, the hours of a week, and days that are otherwise.

    today    of the center: days that are over are not shown, and so are forgotten
    """

    def __init__(self, data: Mapping[str, Any] | None, *, hours: Hours | None, today: date) -> None:
        before = hours or Hours({}, {})
        self.bound = BoundForm(data, initial={"bound": SET if hours else ANY})
        self.week = WeekFormSet(data, initial=list(_week_initial(before)), prefix="week")
        self.days = DaysFormSet(data, initial=list(_days_initial(before, today)), prefix="days")

    def is_valid(self) -> bool:
        """Also whether the times of each day go together, and whether somebody who is bound has any at all."""
        parts = [self.bound.is_valid(), self.week.is_valid(), self.days.is_valid()]
        if not all(parts):
            return False
        for shifts in (*self._by_weekday().values(), *self._by_day().values()):
            _refuse_overlap(shifts)
        if self.hours is not None and not any((*self.hours.week.values(), *self.hours.days.values())):
            self.bound.add_error("bound", _("Give at least one shift. Whoever may not come in at all is suspended."))
        return self.bound.is_valid() and self.week.is_valid() and self.days.is_valid()

    @property
    def hours(self) -> Hours | None:
        """What was filled in; None for whoever comes in at any hour."""
        if self.bound.cleaned_data["bound"] == ANY:
            return None
        week = {day: _spans(shifts) for day, shifts in self._by_weekday().items()}
        return Hours(week, {day: _spans(shifts) for day, shifts in self._by_day().items()})

    @property
    def weekdays(self) -> list[tuple[str, list[forms.Form]]]:
        """Each weekday by its name, with its forms, for the page."""
        by_day: dict[str, list[forms.Form]] = {}
        for form in self.week.forms:
            by_day.setdefault(str(form["weekday"].value()), []).append(form)
        return [(str(name), by_day[str(day)]) for day, name in WEEKDAYS.items() if str(day) in by_day]

    def _by_weekday(self) -> "dict[int, list[SpanForm]]":
        return _grouped((form.cleaned_data["weekday"], form) for form in self.week.forms if form.span)

    def _by_day(self) -> "dict[date, list[SpanForm]]":
        return _grouped((form.cleaned_data["day"], form) for form in self.days.forms if form.cleaned_data.get("day"))


def _grouped(pairs: "Iterator[tuple[Any, SpanForm]]") -> "dict[Any, list[SpanForm]]":
    found: dict[Any, list[SpanForm]] = {}
    for day, form in pairs:
        found.setdefault(day, []).append(form)
    return found


def _spans(shifts: "Sequence[SpanForm]") -> list[Span]:
    return [form.span for form in shifts if form.span]


def _refuse_overlap(shifts: "Sequence[SpanForm]") -> None:
    """Say at the later one of two shifts of a day that it begins before the other ends, or that the day is off too."""
    filled = sorted((form for form in shifts if form.span), key=lambda form: form.span or ())
    if len(shifts) > len(filled) and len(shifts) > 1:
        shifts[-1].add_error(None, _("This day stands here more than once, and once as a day off."))
    for earlier, later in pairwise(filled):
        first, second = _spans([earlier, later])
        if first.is_over_midnight or first.ends > second.begins:
            later.add_error(None, _("This shift begins before the one before it ends."))
    if len(filled) > MOST_SHIFTS:
        filled[-1].add_error(None, _("These are too many shifts for one day."))


def _week_initial(hours: Hours) -> Iterator[dict[str, Any]]:
    """Each weekday with its shifts and room for one more, and never less than two."""
    for day in WEEKDAYS:
        spans = sorted(hours.week.get(day, ()))
        room = min(max(len(spans) + 1, 2), MOST_SHIFTS)
        for number in range(room):
            yield {"weekday": day, **(spans[number]._asdict() if number < len(spans) else {})}


def _days_initial(hours: Hours, today: date) -> Iterator[dict[str, Any]]:
    for day in sorted(hours.days):
        if day >= today - timedelta(days=1):  # yesterday's may go on over midnight
            spans = sorted(hours.days[day])
            yield from ({"day": day, **span._asdict()} for span in spans) if spans else [{"day": day}]


def _minute(clock: time) -> time:
    return clock.replace(second=0, microsecond=0)


LONGER = [(15, _("15 minutes")), (30, _("30 minutes")), (60, _("1 hour")), (0, _("until midnight"))]


class ExtendForm(forms.Form):
    """How much longer somebody may stay: minutes, or 0 for until midnight."""

    longer = forms.TypedChoiceField(coerce=int, choices=LONGER)
