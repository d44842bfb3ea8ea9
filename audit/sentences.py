"""What happened, as a person would say it. Ids become names through a mapping that the caller gives."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.events import Event, EventGroup
from audit.models import LogEntry

# %(who)s acts; %(whom)s is the colleague that the entry is about, if it is about one.
SENTENCES: dict[Event, Promise] = {
    Event.SIGN_IN_PASSWORD_PASSED: _("%(who)s gave the right password."),
    Event.SIGN_IN_PASSWORD_REFUSED: _("%(who)s gave a wrong e-mail address or password."),
    Event.SECOND_FACTOR_PASSED: _("%(who)s signed in."),
    Event.SECOND_FACTOR_REFUSED: _("%(who)s gave a wrong second code."),
    Event.RECOVERY_CODE_USED: _("%(who)s used up a recovery code."),
    Event.FACTOR_GIVEN_AGAIN: _("%(who)s gave a factor again before something that needs it."),
    Event.SIGNED_OUT: _("%(who)s signed out."),
    Event.CENTER_ENTERED: _("%(who)s came over from another center."),
    Event.SESSION_EXPIRED: _("The session of %(whom)s ended by itself."),
    Event.SESSION_LOCKED: _("The desk of %(who)s was locked."),
    Event.SESSION_ENDED: _("%(who)s ended a session of %(whom)s."),
    Event.LOCKED_OUT: _("%(who)s was locked out after too many tries."),
    Event.FAILURES_IN_A_ROW: _("Somebody has tried again and again to sign in as %(whom)s."),
    Event.STRANGERS_KEPT_OUT: _("So many passwords failed that only known devices and passkeys came in for a while."),
    Event.INVITATION_MADE: _("%(who)s invited somebody."),
    Event.INVITATION_USED: _("%(who)s accepted an invitation."),
    Event.INVITATION_REFUSED: _("%(who)s opened an invitation that is not valid."),
    Event.PASSWORD_SET: _("%(who)s set a password."),
    Event.FACTOR_ADDED: _("%(who)s set up a second factor."),
    Event.FACTOR_REMOVED: _("%(who)s removed a second factor of %(whom)s."),
    Event.RECOVERY_CODES_MADE: _("%(who)s made new recovery codes."),
    Event.PASSKEY_ADDED: _("%(who)s added a passkey."),
    Event.PASSKEY_RENAMED: _("%(who)s gave a passkey another name."),
    Event.PASSKEY_REMOVED: _("%(who)s removed a passkey."),
    Event.PASSKEY_USED: _("%(who)s signed in with a passkey."),
    Event.PASSKEY_REFUSED: _("%(who)s tried a passkey that was not accepted."),
    Event.PASSKEY_COPIED: _("A passkey of %(whom)s was refused and shut: it may have been copied."),
    Event.CONVERSATION_OPENED: _("%(who)s read a conversation."),
    Event.LIST_READ: _("%(who)s looked at a list."),
    Event.SEARCH: _("%(who)s searched."),
    Event.NUMBER_SHOWN: _("%(who)s looked at the number of a client."),
    Event.PRINT_ASKED: _("%(who)s asked for a second person to agree to printing a conversation."),
    Event.PRINT_AGREED: _("%(who)s agreed that a colleague prints a conversation."),
    Event.PRINT_REFUSED: _("%(who)s did not agree that a colleague prints a conversation."),
    Event.CONVERSATION_PRINTED: _("%(who)s opened a whole conversation to print it."),
    Event.FILE_OPENED: _("%(who)s opened a picture or file."),
    Event.VOICEMAIL_PLAYED: _("%(who)s listened to a voicemail."),
    Event.MESSAGE_RECEIVED: _("A message from a client came in."),
    Event.MESSAGE_DUPLICATE_IGNORED: _("A message came in a second time and was left out."),
    Event.MESSAGE_RECOVERED: _("A message that had been missed was fetched from Twilio."),
    Event.MESSAGE_WRITTEN: _("%(who)s wrote a message to a client."),
    Event.MESSAGE_UNDONE: _("%(who)s took a message back before it was sent."),
    Event.LATER_KEPT: _("%(who)s wrote a message that leaves later."),
    Event.LATER_TAKEN_BACK: _("%(who)s took back a message that was to leave later."),
    Event.LATER_LEFT: _("A message that was kept for later was given to be sent."),
    Event.LATER_HELD: _("A message that was kept for later was held back."),
    Event.MESSAGE_SENT: _("A message was handed to Twilio."),
    Event.MESSAGE_DELIVERED: _("A message was delivered."),
    Event.MESSAGE_FAILED: _("A message could not be delivered."),
    Event.MESSAGE_UNKNOWN: _("It is not known whether a message was sent."),
    Event.SENDING_STOPPED: _("The phone network refused the account: sending stopped."),
    Event.SENDING_RESUMED: _("%(who)s had sending begin again."),
    Event.MESSAGE_SENT_AGAIN: _("%(who)s sent a text that had failed once more, as a new one."),
    Event.MESSAGE_SETTLED: _("%(who)s settled what became of a message."),
    Event.STATUS_CALLBACK_IGNORED: _("A report from Twilio was kept and changed nothing."),
    Event.AUTO_REPLY_SENT: _("An automatic reply was prepared."),
    Event.AUTO_REPLY_WITHHELD: _("An automatic reply was held back."),
    Event.OPTED_OUT: _("A client asked to get no more messages."),
    Event.OPTED_IN: _("A client asked to get messages again."),
    Event.HELP_ASKED: _("A client asked for help by keyword."),
    Event.CALL_RECEIVED: _("A client called."),
    Event.CALL_ANSWERED: _("A client who called was spoken with."),
    Event.CALL_MISSED: _("A call of a client was missed."),
    Event.TEXT_BACK_SENT: _("A text after a missed call was prepared."),
    Event.TEXT_BACK_WITHHELD: _("A text after a missed call was held back."),
    Event.VOICEMAIL_SETTLED: _("A voicemail of a client was fetched, or could not be."),
    Event.VOICEMAIL_ASKED_AGAIN: _("%(who)s asked for a voicemail again."),
    Event.FILE_BLOCKED: _("The virus scanner warned of a file of a client, so it was not kept."),
    Event.FILE_SETTLED: _("A picture or file of a client was fetched, or could not be."),
    Event.FILE_ASKED_AGAIN: _("%(who)s asked for a picture or file again."),
    Event.PICTURE_ADDED: _("%(who)s put a picture with a reply that is not sent yet."),
    Event.PICTURE_REMOVED: _("%(who)s removed a picture from a reply that was not sent."),
    Event.PICTURE_FETCHED: _("A picture for a client was fetched from its address, as the phone network does."),
    Event.ERASED_AT_TWILIO: _("Texts or voicemails that are stored here were erased at Twilio."),
    Event.CONVERSATION_STARTED: _("A conversation began."),
    Event.NOTE_WRITTEN: _("%(who)s wrote a note."),
    Event.MENTIONED: _("%(who)s mentioned a colleague in a note."),
    Event.CLIENT_CHANGED: _("%(who)s changed what is known of a client."),
    Event.CONVERSATION_SPLIT: _("%(who)s said from where on a conversation is with somebody else."),
    Event.PHONE_SHARED: _("%(who)s said whether several people use a phone."),
    Event.CLIENT_RECOGNIZED: _("%(who)s said who writes in a conversation."),
    Event.CLIENT_TAKEN_APART: _("%(who)s took back who writes in a conversation."),
    Event.ASSIGNED: _("%(who)s gave a conversation to a colleague."),
    Event.UNASSIGNED: _("%(who)s put a conversation back for anybody to take."),
    Event.UNASSIGNED_AWAY: _(
        "A conversation went back to everybody: whoever held it was not there, and a client waited."
    ),
    Event.TAKEN: _("%(who)s took a conversation."),
    Event.CLOSED: _("%(who)s closed a conversation."),
    Event.REOPENED: _("%(who)s opened a closed conversation again."),
    Event.SNOOZED: _("%(who)s put a conversation aside for a while."),
    Event.WOKEN: _("A conversation that was put aside came back."),
    Event.FOLLOWUP_OPENED: _("A follow-up was opened."),
    Event.FOLLOWUP_SETTLED: _("%(who)s settled a follow-up."),
    Event.FOLLOWUP_REOPENED: _("%(who)s took back that follow-ups were settled."),
    Event.FOLLOWUP_REASSIGNED: _("%(who)s gave a follow-up to a colleague."),
    Event.NUMBER_EPOCH_STARTED: _("A number began to stand for a client."),
    Event.NUMBER_EPOCH_ENDED: _("A number no longer stands for the client it stood for."),
    Event.NUMBER_EPOCH_REVIVED: _("%(who)s said that a number stands for its client after all."),
    Event.CENTER_ADDED: _("%(who)s added a center."),
    Event.CENTER_CHANGED: _("%(who)s changed the settings of the center."),
    Event.ACCESS_CHANGED: _("%(who)s changed when desks lock, or from where people come in."),
    Event.CENTER_SET_UP: _("%(who)s finished setting up the center."),
    Event.LINE_ADDED: _("%(who)s connected a line."),
    Event.LINE_CHANGED: _("%(who)s changed a line."),
    Event.STAFF_ADDED: _("%(who)s added a member of staff."),
    Event.STAFF_CHANGED: _("%(who)s changed the details of %(whom)s."),
    Event.STAFF_DEACTIVATED: _("%(who)s ended the access of %(whom)s."),
    Event.STAFF_SUSPENDED: _("%(who)s suspended the access of %(whom)s."),
    Event.STAFF_RESUMED: _("%(who)s took the access of %(whom)s up again."),
    Event.ROLE_CHANGED: _("%(who)s changed the role of %(whom)s."),
    Event.SHIFTS_CHANGED: _("%(who)s changed the hours in which %(whom)s may come in."),
    Event.SHIFT_EXTENDED: _("%(who)s let %(whom)s stay longer than her hours."),
    Event.RECOVERY_OPENED: _("%(who)s opened a recovery of the account of %(whom)s."),
    Event.RECOVERY_AGREED: _("%(who)s agreed to the recovery of the account of %(whom)s."),
    Event.RECOVERY_CANCELLED: _("%(who)s cancelled the recovery of the account of %(whom)s."),
    Event.RECOVERY_LINK_MADE: _("%(who)s made the link to recover the account of %(whom)s."),
    Event.RECOVERY_USED: _("The link to recover the account of %(whom)s was used: all ways of signing in ended."),
    Event.RECOVERY_REFUSED: _("%(who)s opened the link of a recovery that is not valid."),
    Event.RECOVERY_BY_CONSOLE: _("IMPORTANT: the account of %(whom)s was opened on the server's console."),
    Event.TAGS_CHANGED: _("%(who)s changed the tags of the center."),
    Event.TEMPLATE_CHANGED: _("%(who)s changed a template."),
    Event.HOURS_CHANGED: _("%(who)s changed the opening hours."),
    Event.NOTIFICATIONS_CHANGED: _("%(who)s changed their notifications."),
    Event.VIEW_CHANGED: _("%(who)s changed a view of the list of their own."),
    Event.KEY_CREATED: _("A key was made."),
    Event.KEY_ROTATED: _("%(who)s changed keys."),
    Event.KEY_DESTROYED: _("%(who)s destroyed a key: what it sealed can never be read again."),
    Event.ACCESS_REFUSED: _("%(who)s was refused something."),
    Event.OFF_SHIFT: _("%(who)s was outside her hours, and nothing opened."),
    Event.NETWORK_REFUSED: _("%(who)s was refused: not from a network of the center."),
    Event.WEBHOOK_REFUSED: _("A request that claimed to come from Twilio was refused."),
    Event.RATE_LIMITED: _("%(who)s was asked to slow down."),
    Event.LOG_READ: _("%(who)s read this log."),
    Event.LOG_EXPORTED: _("%(who)s exported this log."),
    Event.LOG_VERIFIED: _("%(who)s verified this log."),
    Event.LOG_REVIEWED: _("%(who)s reviewed a week of this log."),
    Event.CHECKPOINT_MADE: _("A checkpoint of this log was stored outside."),
    Event.JOB_DEAD: _("A task failed for good and needs a person."),
    Event.BACKUP_MADE: _("A backup was made."),
    Event.BACKUP_RESTORED: _("A backup was restored: what happened between it and now is not in this log."),
    Event.DRILL_RUN: _("A restore was rehearsed on a copy."),
    Event.STARTED: _("Quietline started."),
    Event.STOPPED: _("Quietline stopped."),
    Event.ROW_ADDED: _("%(who)s added a record."),
    Event.ROW_CHANGED: _("%(who)s changed a record."),
    Event.ROW_REMOVED: _("%(who)s removed a record."),
}

GROUPS: dict[EventGroup, Promise] = {
    EventGroup.SIGN_IN: _("Signing in and out"),
    EventGroup.READING: _("Reading and searching"),
    EventGroup.MESSAGES: _("Messages and calls"),
    EventGroup.WORK: _("Work on conversations"),
    EventGroup.SETTINGS: _("People and settings"),
    EventGroup.KEYS: _("Keys"),
    EventGroup.REFUSALS: _("Refusals"),
    EventGroup.LOG: _("This log"),
    EventGroup.MACHINE: _("The system"),
}

KINDS: dict[str, Promise] = {
    "client": _("A client"),
    "twilio": _("Twilio"),
    "system": _("Quietline"),
    "command": _("A command on the server"),
    "nobody": _("Somebody who had not signed in"),
}
SOMEBODY = _("A colleague")
A_COLLEAGUE = _("a colleague")


def sentence(entry: LogEntry, names: Mapping[UUID, str]) -> str:
    """The entry in one sentence. A code that the catalogue no longer knows is shown as it is."""
    words = SENTENCES.get(Event(entry.event)) if entry.event in Event.values else None
    if words is None:
        return entry.event
    return str(words) % {"who": actor_label(entry, names), "whom": _whom(entry, names)}


def actor_label(entry: LogEntry, names: Mapping[UUID, str]) -> str:
    if entry.actor_id:
        return names.get(entry.actor_id) or str(SOMEBODY)
    return str(KINDS.get(entry.actor_kind, SOMEBODY))


def _whom(entry: LogEntry, names: Mapping[UUID, str]) -> str:
    """The colleague whom the entry is about: its object, or its fact `staff`."""
    for candidate in (entry.facts.get("staff"), entry.object_pk):
        if name := names.get(_uuid(candidate)):
            return name
    return str(A_COLLEAGUE)


def _uuid(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        return UUID(int=0)
