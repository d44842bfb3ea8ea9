"""What is posted about several conversations at once."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from messaging.actions.several import MOST, UNDO_WITHIN, Before, Chosen
from messaging.forms import colleagues_of
from messaging.models import Outcome

ME, EVERYBODY = "me", "everybody"
SALT = "messaging.several"
LARGEST = 2_147_483_647


class _Several(forms.Field):
    """Conversations as the list showed them: id, number of the last entry and holder, each `id~number~holder`."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {
        "required": _("Please choose at least one conversation."),
        "invalid": _("Please choose the conversations again. Nothing was changed."),
        "many": _("At most 50 at once, please. Nothing was changed."),
    }

    def to_python(self, value: list[str] | None) -> list[Chosen]:
        found = {one.conversation: one for one in map(self._one, value or [])}
        if len(found) > MOST:
            raise forms.ValidationError(self.error_messages["many"])
        return list(found.values())

    def _one(self, text: str) -> Chosen:
        pk, _tilde, rest = text.partition("~")
        sequence, _tilde, holder = rest.partition("~")
        try:
            one = Chosen(UUID(pk), int(sequence), UUID(holder) if holder else None)
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["invalid"]) from error
        if not 0 <= one.sequence <= LARGEST:
            raise forms.ValidationError(self.error_messages["invalid"])
        return one


class GiveSeveralForm(forms.Form):
    """`to` is the id of a membership, or stands for oneself or for everybody (then it cleans to None)."""

    chosen = _Several()
    to = forms.CharField(max_length=36)

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member

    def clean_to(self) -> Membership | None:
        to = self.cleaned_data["to"]
        if to == EVERYBODY:
            return None
        if to == ME:
            return self.member
        found: Membership = forms.ModelChoiceField(colleagues_of(self.member)).clean(to)
        return found


class CloseSeveralForm(forms.Form):
    chosen = _Several()
    outcome = forms.ChoiceField(label=_("How did it end?"), choices=Outcome.choices)


@dataclass(frozen=True)
class Undo:
    """What was done to several, to be taken back for a minute. It travels with the page, signed, for one person."""

    before: tuple[Before, ...]

    def signed(self, member: Membership) -> str:
        rows = [(str(one.conversation), one.sequence, one.holder and str(one.holder)) for one in self.before]
        return signing.dumps([str(member.pk), rows], salt=SALT, compress=True)

    @classmethod
    def read(cls, text: str, member: Membership) -> Self | None:
        """None for anything that was not signed for this person a moment ago."""
        try:
            whose, rows = signing.loads(text, salt=SALT, max_age=UNDO_WITHIN)
        except signing.BadSignature:
            return None
        return cls(tuple(_before(*row) for row in rows)) if whose == str(member.pk) else None


def _before(pk: str, sequence: int, holder: str | None) -> Before:
    return Before(UUID(pk), sequence, UUID(holder) if holder else None)
