"""What people are told by mail, in words. Nothing of a client, of a center or of what it does stands in any of it."""

from enum import StrEnum
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Notice(StrEnum):
    """One kind of mail. The code is the name of its job too."""

    ACCOUNT_READY = "account_ready"
    FACTOR_ADDED = "factor_added"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_SHUT = "passkey_shut"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # a code
    NEW_DEVICE = "new_device"
    MANY_FAILED_TRIES = "many_failed_tries"
    ROLE_CHANGED = "role_changed"
    ACCESS_ENDED = "access_ended"
    ACCESS_SUSPENDED = "access_suspended"
    ACCESS_RESUMED = "access_resumed"
    COLLEAGUES_PASSKEY_SHUT = "colleagues_passkey_shut"
    COLLEAGUES_FAILED_TRIES = "colleagues_failed_tries"


class Words(NamedTuple):
    """The subject behind the product's name, what happened, and what to do."""

    subject: Promise
    happened: Promise
    advice: Promise


# What a stranger can cause is told at most once an hour, or she could fill a mailbox.
CAUSED_BY_STRANGERS = {
    Notice.PASSKEY_SHUT,
    Notice.MANY_FAILED_TRIES,
    Notice.COLLEAGUES_PASSKEY_SHUT,
    Notice.COLLEAGUES_FAILED_TRIES,
}

IF_NOT_YOU = _(
    "If it was you, there is nothing to do. If it was not, tell an admin at once, in person or by phone, and look at"
    " how you sign in under Settings."
)
IF_SURPRISED = _("If this surprises you, ask an admin, in person or by phone.")
PLEASE_LOOK = _("Please sign in and look at the staff page and the log, and speak with the person, not by mail.")

WORDS: dict[Notice, Words] = {
    Notice.ACCOUNT_READY: Words(
        _("your account is ready"),
        _("Somebody used the link that was made for you, and set up a way of signing in."),
        _("If it was you, welcome. If it was not, tell an admin at once, in person or by phone."),
    ),
    Notice.FACTOR_ADDED: Words(
        _("an authenticator app was added"),
        _("An authenticator app was set up for signing in as you."),
        IF_NOT_YOU,
    ),
    Notice.PASSKEY_ADDED: Words(
        _("a passkey was added"),
        _("A passkey was added: whoever has it signs in as you."),
        IF_NOT_YOU,
    ),
    Notice.PASSKEY_REMOVED: Words(
        _("a passkey was removed"),
        _("One of your passkeys was removed. It opens nothing any more."),
        IF_NOT_YOU,
    ),
    Notice.PASSKEY_SHUT: Words(
        _("a passkey was shut"),
        _("One of your passkeys may have been copied. It was refused and shut, and what it had opened has ended."),
        _("Sign in another way, remove it, and tell an admin who had the device in hand."),
    ),
    Notice.RECOVERY_CODES_MADE: Words(
        _("new recovery codes were made"),
        _("Ten new recovery codes were made for you. The ones before do not work any more."),
        IF_NOT_YOU,
    ),
    Notice.RECOVERY_CODE_USED: Words(
        _("a recovery code was used"),
        _("One of your recovery codes was used."),
        IF_NOT_YOU,
    ),
    Notice.PASSWORD_CHANGED: Words(
        _("your password was changed"),
        _("Your password was changed, and you were signed out everywhere else."),
        IF_NOT_YOU,
    ),
    Notice.NEW_DEVICE: Words(
        _("a new device signed in"),
        _("Somebody signed in as you with a browser that you had not used before."),
        IF_NOT_YOU,
    ),
    Notice.MANY_FAILED_TRIES: Words(
        _("many failed tries"),
        _("Somebody tried many times to sign in as you, and did not get in."),
        _(
            "If it was you, try again later, or another way. If it was not, tell an admin. Your account is safe as long"
            " as nobody has your password and your second step."
        ),
    ),
    Notice.ROLE_CHANGED: Words(
        _("your role was changed"),
        _("An admin changed what you may do."),
        IF_SURPRISED,
    ),
    Notice.ACCESS_ENDED: Words(
        _("your access has ended"),
        _("An admin ended your access. You are signed out, and your account opens nothing there any more."),
        IF_SURPRISED,
    ),
    Notice.ACCESS_SUSPENDED: Words(
        _("your access is paused"),
        _("An admin paused your access. You are signed out until somebody takes it up again."),
        IF_SURPRISED,
    ),
    Notice.ACCESS_RESUMED: Words(
        _("your access works again"),
        _("An admin took your access up again. You sign in as before."),
        IF_SURPRISED,
    ),
    Notice.COLLEAGUES_PASSKEY_SHUT: Words(
        _("a passkey of a colleague was shut"),
        _("The passkey of somebody you look after may have been copied. It was refused and shut."),
        PLEASE_LOOK,
    ),
    Notice.COLLEAGUES_FAILED_TRIES: Words(
        _("many failed tries"),
        _("Somebody tried many times to sign in as somebody you look after, and did not get in."),
        PLEASE_LOOK,
    ),
}
