"""Twilio's error codes in words: what happened, and what to do next. Codes: Twilio's error dictionary."""

from typing import Any

from django.utils.translation import gettext_lazy as _

_NUMBER = _("The number cannot receive texts. Ask her for another way to reach her.")
_UNREACHABLE = _("Her phone could not be reached. Try again later, or call.")
_OPTED_OUT = _("She asked to stop texts, so the phone network refused it. Do not write until she writes START.")
_BLOCKED = _("Her carrier blocked it. Do not send the same words again; a call may be better.")
_REGISTRATION = _("The center's number is not registered for texting. Tell your admin: no text leaves until it is.")
_ACCOUNT = _("The center's account with the phone network does not accept it. Tell your admin.")
_FETCHING = _("Her phone network could not fetch the picture from us. Send it again.")
_LATER = _("The phone network was too busy. Try again in a while.")

WORDS: dict[int, Any] = {
    11200: _FETCHING,
    11205: _FETCHING,
    12300: _("Her phone network does not take this kind of picture. Send it as another kind, or describe it in words."),
    20003: _ACCOUNT,
    21211: _NUMBER,
    21212: _ACCOUNT,
    21217: _NUMBER,
    21408: _("The center's account may not text to that country. Tell your admin."),
    21606: _ACCOUNT,
    21610: _OPTED_OUT,
    21611: _LATER,
    21612: _("There is no way to text that number from the center's number. A call may work."),
    21614: _NUMBER,
    21617: _("The text is too long. Split it into shorter ones."),
    21659: _ACCOUNT,
    21660: _ACCOUNT,
    21703: _ACCOUNT,
    30001: _LATER,
    30002: _ACCOUNT,
    30003: _UNREACHABLE,
    30004: _("Her phone or her carrier blocks texts from this number. Do not try again; she may not want them."),
    30005: _("The number does not exist any more. Ask her for another way when she writes."),
    30006: _("The number is a landline or cannot receive texts. Call instead."),
    30007: _BLOCKED,
    30008: _UNREACHABLE,
    30019: _("The picture is too large for her carrier. Send fewer or smaller ones."),
    30022: _LATER,
    30023: _("The center has sent as much as its carrier allows today. Try again tomorrow."),
    30032: _REGISTRATION,
    30033: _REGISTRATION,
    30034: _REGISTRATION,
    30035: _REGISTRATION,
    30036: _("It waited too long and was dropped. Try again."),
}
OTHERWISE = _("It did not reach her. Try again later, or call.")


def words_for(code: int | None) -> Any:
    """A sentence for a failed text; a general one for a code that nobody has reviewed."""
    return WORDS.get(code or 0, OTHERWISE)
