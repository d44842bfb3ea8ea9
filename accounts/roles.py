"""What each role may do, and what each address needs: one table. Whatever is not in it is refused (AUTHZ-01).

The gate (`accounts.middleware`), the lists of who sees what, the staff page and docs/trust-model.md all read it here.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    SPECIALIST = "specialist", _("Options specialist")
    SUPERVISOR = "supervisor", _("Supervisor")
    ADMIN = "admin", _("Admin")
    AUDITOR = "auditor", _("Auditor")


class Permission(models.TextChoices):
    OWN_ACCOUNT = "own_account", _("Change one's own name, language and ways of signing in")
    CONVERSATIONS = "conversations", _("Read and answer one's own conversations, and those nobody holds")
    ALL_CONVERSATIONS = "all_conversations", _("Read and answer the conversations of colleagues")
    NUMBER = "number", _("See the whole number of a client whose conversation one holds")
    ANY_NUMBER = "any_number", _("See the whole number of any client")
    COPY = "copy", _("Copy more than an entry of a conversation, and print it when a second person agrees")
    TAGS = "tags", _("Say which tags the center has")
    CENTER = "center", _("Set lines, opening hours and ready words")
    STAFF = "staff", _("Invite people, set their role, hours and access, suspend or end their work")
    HEALTH = "health", _("See what does not work, and have stopped sending tried again")
    LOG = "log", _("Read, check and export the log")
    REVIEW = "review", _("Look at who read what, and sign the week off")


ALLOWED: dict[str, frozenset[Permission]] = {
    Role.SPECIALIST: frozenset({Permission.OWN_ACCOUNT, Permission.CONVERSATIONS, Permission.NUMBER}),
    Role.SUPERVISOR: frozenset(
        {
            Permission.OWN_ACCOUNT,
            Permission.CONVERSATIONS,
            Permission.ALL_CONVERSATIONS,
            Permission.NUMBER,
            Permission.ANY_NUMBER,
            Permission.COPY,
            Permission.TAGS,
        }
    ),
    Role.ADMIN: frozenset(Permission),
    Role.AUDITOR: frozenset({Permission.OWN_ACCOUNT, Permission.LOG, Permission.REVIEW}),
}

# Who can be asked for passkeys: whoever lets others in, and whoever reads who did what (AUTH-02).
PASSKEY_ROLES = frozenset({Role.ADMIN, Role.AUDITOR})

NEEDS: dict[str, Permission] = {
    # The start page shows the inbox, or leads whoever has none to where she works.
    "inbox": Permission.OWN_ACCOUNT,
    "settings": Permission.OWN_ACCOUNT,
    "settings-password": Permission.OWN_ACCOUNT,
    "settings-authenticator": Permission.OWN_ACCOUNT,
    "new-recovery-codes": Permission.OWN_ACCOUNT,
    "lock": Permission.OWN_ACCOUNT,
    "confirm": Permission.OWN_ACCOUNT,
    "confirm-passkey": Permission.OWN_ACCOUNT,
    "confirm-passkey-options": Permission.OWN_ACCOUNT,
    "passkey-new": Permission.OWN_ACCOUNT,
    "passkey-options": Permission.OWN_ACCOUNT,
    "passkey-name": Permission.OWN_ACCOUNT,
    "passkey-remove": Permission.OWN_ACCOUNT,
    "off-shift": Permission.OWN_ACCOUNT,
    "shift": Permission.OWN_ACCOUNT,
    "settings-sessions": Permission.OWN_ACCOUNT,
    "own-recovery-cancel": Permission.OWN_ACCOUNT,
    "settings-session-end": Permission.OWN_ACCOUNT,
    "centers": Permission.OWN_ACCOUNT,
    "center-enter": Permission.OWN_ACCOUNT,
    "inbox-list": Permission.CONVERSATIONS,
    "news": Permission.CONVERSATIONS,
    "names": Permission.CONVERSATIONS,
    "settings-notifications": Permission.CONVERSATIONS,
    "search": Permission.CONVERSATIONS,
    "search-results": Permission.CONVERSATIONS,
    "search-more": Permission.CONVERSATIONS,
    "conversation": Permission.CONVERSATIONS,
    "conversation-entries": Permission.CONVERSATIONS,
    "conversation-older": Permission.CONVERSATIONS,
    "reply": Permission.CONVERSATIONS,
    "note": Permission.CONVERSATIONS,
    "draft": Permission.CONVERSATIONS,
    "ready-words": Permission.CONVERSATIONS,
    "readers": Permission.CONVERSATIONS,
    "take": Permission.CONVERSATIONS,
    "release": Permission.CONVERSATIONS,
    "colleagues": Permission.CONVERSATIONS,
    "assign": Permission.CONVERSATIONS,
    "close": Permission.CONVERSATIONS,
    "reopen": Permission.CONVERSATIONS,
    "number-end": Permission.CONVERSATIONS,
    "number-revive": Permission.CONVERSATIONS,
    "begin-again": Permission.CONVERSATIONS,
    "snooze": Permission.CONVERSATIONS,
    "wake": Permission.CONVERSATIONS,
    "inbox-narrow": Permission.CONVERSATIONS,
    "view-save": Permission.CONVERSATIONS,
    "view-rename": Permission.CONVERSATIONS,
    "view-remove": Permission.CONVERSATIONS,
    "view-back": Permission.CONVERSATIONS,
    "several-colleagues": Permission.CONVERSATIONS,
    "several-give": Permission.CONVERSATIONS,
    "several-close": Permission.CONVERSATIONS,
    "several-undo": Permission.CONVERSATIONS,
    "client-name": Permission.CONVERSATIONS,
    "client-card": Permission.CONVERSATIONS,
    "client-history": Permission.CONVERSATIONS,
    "client-undo": Permission.CONVERSATIONS,
    "client-tag": Permission.CONVERSATIONS,
    "who": Permission.CONVERSATIONS,
    "who-back": Permission.CONVERSATIONS,
    "other-number": Permission.CONVERSATIONS,
    "split": Permission.CONVERSATIONS,
    "not-shared": Permission.CONVERSATIONS,
    "client-number": Permission.NUMBER,
    "print-ask": Permission.COPY,
    "printouts": Permission.COPY,
    "printout": Permission.COPY,
    "printout-decide": Permission.COPY,
    "follow-up-add": Permission.CONVERSATIONS,
    "follow-ups": Permission.CONVERSATIONS,
    "follow-up-settle": Permission.CONVERSATIONS,
    "file": Permission.CONVERSATIONS,
    "files-again": Permission.CONVERSATIONS,
    "picture-add": Permission.CONVERSATIONS,
    "picture": Permission.CONVERSATIONS,
    "picture-remove": Permission.CONVERSATIONS,
    "voicemail": Permission.CONVERSATIONS,
    "voicemail-sound": Permission.CONVERSATIONS,
    "voicemail-again": Permission.CONVERSATIONS,
    "text-again": Permission.CONVERSATIONS,
    "undo": Permission.CONVERSATIONS,
    "later-undo": Permission.CONVERSATIONS,
    "retry-decision": Permission.CONVERSATIONS,
    "settings-access": Permission.STAFF,
    "start": Permission.CENTER,
    "start-steps": Permission.CENTER,
    "start-line": Permission.CENTER,
    "start-connect": Permission.CENTER,
    "start-finish": Permission.CENTER,
    "settings-tags": Permission.TAGS,
    "settings-tag": Permission.TAGS,
    "settings-tag-move": Permission.TAGS,
    "settings-tag-retire": Permission.TAGS,
    "settings-tag-revive": Permission.TAGS,
    "settings-hours": Permission.CENTER,
    "settings-templates": Permission.CENTER,
    "settings-template-new": Permission.CENTER,
    "settings-template": Permission.CENTER,
    "settings-template-remove": Permission.CENTER,
    "settings-lines": Permission.CENTER,
    "settings-line-calls": Permission.CENTER,
    "staff": Permission.STAFF,
    "staff-invite": Permission.STAFF,
    "staff-passkeys": Permission.STAFF,
    "staff-person": Permission.STAFF,
    "staff-role": Permission.STAFF,
    "staff-shifts": Permission.STAFF,
    "staff-extend": Permission.STAFF,
    "staff-return": Permission.STAFF,
    "staff-suspend": Permission.STAFF,
    "staff-resume": Permission.STAFF,
    "staff-end": Permission.STAFF,
    "staff-sessions": Permission.STAFF,
    "staff-recovery": Permission.STAFF,
    "recovery-agree": Permission.STAFF,
    "recovery-cancel": Permission.STAFF,
    "recovery-link": Permission.STAFF,
    "staff-session-end": Permission.STAFF,
    "health": Permission.HEALTH,
    "send-again": Permission.HEALTH,
    "log": Permission.LOG,
    "log-entry": Permission.LOG,
    "log-proof": Permission.LOG,
    "review": Permission.REVIEW,
    "review-person": Permission.REVIEW,
    "review-client": Permission.REVIEW,
    "review-sign-off": Permission.REVIEW,
}

# What opens outside one's hours: the page that says so, the clock it goes by, a locked desk, and the way to another
# center, which shows nothing of this one. Whatever is not in it waits for the next shift, one's own account too.
OUTSIDE_HOURS = frozenset(
    {
        "off-shift",
        "shift",
        "lock",
        "confirm",
        "confirm-passkey",
        "confirm-passkey-options",
        "centers",
        "center-enter",
        "own-recovery-cancel",
    }
)
# What opens from a network that the center does not list: the way to another center, and keeping strangers out.
FROM_ANYWHERE = frozenset({"centers", "center-enter", "own-recovery-cancel"})


# What opens to whoever came in without the passkey that her role needs. Adding one opens where `keeping_out` says so.
BEFORE_A_PASSKEY = frozenset(
    {
        "shift",
        "lock",
        "confirm",
        "confirm-passkey",
        "confirm-passkey-options",
        "centers",
        "center-enter",
        "own-recovery-cancel",
    }
)
ADDING_A_PASSKEY = frozenset({"passkey-new", "passkey-options"})


def who_may(permission: Permission) -> list[str]:
    """The roles that have a permission."""
    return [role for role, allowed in ALLOWED.items() if permission in allowed]
