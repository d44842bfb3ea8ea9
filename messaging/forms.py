import unicodedata
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.roles import Permission
from messaging.actions.search.matching import Kind
from messaging.actions.search.words import words_of
from messaging.models import CallRule, ContactWay, EpochEnd, FollowUpOutcome, Outcome, Tag

LONGEST_TEXT = 1600  # characters; Twilio refuses more (21617)
LONGEST_NOTE = 10_000
LONGEST_REASON = 500
LONGEST_DRAFT = 50_000  # a paste that is too long to send is kept all the same
SAID_BY = [("", _("Anybody")), (Kind.HERS, _("Her")), (Kind.OURS, _("Us")), (Kind.NOTE, _("A note for colleagues"))]
YEARS = range(2000, 2100)  # from and to which a search can be narrowed
FURTHEST = timedelta(days=5 * 366)  # how far from now a promise can lie


class _NotTooLong(MaxLengthValidator):
    message = _("That is too long by %(over)s characters: %(limit_value)s are the most. Your words are kept here.")

    def __call__(self, value: str) -> None:
        if (over := len(value) - self.limit_value) > 0:
            raise forms.ValidationError(self.message, self.code, {"over": over, "limit_value": self.limit_value})


def _has_signs(text: str) -> bool:
    """Whether anything in it can be seen: marks of direction and of no width are nothing."""
    return any(unicodedata.category(sign) not in ("Cf", "Cc", "Zs", "Zl", "Zp") for sign in text)


