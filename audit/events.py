"""The catalogue: everything that the log can say. `sentences.py` says it in words (AUD-01)."""

from enum import StrEnum

from django.db.models import TextChoices


class Event(TextChoices):
    # Coming in
    SIGN_IN_PASSWORD_PASSED = "sign_in_password_passed"  # noqa: S105
    SIGN_IN_PASSWORD_REFUSED = "sign_in_password_refused"  # noqa: S105
    SECOND_FACTOR_PASSED = "second_factor_passed"
    SECOND_FACTOR_REFUSED = "second_factor_refused"
    RECOVERY_CODE_USED = "recovery_code_used"
    FACTOR_GIVEN_AGAIN = "factor_given_again"
    SIGNED_OUT = "signed_out"
    CENTER_ENTERED = "center_entered"
    SESSION_EXPIRED = "session_expired"
    SESSION_ENDED = "session_ended"
    SESSION_LOCKED = "session_locked"
    LOCKED_OUT = "locked_out"
    FAILURES_IN_A_ROW = "failures_in_a_row"
    STRANGERS_KEPT_OUT = "strangers_kept_out"
    INVITATION_MADE = "invitation_made"
    INVITATION_USED = "invitation_used"
    INVITATION_REFUSED = "invitation_refused"
    PASSWORD_SET = "password_set"  # noqa: S105
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_RENAMED = "passkey_renamed"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_USED = "passkey_used"
    PASSKEY_REFUSED = "passkey_refused"
    PASSKEY_COPIED = "passkey_copied"
    # Reading
    CONVERSATION_OPENED = "conversation_opened"
    LIST_READ = "list_read"
    SEARCH = "search"
    FILE_OPENED = "file_opened"
    VOICEMAIL_PLAYED = "voicemail_played"
    NUMBER_SHOWN = "number_shown"
    CONVERSATION_PRINTED = "conversation_printed"
    # Messages
    MESSAGE_RECEIVED = "message_received"
    MESSAGE_DUPLICATE_IGNORED = "message_duplicate_ignored"
    MESSAGE_RECOVERED = "message_recovered"
    MESSAGE_WRITTEN = "message_written"
    MESSAGE_UNDONE = "message_undone"
    LATER_KEPT = "later_kept"
    LATER_TAKEN_BACK = "later_taken_back"
    LATER_LEFT = "later_left"
    LATER_HELD = "later_held"
    MESSAGE_SENT = "message_sent"
    MESSAGE_DELIVERED = "message_delivered"
    MESSAGE_FAILED = "message_failed"
    MESSAGE_UNKNOWN = "message_unknown"
    MESSAGE_SENT_AGAIN = "message_sent_again"
    MESSAGE_SETTLED = "message_settled"
    SENDING_STOPPED = "sending_stopped"
    SENDING_RESUMED = "sending_resumed"
    STATUS_CALLBACK_IGNORED = "status_callback_ignored"
    AUTO_REPLY_SENT = "auto_reply_sent"
    AUTO_REPLY_WITHHELD = "auto_reply_withheld"
    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    HELP_ASKED = "help_asked"
    CALL_RECEIVED = "call_received"
    CALL_ANSWERED = "call_answered"
    CALL_MISSED = "call_missed"
    TEXT_BACK_SENT = "text_back_sent"
    TEXT_BACK_WITHHELD = "text_back_withheld"
    VOICEMAIL_SETTLED = "voicemail_settled"
    VOICEMAIL_ASKED_AGAIN = "voicemail_asked_again"
    FILE_SETTLED = "file_settled"
    FILE_BLOCKED = "file_blocked"
    FILE_ASKED_AGAIN = "file_asked_again"
    PICTURE_ADDED = "picture_added"
    PICTURE_REMOVED = "picture_removed"
    PICTURE_FETCHED = "picture_fetched"
    ERASED_AT_TWILIO = "erased_at_twilio"
    # Work on conversations
    CONVERSATION_STARTED = "conversation_started"
    PRINT_ASKED = "print_asked"
    PRINT_AGREED = "print_agreed"
    PRINT_REFUSED = "print_refused"
    NOTE_WRITTEN = "note_written"
    MENTIONED = "mentioned"
    CLIENT_CHANGED = "client_changed"
    CONVERSATION_SPLIT = "conversation_split"
    PHONE_SHARED = "phone_shared"
    CLIENT_RECOGNIZED = "client_recognized"
    CLIENT_TAKEN_APART = "client_taken_apart"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    UNASSIGNED_AWAY = "unassigned_away"
    TAKEN = "taken"
    CLOSED = "closed"
    REOPENED = "reopened"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    FOLLOWUP_OPENED = "followup_opened"
    FOLLOWUP_SETTLED = "followup_settled"
    FOLLOWUP_REOPENED = "followup_reopened"
    FOLLOWUP_REASSIGNED = "followup_reassigned"
    NUMBER_EPOCH_STARTED = "number_epoch_started"
    NUMBER_EPOCH_ENDED = "number_epoch_ended"
    NUMBER_EPOCH_REVIVED = "number_epoch_revived"
    # People and settings
    CENTER_ADDED = "center_added"
    CENTER_CHANGED = "center_changed"
    ACCESS_CHANGED = "access_changed"
    CENTER_SET_UP = "center_set_up"
    LINE_ADDED = "line_added"
    LINE_CHANGED = "line_changed"
    STAFF_ADDED = "staff_added"
    STAFF_CHANGED = "staff_changed"
    STAFF_DEACTIVATED = "staff_deactivated"
    STAFF_SUSPENDED = "staff_suspended"
    STAFF_RESUMED = "staff_resumed"
    ROLE_CHANGED = "role_changed"
    SHIFTS_CHANGED = "shifts_changed"
    SHIFT_EXTENDED = "shift_extended"
    RECOVERY_OPENED = "recovery_opened"
    RECOVERY_AGREED = "recovery_agreed"
    RECOVERY_CANCELLED = "recovery_cancelled"
    RECOVERY_LINK_MADE = "recovery_link_made"
    RECOVERY_USED = "recovery_used"
    RECOVERY_REFUSED = "recovery_refused"
    RECOVERY_BY_CONSOLE = "recovery_by_console"
    TAGS_CHANGED = "tags_changed"
    TEMPLATE_CHANGED = "template_changed"
    HOURS_CHANGED = "hours_changed"
    NOTIFICATIONS_CHANGED = "notifications_changed"
    VIEW_CHANGED = "view_changed"
    # Keys
    KEY_CREATED = "key_created"
    KEY_ROTATED = "key_rotated"
    KEY_DESTROYED = "key_destroyed"
    # Refusals
    ACCESS_REFUSED = "access_refused"
    OFF_SHIFT = "off_shift"
    NETWORK_REFUSED = "network_refused"
    WEBHOOK_REFUSED = "webhook_refused"
    RATE_LIMITED = "rate_limited"
    # The log itself
    LOG_READ = "log_read"
    LOG_EXPORTED = "log_exported"
    LOG_VERIFIED = "log_verified"
    LOG_REVIEWED = "log_reviewed"
    CHECKPOINT_MADE = "checkpoint_made"
    # The machine
    JOB_DEAD = "job_dead"
    BACKUP_MADE = "backup_made"
    BACKUP_RESTORED = "backup_restored"
    DRILL_RUN = "drill_run"
    STARTED = "started"
    STOPPED = "stopped"
    # What auditlog saw without being told a better name
    ROW_ADDED = "row_added"
    ROW_CHANGED = "row_changed"
    ROW_REMOVED = "row_removed"


