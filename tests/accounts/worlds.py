"""What the tests of permissions go through: every guarded address, and things of everybody to ask it for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import URLPattern, reverse
from django.utils import timezone

from accounts.models import Center, Membership, Passkey, Recovery, Role
from accounts.roles import ALLOWED, NEEDS, Permission
from accounts.routes import patterns
from audit.models import LogEntry
from messaging.actions.calls import News, note_call
from messaging.actions.replies import write_reply
from messaging.actions.voicemails import note_recording
from messaging.models import (
    Attachment,
    Client,
    Conversation,
    DraftPicture,
    FollowUp,
    LaterText,
    Line,
    Message,
    Printout,
    Recording,
    RecordingState,
    SavedView,
    Tag,
    Template,
)
from messaging.twilio import CallPost, RecordingPost, door_to
from tenancy.ids import uuid7
from tenancy.scope import in_center, in_platform
from tests.cast import TOKEN, employ
from tests.doors import sid, text_in

GUARDED = sorted((one for one in patterns() if str(one.name) in NEEDS), key=lambda one: str(one.name))
OWN, FREE, COLLEAGUES, FOREIGN = "her own", "nobody's", "a colleague's", "another center's"
# What the id in an address stands for: of a conversation, or of the center.
OF_A_CONVERSATION = {
    "conversation": "conversation", "conversation-entries": "conversation", "conversation-older": "conversation",
    "reply": "conversation", "note": "conversation", "draft": "conversation", "ready-words": "conversation",
    "readers": "conversation",
    "take": "conversation", "release": "conversation", "colleagues": "conversation", "assign": "conversation",
    "close": "conversation", "reopen": "conversation", "snooze": "conversation", "wake": "conversation",
    "number-end": "conversation", "number-revive": "conversation", "begin-again": "conversation",
    "client-name": "conversation", "client-number": "conversation",
    "client-card": "conversation", "client-history": "conversation", "client-undo": "conversation",
    "client-tag": "conversation", "who": "conversation", "who-back": "conversation", "other-number": "conversation",
    "split": "conversation", "not-shared": "conversation",
    "follow-up-add": "conversation", "file": "file", "files-again": "with_files", "voicemail": "recording",
    "voicemail-sound": "recording", "voicemail-again": "recording", "undo": "message", "retry-decision": "message",
    "text-again": "message", "later-undo": "later",
    "print-ask": "conversation", "printout-decide": "printout",
    "follow-up-settle": "follow_up", "picture-add": "conversation",
}  # fmt: skip
OF_THE_CENTER = {
    "settings-tag": "tag", "settings-tag-move": "tag", "settings-tag-retire": "tag", "settings-tag-revive": "tag",
    "settings-template": "template", "settings-template-remove": "template", "settings-line-calls": "line",
    "send-again": "line", "staff-role": "membership", "staff-end": "membership", "staff-person": "membership",
    "staff-shifts": "membership", "staff-extend": "membership", "staff-return": "membership",
    "start-connect": "line",
    "staff-suspend": "membership", "staff-resume": "membership",
    "staff-sessions": "membership", "staff-session-end": "membership", "log-entry": "entry",
    "staff-recovery": "membership", "recovery-agree": "recovery", "recovery-cancel": "recovery",
    "recovery-link": "recovery",
    "log-proof": "entry", "review-person": "person", "review-client": "client",
}  # fmt: skip
OF_ONE_PERSON = {
    "view-rename": "own_view", "view-remove": "own_view", "view-back": "own_view",
    "passkey-name": "passkey", "passkey-remove": "passkey", "picture": "picture", "picture-remove": "picture",
    "printout": "printout",
}  # fmt: skip
# What is there and may be seen, and still answers 404 to these bare requests, each with its reason.
NOT_LIKE_THIS = {
    "search-more": "asks for a place that was signed for one search",
    "voicemail-sound": "its address carries a token of a minute",
    "who-back": "nobody has said who writes there",
    "split": "asks for a number in its address",
    "voicemail-again": "only what could not be fetched is asked for again",
}
# Lists that begin with a view in which nothing of these worlds stands.
ASKED = {"inbox": "?view=open", "inbox-list": "?view=open"}
# What every client of these worlds is called; her number is `phone_of` her world.
FIRST, LAST = "Zuleika", "Quisenberry"
World = dict[str, Any]
Worlds = Callable[[str], dict[str, World]]


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def phone_of(number: int) -> str:
    return f"+161455501{number:02d}"


def world_of(line: Line, member: Membership, number: int, holder: Membership | None, *, token: str = TOKEN) -> World:
    """A conversation with one of everything in it, and one of everything of its center."""
    phone, picture = phone_of(number), sid(700 + number)
    text_in(line, "I need to talk", From=phone, To=line.number, MessageSid=sid(600 + number), token=token)
    text_in(line, "", From=phone, To=line.number, MessageSid=picture, NumMedia="1", token=token)
    with in_platform():
        door = door_to(Line.objects.get(pk=line.pk))
    call = CallPost(sid=f"CA{number:032x}", caller=phone, status="completed")
    note_call(door, call, News(unanswered=True, ended=True))
    note_recording(door, RecordingPost(f"RE{number:032x}", call.sid, is_absent=False, seconds=3))
    with in_center(line.center_id):
        message = Message.objects.get(twilio_sid=picture)
        row = Conversation.objects.get(pk=message.conversation_id)
        _name(row.client)
        writer = (
            member if member.may(Permission.CONVERSATIONS) else employ(row.center, f"Hilda{number}", Role.SPECIALIST)
        )
        write_reply(row, by=writer, body="I am here", last_sequence=row.sequence, client_key=uuid7())
        row.refresh_from_db()
        if row.assignee_id != (holder.staff_id if holder else None):
            row.assignee = holder.staff if holder else None
            row.save()
        file = Attachment.objects.get(message=message)
        recording = Recording.objects.get(call__conversation=row)
        _store(file, b"%PDF-1.4 x", kind="document")
        _store(recording, b"RIFF\x10\x00\x00\x00WAVEfmt ", content_type="audio/wav")
        return {
            "passkey": Passkey.objects.create(user=member.staff, name="phone", credential_id=uuid7().bytes).pk,
            "picture": _picture(row, member).pk,
            "own_view": _own_view(member).pk,
            "conversation": row.pk,
            "sequence": row.sequence,
            "message": Message.objects.get(conversation=row, direction="out").pk,
            "later": _later(row, member).pk,
            "printout": _printout(row, member).pk,
            "with_files": message.pk,
            "sid": picture,
            "file": file.pk,
            "recording": recording.pk,
            "follow_up": FollowUp.objects.open().filter(conversation=row)[0].pk,
            "template": Template.objects.all()[0].pk,
            "tag": Tag.objects.create(center=row.center, label=f"tag {number}").pk,
            "line": line.pk,
            "membership": member.pk,
            "person": member.staff_id,
            "client": row.client_id,
            "recovery": _recovery(row.center_id, number).pk,
            "entry": LogEntry.objects.filter(conversation_id=row.pk)[0].pk,
        }


def _recovery(center_id: UUID, number: int) -> Recovery:
    """One of somebody of the center who has lost every way of signing in."""
    lost = employ(Center.objects.get(pk=center_id), f"Lost{number}", Role.SPECIALIST)
    return Recovery.objects.create(center_id=center_id, staff=lost.staff, reason="lost her phone")


def _printout(row: Conversation, member: Membership) -> Printout:
    """One that she asked for, and that somebody has agreed to."""
    second = employ(row.center, f"Second{row.pk.hex[-6:]}", Role.ADMIN)
    asked = {"center_id": row.center_id, "conversation": row, "epoch": row.epoch_id, "reason": "for her file"}
    decided = {"decided_by_id": second.staff_id, "agreed_at": timezone.now()}
    return Printout.objects.create(**asked, **decided, asked_by_id=member.staff_id)


def _own_view(member: Membership) -> SavedView:
    return SavedView.objects.create(center=member.center, membership=member, name="Mine", address="view=open")


def _picture(row: Conversation, member: Membership) -> DraftPicture:
    """One that she has put with what she is writing."""
    hers = {"center_id": row.center_id, "conversation": row, "epoch": row.epoch_id, "staff_id": member.staff_id}
    drawn = {"content_type": "image/jpeg", "width": 1, "height": 1, "size": 6, "content": b"pixels"}
    return DraftPicture.objects.create(client_key=uuid7(), **hers, **drawn)


def _later(row: Conversation, member: Membership) -> LaterText:
    """One that leaves tomorrow."""
    words = {"body": "I will be here", "author_id": member.staff_id, "leaves_at": timezone.now() + timedelta(days=1)}
    kept = {"center_id": row.center_id, "conversation": row, "epoch": row.epoch_id, "last_sequence": row.sequence}
    return LaterText.objects.create(client_key=uuid7(), **kept, **words)


def _store(row: Any, content: bytes, **more: str) -> None:
    row.state, row.content = RecordingState.STORED, content
    for name, value in more.items():
        setattr(row, name, value)
    row.save()


def _name(client: Client) -> None:
    client.name = f"{FIRST} {LAST}"
    client.save(update_fields=["name"])


def kind_of(name: str) -> str | None:
    return OF_A_CONVERSATION.get(name) or OF_THE_CENTER.get(name) or OF_ONE_PERSON.get(name)


def address_of(pattern: URLPattern, world: World) -> str:
    name, converters = str(pattern.name), pattern.pattern.converters
    return reverse(name, kwargs={each: world[kind_of(name) or ""] for each in converters}) + ASKED.get(name, "")


def expected_of(role: str, name: str, whose: str) -> str:
    """The answer that the table asks for: refused, gone, withheld as long as she does not hold it, or open."""
    if NEEDS[name] not in ALLOWED[role]:
        return "refused"
    sees_all = Permission.ALL_CONVERSATIONS in ALLOWED[role]
    if kind_of(name) and whose == FOREIGN:
        return "gone"
    if name in OF_ONE_PERSON and whose != OWN:
        return "gone"
    if name in OF_A_CONVERSATION and whose == COLLEAGUES and not sees_all:
        return "gone"
    if name == "client-number" and whose == FREE and Permission.ANY_NUMBER not in ALLOWED[role]:
        return "withheld"
    return "open"


def body_of(name: str, world: World) -> dict[str, Any]:
    """What the form of an address posts when nothing is wrong with it."""
    words = {"body": "I am here", "last_sequence": world["sequence"], "key": uuid7()}
    ready = {"use": "reply", "language": "en", "name": "Short", "body": "Hello"}
    bodies: dict[str, dict[str, Any]] = {
        "reply": words,
        "note": words,
        "draft": {"body": "half a sent"},
        "assign": {"to": world["membership"]},
        "close": {"outcome": "answered"},
        "snooze": {"when": "moment", "until": "2027-12-01T10:00"},
        "several-give": {"chosen": f"{world['conversation']}~{world['sequence']}~", "to": "me"},
        "several-close": {"chosen": f"{world['conversation']}~{world['sequence']}~", "outcome": "answered"},
        "view-save": {"name": "Mine", "address": "view=open&language=es"},
        "view-rename": {"name": "Mine"},
        "client-name": {"name": f"{FIRST} {LAST}"},
        "client-card": {"seen": 1, "language": "es", "prefers": "text", "calls": "never", "safe_times": "", "note": ""},
        "client-undo": {"seen": 1},
        "who": {"how": "new"},
        "other-number": {"number": "+1 614 555 0188", "how": "told"},
        "client-tag": {"put_on": world["tag"]},
        "settings-tags": {"label": "needs a ride"},
        "settings-tag": {"label": "needs a ride"},
        "settings-tag-move": {"by": "1"},
        "follow-up-add": {"due_at": "2026-12-01T10:00"},
        "follow-up-settle": {"outcome": "done", "return": "list"},
        "retry-decision": {"decision": "leave"},
        "settings": {"name": "Naomi Tester", "language": "es"},
        "settings-access": {"idle_minutes": "15", "networks": ""},
        "settings-password": {"current": "not hers", "password": "nine loud otters swim"},
        "settings-line-calls": {"staff_number": "614 555 0177", "ring_seconds": "20", "text_back": "on"},
        "settings-template-new": ready,
        "settings-template": ready,
        "settings-hours": _hours(),
        "settings-notifications": {
            "quiet_from": "22:00",
            "quiet_until": "07:00",
            "mail_after": "15",
            "notifies": "on",
            "sound": "two",
        },
        "staff-invite": {"email": "heron@example.org", "role": "specialist"},
        "staff-role": {"role": "supervisor"},
        "staff-recovery": {"reason": "lost her phone"},
        "staff-passkeys": {"require": "never"},
        "review-sign-off": {"week": "2026-11-16"},
        "passkey-name": {"name": "My phone"},
    }
    return bodies.get(name, {})


def _hours() -> dict[str, Any]:
    fields: dict[str, Any] = {"form-TOTAL_FORMS": 7, "form-INITIAL_FORMS": 7, "days": "2026-12-25"}
    for day in range(7):
        fields |= {f"form-{day}-weekday": day, f"form-{day}-opens": "09:00", f"form-{day}-closes": "17:00"}
    return fields