class _Words(forms.CharField):
    """Several lines, kept as typed. NUL cannot be stored and is refused by Django's own validator."""

    def __init__(self, *, max_length: int, rows: int = 10, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(max_length=max_length, strip=True, widget=widget, **kwargs)
        self.error_messages |= {"required": _("There are no words in it yet.")}
        self.validators = [check for check in self.validators if not isinstance(check, MaxLengthValidator)]
        self.validators.append(_NotTooLong(max_length))

    def to_python(self, value: Any) -> str:
        """With single line feeds, as pages count them: without scripts a browser posts two signs for each."""
        words = str(super().to_python(value) or "").replace("\r\n", "\n")
        return words if _has_signs(words) else ""


class _Ids(forms.Field):
    """Any number of ids, in the order in which they are posted."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: list[str] | None) -> list[UUID]:
        one = forms.UUIDField()
        return [one.clean(text) for text in value or []]


class ReplyForm(forms.Form):
    """What a posted reply carries: words or pictures, the last entry its writer had seen, and the page's key."""

    body = _Words(label=_("Your reply"), max_length=LONGEST_TEXT, required=False)
    pictures = _Ids(required=False)
    last_sequence = forms.IntegerField(min_value=0, max_value=2_147_483_647, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    # Of "Send anyway": the doubts that were shown, by their keys; "later" where it was to leave later.
    confirmed = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)

    # Of "Keep for later": that it was pressed, and the moment.
    later = forms.BooleanField(required=False)
    leaves_at = forms.DateTimeField(
        label=_("When it leaves"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def clean_confirmed(self) -> list[str]:
        keys: str = self.cleaned_data["confirmed"]
        return keys.split()

    def clean_later(self) -> bool:
        return self.cleaned_data["later"] or "later" in self.cleaned_data.get("confirmed", ())

    def clean_leaves_at(self) -> datetime | None:
        """Of a reply that leaves now it is nobody's business what stands in that field."""
        return self.cleaned_data["leaves_at"] if self.cleaned_data["later"] else None

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not (cleaned.get("body") or cleaned.get("pictures") or self.errors):
            self.add_error("body", self.fields["body"].error_messages["required"])
        if cleaned.get("later") and not self.errors:
            self._look_at_later(cleaned)
        return cleaned

    def _look_at_later(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("leaves_at"):
            self.add_error(None, _("Nothing was kept for later: please choose a day and a time first."))
        elif cleaned.get("pictures"):
            self.add_error(None, _("Pictures cannot wait: please send them now, or take them away and keep the words."))


class NoteForm(forms.Form):
    """Words among staff, and the persons whom they mention."""

    body = _Words(label=_("Your note"), max_length=LONGEST_NOTE)
    mentions = _Ids(required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)


class PrintForm(forms.Form):
    reason = _Words(
        label=_("What is it for?"), max_length=LONGEST_REASON, rows=3, help_text=_("The second person reads it.")
    )


class DraftForm(forms.Form):
    """What is half typed: a reply, a note or both, and in which window."""

    body = _Words(label=_("Your draft"), max_length=LONGEST_DRAFT, required=False)
    note = _Words(label=_("Your note"), max_length=LONGEST_DRAFT, required=False)
    key = forms.UUIDField(required=False)
    note_key = forms.UUIDField(required=False)
    version = forms.UUIDField(required=False)
    has_chosen = forms.BooleanField(required=False)


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(label=_("How did it end?"), choices=Outcome.choices)


class EndingForm(forms.Form):
    """What somebody knows of a number that is not hers."""

    REASONS = [
        (EpochEnd.WRONG_NUMBER, _("It is a wrong number: somebody else answers")),
        (EpochEnd.NEW_OWNER, _("It was hers, and has a new owner now")),
    ]
    reason = forms.ChoiceField(choices=REASONS)


class SnoozeForm(forms.Form):
    """Until when a conversation is put aside: by one of two offers, or at a moment on the center's clock."""

    when = forms.ChoiceField(choices=[(code, code) for code in ("later", "opening", "moment")])
    until = forms.DateTimeField(required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))

    def clean(self) -> dict[str, Any]:
        until: datetime | None = self.cleaned_data.get("until")
        if self.cleaned_data.get("when") == "moment" and (until is None or until - timezone.now() > FURTHEST):
            self.add_error("until", _("Please give a day and a time. Nothing was put aside."))
        return self.cleaned_data


def colleagues_of(member: Membership) -> QuerySet[Membership]:
    """Everybody to whom this person may give a conversation, this person too."""
    here = Membership.objects.current().who_may(Permission.CONVERSATIONS).filter(center=member.center_id)
    return here.select_related("center", "staff", "roster")


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(label=_("Give to"), queryset=Membership.objects.none())

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues_of(member)  # type: ignore[attr-defined]


class _Day(forms.DateField):
    """A day in a time that this calendar can reckon with: midnight before the first year is no moment anywhere."""

    widget = forms.DateInput(attrs={"type": "date"})

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day and day.year not in YEARS:
            raise forms.ValidationError(_("Please give a day between 2000 and 2099. Nothing was searched."))
        return day


class SearchForm(forms.Form):
    """Words to look for, who said them, who holds the conversation, and between which days."""

    words = forms.CharField(label=_("Words, a name or a number"), max_length=200, strip=True)
    kind = forms.ChoiceField(label=_("Said by"), required=False, choices=SAID_BY)
    holder = forms.ChoiceField(label=_("Held by"), required=False)
    since = _Day(label=_("From"), required=False)
    until = _Day(label=_("To"), required=False)

    def __init__(self, *args: Any, holders: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"].choices = holders  # type: ignore[attr-defined]

    def clean_words(self) -> str:
        words: str = self.cleaned_data["words"]
        if not words_of(words):
            raise forms.ValidationError(_("Please give a word of at least two letters. Nothing was searched."))
        return words

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first one. Nothing was searched."))
        return self.cleaned_data


class NameForm(forms.Form):
    name = forms.CharField(label=_("Her first name"), max_length=80, required=False, strip=True)


class CardForm(forms.Form):
    """What she told us, beside her name.

    seen    the version of it that the page showed
    shut    what cannot be opened: not to be changed here
    """

    prefers = forms.ChoiceField(label=_("Would rather be reached"), choices=ContactWay.choices, required=False)
    calls = forms.ChoiceField(label=_("Calls"), choices=CallRule.choices, required=False)
    safe_times = forms.CharField(label=_("Safe times"), max_length=200, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    note = _Words(label=_("About her"), max_length=2000, required=False, rows=4)
    seen = forms.IntegerField(min_value=0, max_value=2_147_483_647, widget=forms.HiddenInput)

    def __init__(self, *args: Any, shut: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_shut = False
        for name in shut:
            self.has_shut = bool(self.fields.pop(name, None)) or self.has_shut


class SeenForm(forms.Form):
    """Of "Undo": the version of the card that the page showed."""

    seen = forms.IntegerField(min_value=0, max_value=2_147_483_647, widget=forms.HiddenInput)


class ClientTagForm(forms.Form):
    """Which tag is put on her, or taken off."""

    put_on = forms.ModelChoiceField(queryset=Tag.objects.none(), required=False)
    take_off = forms.ModelChoiceField(queryset=Tag.objects.none(), required=False)

    def __init__(self, *args: Any, center_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tags = Tag.objects.filter(center=center_id)
        self.fields["put_on"].queryset = tags.in_use()  # type: ignore[attr-defined]
        self.fields["take_off"].queryset = tags  # type: ignore[attr-defined]


class FollowUpForm(forms.Form):
    due_at = forms.DateTimeField(
        label=_("When is it due?"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def clean_due_at(self) -> datetime:
        """A year that PostgreSQL keeps and Python cannot read would shut the conversation for everybody."""
        due: datetime = self.cleaned_data["due_at"]
        if abs(due - timezone.now()) > FURTHEST:
            raise forms.ValidationError(_("Please give a day and a time. No follow-up was added."))
        return due


class SettleForm(forms.Form):
    outcome = forms.ChoiceField(label=_("What became of it?"), choices=FollowUpOutcome.choices)


class RetryDecisionForm(forms.Form):
    """What a person decides about a text that may or may not have been sent."""

    decision = forms.ChoiceField(choices=[("resend", _("Send it again")), ("leave", _("Leave it"))])
