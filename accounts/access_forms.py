from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Center
from accounts.models.center import IDLE_LEAST, IDLE_MOST
from accounts.networks import NotANetwork, admits, parsed

MOST_NETWORKS = 50


class AccessForm(forms.Form):
    """When a desk locks, and from where people come in. A list that shuts out whoever saves it is refused."""

    idle_minutes = forms.IntegerField(
        label=_("Minutes until a desk locks that nobody touches"),
        required=False,
        min_value=IDLE_LEAST,
        max_value=IDLE_MOST,
    )
    networks = forms.CharField(
        label=_("Networks from which people come in"),
        help_text=_(
            "One a line: an address such as 203.0.113.7, or a network such as 203.0.113.0/24 or 2001:db8:7::/48."
            " Leave it empty to let people in from everywhere."
        ),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocapitalize": "off"}),
    )

    def __init__(self, *args: Any, center: Center, address: str, **kwargs: Any) -> None:
        kwargs["initial"] = {"idle_minutes": center.idle_minutes, "networks": "\n".join(center.networks)}
        super().__init__(*args, **kwargs)
        self._address = address
        usual = settings.SESSION_IDLE_SECONDS // 60
        self.fields["idle_minutes"].help_text = _("2 to 30. Empty: %(usual)s, as the server is set.") % {"usual": usual}

    def clean_networks(self) -> list[str]:
        try:
            networks = parsed(self.cleaned_data["networks"])
        except NotANetwork as problem:
            words = _("Number %(number)s of the list is no address and no network. Nothing was changed.")
            raise ValidationError(words, params={"number": problem.number}) from problem
        if len(networks) > MOST_NETWORKS:
            raise ValidationError(_("These are too many; larger networks say the same in fewer lines."))
        if not admits(networks, self._address):
            words = _("You are at %(address)s, which is not in this list: it would shut you out. Nothing was changed.")
            raise ValidationError(words, params={"address": self._address})
        return networks
