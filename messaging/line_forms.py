import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from messaging.actions.numbers import in_e164

ACCOUNT = re.compile(r"AC[0-9a-f]{32}")
SERVICE = re.compile(r"MG[0-9a-f]{32}")


class LineForm(forms.Form):
    """A number of the center at Twilio, and how we prove ourselves there."""

    number = forms.CharField(
        label=_("The number that clients text and call"),
        help_text=_("As Twilio shows it, such as +1 614 555 0199."),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    account_sid = forms.CharField(
        label=_("Account SID"),
        help_text=_("On the first page of Twilio's console: AC and 32 signs."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    auth_token = forms.CharField(
        label=_("Auth token"),
        help_text=_("Beside it. It is sealed at once, and shown to nobody again."),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    messaging_service_sid = forms.CharField(
        label=_("Messaging service SID"),
        help_text=_("Only if the number belongs to one: MG and 32 signs."),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_number(self) -> str:
        """In E.164 form; without a country it is taken for one of the United States."""
        try:
            return in_e164(self.cleaned_data["number"])
        except ValueError as error:
            raise ValidationError(_("This is not a phone number. Write it as +16145550199.")) from error

    def clean_account_sid(self) -> str:
        return _sid(self.cleaned_data["account_sid"], ACCOUNT, "AC")

    def clean_messaging_service_sid(self) -> str | None:
        typed = self.cleaned_data["messaging_service_sid"]
        return _sid(typed, SERVICE, "MG") if typed else None


def _sid(typed: str, form: re.Pattern[str], head: str) -> str:
    if not form.fullmatch(typed.strip()):
        raise ValidationError(_("This is %(head)s and 32 signs from 0 to 9 and a to f."), params={"head": head})
    return typed.strip()
