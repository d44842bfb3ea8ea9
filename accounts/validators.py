from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Staff

LONGEST = 128
SHORTEST_PART = 4


class MaximumLengthValidator:
    """Argon2 costs time for every byte, so there has to be an end."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(_("This password is too long: 128 characters are the most."))

    def get_help_text(self) -> str:
        return _("At most 128 characters.")


class UnlikePersonValidator:
    """Refuses a password that holds the person's name or address, or the product's name."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        parts = ["quietline"]
        if user is not None:
            parts += [*user.name.split(), *user.email.replace("@", ".").split(".")]
        spoken = password.casefold()
        if any(part.casefold() in spoken for part in parts if len(part) >= SHORTEST_PART):
            raise ValidationError(_("Please choose a password without your name or address in it."))

    def get_help_text(self) -> str:
        return _("Not your name and not your address.")
