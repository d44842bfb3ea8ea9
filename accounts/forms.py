from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, Staff
from accounts.passwords import MOST_TYPED, judge, words_of


class SignInForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=MOST_TYPED,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        help_text=_("The six digits of your authenticator app, or one of your recovery codes."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text"}),
    )


class AnswerForm(forms.Form):
    """What a passkey answered, as its browser wrote it: JSON, judged by `accounts.ceremonies`."""

    credential = forms.CharField(max_length=16_000, widget=forms.HiddenInput)


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the passkey"),
        help_text=_("So that you know it again: “my phone”, “the desk at the window”."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class NewPasskeyForm(NameForm, AnswerForm):
    pass


class _NewPassword(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False)
        help_text = _("At least 12 characters. A few unrelated words are good; rules about signs are not.")
        super().__init__(strip=False, max_length=MOST_TYPED, widget=widget, help_text=help_text, **kwargs)


class AcceptForm(forms.Form):
    """What a new person says of herself. How she wants to sign in is the button that she presses."""

    name = forms.CharField(
        label=_("Your name"),
        help_text=_("As your colleagues know you."),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class FirstPasswordForm(forms.Form):
    password = _NewPassword(label=_("Password"))

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._staff = staff

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        judge(password, words_of(self._staff))
        return password


class AuthenticatorForm(FirstPasswordForm, CodeForm):
    """The first code of a new authenticator, and a password for whoever has none."""

    field_order = ("password", "code")

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, staff=staff, **kwargs)
        self.fields["code"].help_text = _("The six digits that the app shows.")
        if staff.has_usable_password():
            del self.fields["password"]


class KeptForm(forms.Form):
    kept = forms.BooleanField(label=_("I have printed these codes or put them in a safe place"))


class PersonForm(forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=80)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class PasswordForm(FirstPasswordForm):
    """A new password, and the present one: whether that is right is looked at where no transaction is open."""

    field_order = ("current", "password")
    current = forms.CharField(
        label=_("Your password now"),
        strip=False,
        max_length=MOST_TYPED,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = _NewPassword(label=_("New password"))

    def refuse_current(self) -> None:
        self.add_error("current", _("This is not your present password. Nothing was changed."))


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.SPECIALIST)


class RecoveryForm(forms.Form):
    reason = forms.CharField(
        label=_("What happened, and how you know that it is this person"),
        help_text=_("Such as: lost her phone, came by and asked. The admins here read it."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )


class PasskeysForm(forms.Form):
    require = forms.ChoiceField(choices=[("now", ""), ("never", "")])


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
