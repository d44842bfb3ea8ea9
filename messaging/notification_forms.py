from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.clock_input import ClockInput
from accounts.models import KnownDevice, Sound
from messaging.models import MailAfter, NotificationSettings


class NotificationsForm(forms.Form):
    """When she is left alone, and when she is asked by mail to look."""

    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=ClockInput())
    quiet_until = forms.TimeField(label=_("Quiet until"), required=False, widget=ClockInput())
    mail_after = forms.TypedChoiceField(
        label=_("Ask me by mail to look when somebody waits for longer than"),
        choices=[("", _("Never by mail")), *MailAfter.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, data: QueryDict | None, *, chosen: NotificationSettings) -> None:
        super().__init__(data, initial={name: getattr(chosen, name) for name in self.base_fields})

    def clean(self) -> dict[str, Any]:
        begins, ends = self.cleaned_data.get("quiet_from"), self.cleaned_data.get("quiet_until")
        if self.errors:
            return self.cleaned_data
        if (begins is None) != (ends is None):
            raise ValidationError(_("Please give both times, or leave both empty."))
        if begins is not None and begins == ends:
            raise ValidationError(_("These are the same: please give two different times, or none."))
        return self.cleaned_data


class DeviceForm(forms.Form):
    """What this one browser shows and plays."""

    notifies = forms.BooleanField(label=_("Show a notification of this computer"), required=False)
    sound = forms.ChoiceField(label=_("Sound"), choices=Sound.choices, required=False)

    def __init__(self, data: QueryDict | None, *, device: KnownDevice | None) -> None:
        super().__init__(data, initial={name: getattr(device, name) for name in self.base_fields} if device else {})