class EventGroup(StrEnum):
    """What the log page filters by."""

    SIGN_IN = "sign_in"
    READING = "reading"
    MESSAGES = "messages"
    WORK = "work"
    SETTINGS = "settings"
    KEYS = "keys"
    REFUSALS = "refusals"
    LOG = "log"
    MACHINE = "machine"


# Each group runs from its first event up to the next group's first, in the order of the catalogue.
_FIRST = {
    Event.SIGN_IN_PASSWORD_PASSED: EventGroup.SIGN_IN,
    Event.CONVERSATION_OPENED: EventGroup.READING,
    Event.MESSAGE_RECEIVED: EventGroup.MESSAGES,
    Event.CONVERSATION_STARTED: EventGroup.WORK,
    Event.CENTER_ADDED: EventGroup.SETTINGS,
    Event.KEY_CREATED: EventGroup.KEYS,
    Event.ACCESS_REFUSED: EventGroup.REFUSALS,
    Event.LOG_READ: EventGroup.LOG,
    Event.JOB_DEAD: EventGroup.MACHINE,
    Event.ROW_ADDED: EventGroup.SETTINGS,
}


def _grouped() -> dict[EventGroup, frozenset[Event]]:
    members: dict[EventGroup, set[Event]] = {group: set() for group in EventGroup}
    group = EventGroup.SIGN_IN
    for event in Event:
        group = _FIRST.get(event, group)
        members[group].add(event)
    return {group: frozenset(events) for group, events in members.items()}


EVENTS_OF = _grouped()
# A person saw something and changed nothing.
READS = EVENTS_OF[EventGroup.READING] | {Event.LOG_READ}
