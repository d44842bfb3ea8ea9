from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.actions.numbers import in_e164
from messaging.models import POSITIVE, EpochEnd, Knowing

SOMEBODY_ELSE = [
    (EpochEnd.SHARED.value, _("Several people use this phone")),
    (EpochEnd.NEW_OWNER.value, _("The number has a new owner")),
    (EpochEnd.WRONG_NUMBER.value, _("It was the wrong number")),
]


class RecognizeForm(forms.Form):
    """Who writes: somebody who wrote from this number before, by one of her conversations, or nobody whom we know.

    seen    what had been said of it when the page was drawn
    """

    known_by = forms.UUIDField(required=False)
    how = forms.ChoiceField(label=_("How do you know?"), choices=Knowing.choices)
    seen = forms.UUIDField(required=False)

    def clean(self) -> dict[str, Any]:
        is_new = self.cleaned_data.get("how") == Knowing.NEW
        if not self.errors and is_new == bool(self.cleaned_data["known_by"]):
            raise forms.ValidationError(_("Please say how you know. Nothing was changed."))
        return self.cleaned_data


class OtherNumberForm(forms.Form):
    """Another number of hers, in full, and how somebody knows."""

    number = forms.CharField(
        label=_("Her other number, in full"),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    how = forms.ChoiceField(label=_("How do you know?"), choices=[(way.value, way.label) for way in POSITIVE])
    seen = forms.UUIDField(required=False)

    def clean_number(self) -> str:
        try:
            return in_e164(self.cleaned_data["number"])
        except ValueError as error:
            raise forms.ValidationError(_("This is not a phone number. Write it as +16145550199.")) from error


class TakeApartForm(forms.Form):
    recognition = forms.UUIDField()


class SplitForm(forms.Form):
    """Why somebody else writes from her number."""

    reason = forms.TypedChoiceField(
        label=_("Why is it somebody else?"), choices=SOMEBODY_ELSE, coerce=EpochEnd, widget=forms.RadioSelect
    )
