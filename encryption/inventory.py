"""Every column that could hold words, and why it is not sealed (ENC-01).

A text, bytes, JSON or address column of any installed app is a sealed field, or stands here: as an
index, or as plain for a reason. A test walks the models and fails on a column that is neither, and
on a row here that has no column. A new row belongs under the reason that is true of it.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection, models

from encryption.fields import SealedField

INDEX = {
    "a keyed hash: equality within one center is all that it shows": (
        "accounts.staff.email_index",
        "messaging.line.number_index",
        "messaging.phonenumber.index",
    ),
    "a hash of random bits, which cannot be guessed": (
        "accounts.invitation.secret_hash",
        "accounts.knowndevice.digest",
        "accounts.recovery.link_hash",
        "accounts.recoverycode.digest",
        "accounts.spentchallenge.digest",
        "messaging.pictureaddress.secret_hash",
    ),
    "a slow, salted hash": ("accounts.staff.password",),
    "a hash in the log's tree; personal values enter it only as salted commitments": (
        "audit.checkpoint.frontier",
        "audit.checkpoint.root",
        "audit.logentry.leaf",
        "audit.pendingleaf.leaf",
        "audit.sequencedleaf.leaf",
        "audit.subtreeroot.root",
    ),
    "a hash of ids": ("audit.reading.what",),
}

PLAIN = {
    "a code out of a list in our own source": (
        "accounts.attempts.door",
        "accounts.invitation.role",
        "accounts.knowndevice.sound",
        "accounts.membership.role",
        "audit.disclosure.fact",
        "audit.logentry.actor_kind",
        "audit.logentry.event",
        "encryption.key.purpose",
        "encryption.key.state",
        "jobs.job.kind",
        "messaging.attachment.kind",
        "messaging.attachment.state",
        "messaging.client.calls",
        "messaging.client.prefers",
        "messaging.closure.outcome",
        "messaging.conversation.last_call",
        "messaging.followup.kind",
        "messaging.followup.outcome",
        "messaging.latertext.held_because",
        "messaging.message.direction",
        "messaging.message.purpose",
        "messaging.message.status",
        "messaging.numberepoch.end_reason",
        "messaging.optout.source",
        "messaging.phonenumber.line_type",
        "messaging.recognition.how",
        "messaging.recording.state",
        "messaging.template.use",
        "messaging.threadevent.outcome",
        "messaging.threadevent.what",
    ),
    "days and times at which somebody of the staff may come in": ("accounts.roster.days", "accounts.roster.week"),
    "moments, and nothing else": ("accounts.attempts.times",),
    "networks of a center's own offices, from which its people may come in": ("accounts.center.networks",),
    "a status word of Twilio's": ("messaging.statusreport.status",),
    "a type of picture that we draw: JPEG, PNG, GIF or WebP": (
        "messaging.attachment.content_type",
        "messaging.draftpicture.content_type",
    ),
    "a type of sound that we play: WAV or MP3": ("messaging.recording.content_type",),
    "a language or a time zone": (
        "accounts.center.language",
        "accounts.center.time_zone",
        "accounts.staff.language",
        "messaging.client.language",
        "messaging.template.language",
    ),
    "an id, meaningless outside its own system": (
        "audit.checkpoint.key_id",
        "audit.logentry.cid",
        "audit.logentry.object_pk",
        "encryption.key.kid",
        "encryption.key.wrapped_by",
        "jobs.job.dedupe_key",
        "messaging.call.twilio_sid",
        "messaging.message.twilio_sid",
        "messaging.recording.twilio_sid",
    ),
    "the address of a view of the list: ids and codes out of lists in our own source": ("messaging.savedview.address",),
    "the name of an exception class, never its words": ("jobs.job.last_error",),
    "the public half of a key pair, and its id, which a browser tells to nobody but us": (
        "accounts.passkey.credential_id",
        "accounts.passkey.public_key",
    ),
    "sealed already: the wrapped form of a key": ("encryption.key.wrapped",),
    "ids, counts and codes only: `audit.facts` and `audit.masking` let nothing else in": (
        "audit.logentry.changes",
        "audit.logentry.facts",
        "audit.logentry.object_repr",
    ),
    "a public statement: tree size, root hash, signature": ("audit.checkpoint.note",),
    "a column of django-auditlog that stays empty": (
        "audit.logentry.actor_email",
        "audit.logentry.additional_data",
        "audit.logentry.changes_text",
        "audit.logentry.remote_addr",
        "audit.logentry.serialized_data",
    ),
    "names in our own source, kept by Django": (
        "auth.group.name",
        "auth.permission.codename",
        "auth.permission.name",
        "contenttypes.contenttype.app_label",
        "contenttypes.contenttype.model",
    ),
    "a label of django-otp's that we give: it says which kind of factor, not whose": (
        "accounts.recoveryset.name",
        "accounts.totpdevice.name",
    ),
    "a random session key, worthless once the session has ended": ("sessions.session.session_key",),
    "signed ids of the session's owner and factor, times, her network address and browser; no word of a conversation": (
        "sessions.session.session_data",
    ),
}

_WORDY = ("varchar", "char", "text", "citext", "bytea", "json", "inet", "cidr", "xml", "hstore")


def sealed_columns() -> dict[str, str]:
    """The schema string of every sealed column of the installed apps."""
    return {name: field.schema for name, field in _columns() if isinstance(field, SealedField)}


def sealed_models() -> Iterator[tuple[type[models.Model], "list[SealedField[object, object]]"]]:
    """Every model of the installed apps that has sealed columns, with their fields."""
    for model in _models():
        if fields := [field for field in model._meta.local_concrete_fields if isinstance(field, SealedField)]:
            yield model, fields


def open_columns() -> set[str]:
    """The columns of the installed apps that could hold words and are not sealed."""
    return {name for name, field in _columns() if not isinstance(field, SealedField) and _could_hold_words(field)}


def listed_columns() -> list[str]:
    """The columns that stand here, as often as they do."""
    return [column for group in (INDEX, PLAIN) for columns in group.values() for column in columns]


def _columns() -> "Iterator[tuple[str, models.Field[object, object]]]":
    for model in _models():
        for field in model._meta.local_concrete_fields:
            yield f"{model._meta.label_lower}.{field.name}", field


def _models() -> Iterator[type[models.Model]]:
    found = apps.get_models(include_auto_created=True)
    return (model for model in found if model._meta.managed and not model._meta.proxy)


def _could_hold_words(field: "models.Field[object, object]") -> bool:
    kind = field.db_type(connection) or ""
    return kind.endswith("[]") or kind.startswith(_WORDY)
