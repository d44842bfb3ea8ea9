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
    RECOVERY_ASKED = "recovery_asked"
    RECOVERY_AGREED = "recovery_agreed"
    RECOVERY_CANCELLED = "recovery_cancelled"
    RECOVERY_LINK_MADE = "recovery_link_made"
    RECOVERY_USED = "recovery_used"
    RECOVERY_BY_CONSOLE = "recovery_by_console"
    PLEASE_LOOK = "please_look"
    COLLEAGUES_PASSKEY_SHUT = "colleagues_passkey_shut"
    COLLEAGUES_FAILED_TRIES = "colleagues_failed_tries"
    COLLEAGUES_RECOVERY_ASKED = "colleagues_recovery_asked"
    COLLEAGUES_RECOVERY_AGREED = "colleagues_recovery_agreed"
    COLLEAGUES_RECOVERY_CANCELLED = "colleagues_recovery_cancelled"
    COLLEAGUES_RECOVERY_USED = "colleagues_recovery_used"
    COLLEAGUES_RECOVERY_BY_CONSOLE = "colleagues_recovery_by_console"


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
LOOK_AND_SPEAK = _("Please sign in and look at the staff page and the log, and speak with the person, not by mail.")

CANCEL_IT = _(
    "If you did not ask for it, sign in and cancel it at the top of any page, and tell another admin, in person or by"
    " phone."
)
PLEASE_CHECK = _(
    "Please speak with that colleague, in person or by phone. If nobody asked for it, sign in and cancel it"
    " on the staff"
    " page."
)

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
    Notice.RECOVERY_ASKED: Words(
        _("a new way in was asked for you"),
        _(
            "An admin says that you have lost every way of signing in. From tomorrow you can be given a link"
            " to set up a new one, or sooner if a second admin agrees."
        ),
        CANCEL_IT,
    ),
    Notice.RECOVERY_AGREED: Words(
        _("a new way in is ready for you"),
        _("A second admin agreed: you can be given a link now to set up a new way of signing in."),
        CANCEL_IT,
    ),
    Notice.RECOVERY_CANCELLED: Words(
        _("the new way in was cancelled"),
        _("The recovery of your account was cancelled. Your ways of signing in stay as they are."),
        IF_SURPRISED,
    ),
    Notice.RECOVERY_LINK_MADE: Words(
        _("a link to your account was made"),
        _(
            "An admin made the link with which a new way of signing in is set up for you. It works once, for"
            " half an hour."
        ),
        _(
            "An admin hands it to you in person. If nobody does, or you did not ask for it: sign in and"
            " cancel it at the top of any page, or tell another admin by phone, at once."
        ),
    ),
    Notice.RECOVERY_USED: Words(
        _("your account was opened anew"),
        _(
            "The link to set up a new way of signing in was used. Every way that you had before is gone, and"
            " you were signed out everywhere."
        ),
        _("If it was you, there is nothing to do. If it was not, tell an admin at once, in person or by phone."),
    ),
    Notice.RECOVERY_BY_CONSOLE: Words(
        _("a link to your account was made"),
        _(
            "Whoever runs the server made a link with which a new way of signing in is set up for you. It"
            " works once, for an hour."
        ),
        CANCEL_IT,
    ),
    Notice.COLLEAGUES_RECOVERY_ASKED: Words(
        _("a recovery was asked for a colleague"),
        _(
            "An admin says that a colleague has lost every way of signing in. It takes a day, or less if a"
            " second admin agrees."
        ),
        PLEASE_CHECK,
    ),
    Notice.COLLEAGUES_RECOVERY_AGREED: Words(
        _("a recovery was agreed to"),
        _("A second admin agreed to the recovery of a colleague's account. The wait is over."),
        PLEASE_CHECK,
    ),
    Notice.COLLEAGUES_RECOVERY_CANCELLED: Words(
        _("a recovery was cancelled"),
        _("The recovery of a colleague's account was cancelled."),
        LOOK_AND_SPEAK,
    ),
    Notice.COLLEAGUES_RECOVERY_USED: Words(
        _("a colleague came in anew"),
        _(
            "The link of a recovery was used: a colleague sets up a new way of signing in, and the ones"
            " before are gone."
        ),
        LOOK_AND_SPEAK,
    ),
    Notice.COLLEAGUES_RECOVERY_BY_CONSOLE: Words(
        _("an account was opened on the server"),
        _("Whoever runs the server made a link with which a colleague's account is opened, without the wait of a day."),
        PLEASE_CHECK,
    ),
    Notice.PLEASE_LOOK: Words(
        _("please look"),
        _("Something waits for an answer, for longer than you wanted to let it wait."),
        _("Please sign in and look. You set under Settings, Notifications, when you are asked."),
    ),
    Notice.COLLEAGUES_PASSKEY_SHUT: Words(
        _("a passkey of a colleague was shut"),
        _("The passkey of somebody you look after may have been copied. It was refused and shut."),
        LOOK_AND_SPEAK,
    ),
    Notice.COLLEAGUES_FAILED_TRIES: Words(
        _("many failed tries"),
        _("Somebody tried many times to sign in as somebody you look after, and did not get in."),
        LOOK_AND_SPEAK,
    ),
}
