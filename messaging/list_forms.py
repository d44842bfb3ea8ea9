"""What narrows the list, and what one's own views are called."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

LONGEST_NAME = 40


class NarrowForm(forms.Form):
    """Every field may stay empty. It is sent by GET, and `Asked.of` reads what comes of it."""

    holder = forms.ChoiceField(label=_("Held by"), required=False)
    line = forms.ChoiceField(label=_("Line"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    waited = forms.ChoiceField(label=_("Waiting, in open hours, longer than"), required=False)
    tag = forms.ChoiceField(label=_("Tag"), required=False)
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("Any language")), *settings.LANGUAGES]
    )

    def __init__(self, *, offered: dict[str, list[tuple[str, Any]]], initial: dict[str, str]) -> None:
        """`offered` holds the choices of the fields that make sense; one without any is left out."""
        super().__init__(initial=initial, auto_id="narrow-%s")
        for name, choices in offered.items():
            if choices:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
            else:
                del self.fields[name]


class SaveViewForm(forms.Form):
    name = forms.CharField(label=_("What do you call it?"), max_length=LONGEST_NAME, strip=True)
    address = forms.CharField(max_length=250, widget=forms.HiddenInput)


class RenameViewForm(forms.Form):
    name = forms.CharField(label=_("What do you call it?"), max_length=LONGEST_NAME, strip=True)
