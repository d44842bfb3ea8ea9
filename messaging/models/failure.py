"""Twilio's error codes in words: what happened, what to do next, and whether the same text may go once more.

Written from what Twilio's documentation and its users say of each code; a code that is not here, or whose reason the
carrier keeps to itself, sends nothing again by one click. A text goes again only as a new one that a person sends.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Again(Enum):
    """What may become of the words of a text that failed."""

    AS_IT_IS = "as it is"
    CHANGED = "changed"  # a person looks at the words first: they would fail again, or nobody knows why they failed
    NEVER = "never"  # it cannot reach her, must not, or may have reached her already


@dataclass(frozen=True)
class Reason:
    words: Any
    again: Again = Again.AS_IT_IS


_NUMBER = Reason(_("The number cannot receive texts. Ask her for another way to reach her."), Again.NEVER)
_LANDLINE = Reason(_("The number is a landline or cannot receive texts. Call instead."), Again.NEVER)
_UNREACHABLE = Reason(_("Her phone could not be reached. Try again later, or call."))
_NO_REASON = Reason(
    _("It did not arrive, and her carrier does not say why. Look at the words before you send them again, or call."),
    Again.CHANGED,
)
_OPTED_OUT = Reason(
    _("She asked to stop texts, so the phone network refused it. Do not write until she writes START."), Again.NEVER
)
_FILTERED = Reason(
    _("Her carrier blocked it. Do not send the same words again: change them and leave out links, or call."),
    Again.CHANGED,
)
_REGISTRATION = Reason(
    _("The center's number is not registered for texting. Tell your admin: no text leaves until it is.")
)
_ACCOUNT = Reason(_("The center's account with the phone network does not accept it. Tell your admin."))
_COUNTRY = Reason(_("The center's account may not text to that country. Tell your admin."), Again.NEVER)
_FETCHING = Reason(_("Her phone network could not fetch the picture from us. Send it again."))
_PICTURES = Reason(
    _("Her phone network does not take this kind of picture. Send it as another kind, or describe it in words."),
    Again.CHANGED,
)
_NO_PICTURES = Reason(_("Her phone or carrier takes no pictures. Say it in words instead."), Again.CHANGED)
_TOO_LARGE = Reason(_("The picture is too large for her carrier. Send fewer or smaller ones."), Again.CHANGED)
_TOO_LONG = Reason(_("The text is too long. Split it into shorter ones."), Again.CHANGED)
_LATER = Reason(_("The phone network was too busy. Try again in a while."))
_TOMORROW = Reason(_("The center has sent as much as its carrier allows today. Try again tomorrow."))

# Ours, below all of Twilio's.
WRITER_GONE = 1  # she who wrote it may not speak for the center any more
NUMBER_ENDED = 2  # the number no longer reaches her

# Codes that say that nobody has this number, or that no phone answers to it.
NO_PHONE = frozenset({21211, 21217, 30003, 30005, 30006})

REASONS: dict[int, Reason] = {
    WRITER_GONE: Reason(
        _("Whoever wrote this may not write to clients any more, so it was not sent. Send it yourself if it is right.")
    ),
    NUMBER_ENDED: Reason(_("This number no longer reached her, so it was not sent. The words are kept here.")),
    11200: _FETCHING,
    11205: _FETCHING,
    12300: _PICTURES,
    20003: _ACCOUNT,
    20005: _ACCOUNT,
    20429: _LATER,
    21211: _NUMBER,
    21212: _ACCOUNT,
    21217: _NUMBER,
    21408: _COUNTRY,
    21606: _ACCOUNT,
    21608: _ACCOUNT,  # a trial account texts to numbers alone that it has verified
    21610: _OPTED_OUT,
    21611: _LATER,
    21612: Reason(_("There is no way to text that number from the center's number. A call may work."), Again.NEVER),
    21614: _NUMBER,
    21617: _TOO_LONG,
    21620: _FETCHING,
    21635: _LANDLINE,
    21659: _ACCOUNT,
    21660: _ACCOUNT,
    21703: _ACCOUNT,
    30001: _LATER,
    30002: _ACCOUNT,
    30003: _UNREACHABLE,
    30004: Reason(
        _("Her phone or her carrier blocks texts from this number. Do not try again; she may not want them."),
        Again.NEVER,
    ),
    30005: Reason(_("The number does not exist any more. Ask her for another way when she writes."), Again.NEVER),
    30006: _LANDLINE,
    30007: _FILTERED,
    30008: _NO_REASON,
    30011: _NO_PICTURES,
    30017: _LATER,
    30019: _TOO_LARGE,
    30022: _LATER,
    30023: _TOMORROW,
    30027: _TOMORROW,
    30032: _REGISTRATION,
    30033: _REGISTRATION,
    30034: _REGISTRATION,
    30035: _REGISTRATION,
    30036: Reason(_("It waited too long and was dropped. Try again.")),
    30450: _FILTERED,
    30610: Reason(_("It is too late or too early for texts where she is. Try again in the morning.")),
    30640: Reason(_("The phone network may not text to this number. A call may work."), Again.NEVER),
}
OTHERWISE = Reason(
    _(
        "The phone network says that it did not reach her, for a reason that we do not know."
        " Look at the words before you send them again, or call."
    ),
    Again.CHANGED,
)
NEVER_TAKEN = Reason(_("It did not leave: the phone network took no texts for too long. Try again."))
IN_DOUBT = Reason(
    _(
        "Nobody knows whether it reached her: the connection broke while it was handed over."
        " Ask her before you repeat it."
    ),
    Again.NEVER,
)


def reason_for(code: int | None, *, was_handed_over: bool) -> Reason:
    """Why a text failed; a general reason for a code that nobody has reviewed.

    was_handed_over    whether Twilio may have it: then a failure that Twilio has not told of is a doubt that was left
    """
    if code is None:
        return IN_DOUBT if was_handed_over else NEVER_TAKEN
    return REASONS.get(code, OTHERWISE)
