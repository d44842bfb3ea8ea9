"""A small center with somebody in every state: what the cases are aimed at. Committed once by each process."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client as TestClient
from django.utils import timezone
from django_otp.oath import totp

from accounts.actions.centers import add_center
from accounts.actions.factors import begin_totp
from accounts.actions.invitations import accept, find_open, invite
from accounts.actions.people import change_password
from accounts.actions.recovering import open_on_the_console
from accounts.models import Center, Membership, Passkey, Recovery, Role
from audit.context import Actor, acting
from audit.models import LogEntry
from audit.sequencer import sequence_all
from messaging.actions.calls import News, note_call
from messaging.actions.client_card import set_tag
from messaging.actions.inbound import receive_text
from messaging.actions.lines import add_line
from messaging.actions.picture_addresses import addresses_for
from messaging.actions.printouts import ask_to_print, decide
from messaging.actions.promises import promise
from messaging.actions.replies import write_reply
from messaging.actions.saved_views import save_view
from messaging.actions.tags import add_tag
from messaging.actions.voicemails import note_recording
from messaging.models import (
    Attachment,
    AttachmentKind,
    AttachmentState,
    Client,
    Conversation,
    DraftPicture,
    FollowUp,
    LaterText,
    Line,
    Message,
    Recording,
    RecordingState,
    Status,
    Template,
)
from messaging.twilio import CallPost, Door, InboundText, RecordingPost, door_to
from tenancy.ids import uuid7
from tenancy.scope import in_center, in_platform

PASSWORD = "seven quiet herons wade"  # noqa: S105  # of people who live for one simulation
NUMBER = "+16145550199"
PICTURE_KEY = UUID(int=11)  # of pictures that have been added already: posted again they are only found


@dataclass
class Browser:
    """The cookies of somebody who has signed in, and the token that her forms carry."""

    cookies: str
    token: str


@dataclass
class World:
    """`ids` are those behind a path's first words; `strange` are ids of another center."""

    door: Door
    people: dict[str, Membership]
    browsers: dict[str, Browser]
    ids: dict[str, list[str]]
    strange: list[str]
    invitation: str
    address: str
    emails: list[str] = field(default_factory=list)

    def sign_in_anew(self) -> None:
        """Each case is undone, so nobody is ever seen at her desk: it would lock after some minutes.

        And nobody numbers the log meanwhile: after a quarter of an hour nothing would be done that has to be sealed.
        """
        with acting(Actor.command("simulate")):
            self.browsers = {name: _signed_in(member) for name, member in self.people.items()}
        sequence_all()


@acting(Actor.command("simulate"))
def make_world(number: int) -> World:
    """People, a line, and conversations in every state. `number` keeps processes apart."""
    center, line, people = _center(f"Bad input {number}")
    other, other_line, _others = _center(f"Elsewhere {number}")
    ids = _conversations(center, line, people["naomi"])
    sequence_all()  # a proof is of an entry that has its place in the tree
    link = invite(center, email=f"new-{secrets.token_hex(4)}@example.org", role=Role.SPECIALIST, by=None)
    return World(
        door=_door(line),
        people=people,
        browsers={name: _signed_in(member) for name, member in people.items()},
        ids={
            **ids,
            "hooks/twilio": [str(line.pk)],
            "health/modes": ["read_only"],
            "health/send-again": [str(line.pk)],
            "settings/passkeys": [_key_of(member) for member in people.values()],
            "pictures": _pictures_added(center, people.values()),
            "later": _later_texts(center, people["naomi"]),
            "printouts": _printouts(center, people["ruth"], people["adina"]),
            "m": [_picture_sent(center)],
            "inbox/views": _own_views(people.values()),
            "staff": [str(member.pk) for member in people.values()],
            "staff/recoveries": _recoveries(center, people["adina"]),
            "recovery": [_recovery_link(center)],
            "log/review/people": [str(member.staff_id) for member in people.values()],
        },
        strange=[found for kind in _conversations(other, other_line, _others["naomi"]).values() for found in kind],
        invitation=link.rstrip("/").rsplit("/", 1)[1],
        address=f"198.51.100.{number % 250 + 1}",
        emails=[member.staff.email for member in people.values()],
    )


def _center(name: str) -> tuple[Center, Line, dict[str, Membership]]:
    center = add_center(name, quiet_name="Quiet")
    line = add_line(center, number=NUMBER, account_sid="AC" + secrets.token_hex(16), auth_token=secrets.token_hex(16))
    roles = {"naomi": Role.SPECIALIST, "ruth": Role.SUPERVISOR, "adina": Role.ADMIN}
    return center, line, {who: _employ(center, who, role) for who, role in roles.items()}


def _employ(center: Center, name: str, role: Role) -> Membership:
    email = f"{name}-{secrets.token_hex(6)}@example.org"
    invitation = find_open(invite(center, email=email, role=role, by=None).rstrip("/").rsplit("/", 1)[1])
    with acting(Actor.command("simulate")):
        staff, member = accept(invitation, name=name.title(), language="en")
        change_password(staff, PASSWORD)
        return member


def _signed_in(member: Membership) -> Browser:
    """Through the real pages, like anybody."""
    device = begin_totp(member.staff)
    device.confirmed = True
    device.save()
    client = TestClient(headers={"Host": settings.PUBLIC_BASE_URL.split("://")[1]})
    client.post("/sign-in/", {"email": member.staff.email, "password": PASSWORD}, secure=True)
    code = f"{totp(device.key, t0=0, drift=0, step=30, digits=6):06d}"
    client.post("/sign-in/code/", {"code": code}, secure=True)
    if client.get("/settings/", secure=True).status_code != 200:
        raise RuntimeError("Somebody of the simulation could not sign in.")
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    together = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return Browser(together, cookies[settings.CSRF_COOKIE_NAME])


def _own_views(people: Iterable[Membership]) -> list[str]:
    saved = []
    for member in people:
        with in_center(member.center_id):
            saved.append(save_view(member, name="Mine", address="view=open&language=en"))
    return [str(view.pk) for view in saved]


def _recoveries(center: Center, admin: Membership) -> list[str]:
    """One that waits, and one whose link can be made."""
    with in_center(center.pk):
        lost = [_employ(center, name, Role.SPECIALIST) for name in ("lost", "found")]
        rows = [Recovery.objects.create(center=center, staff=one.staff, reason="lost her phone") for one in lost]
        rows[1].agreed_by, rows[1].agreed_at = admin.staff, timezone.now()
        rows[1].save()
    return [str(row.pk) for row in rows]


def _recovery_link(center: Center) -> str:
    link = open_on_the_console(_employ(center, "away", Role.SPECIALIST), reason="lost her phone")
    return link.rstrip("/").rsplit("/", 1)[1]


def _key_of(member: Membership) -> str:
    """A passkey that nobody holds: it can be named and removed."""
    key = Passkey(user=member.staff, name="phone", credential_id=secrets.token_bytes(32), public_key=b"none")
    key.save(force_insert=True)
    return str(key.pk)


def _door(line: Line) -> Door:
    with in_platform():
        return door_to(Line.objects.get(pk=line.pk))


def _conversations(center: Center, line: Line, member: Membership) -> dict[str, list[str]]:
    """Waiting, promised, answered, in doubt and done."""
    door = _door(line)
    for number in range(5):
        text = InboundText(f"SM{secrets.token_hex(16)}", f"+1614555010{number}", f"Hello {number}", 0, "")
        receive_text(door, text)
    receive_text(door, InboundText(f"MM{secrets.token_hex(16)}", "+16145550100", "", 1, ""))
    with in_center(center.pk):
        rows = list(Conversation.objects.order_by("pk"))
        promise(rows[1], due_at=timezone.now() + timedelta(days=1), by=member)
        _reply(rows[2], member, Status.DELIVERED)
        _reply(rows[3], member, Status.UNKNOWN)
        tags = [add_tag(center, f"tag {number}") for number in range(3)]
        for row in rows:
            set_tag(row, tags[0], on=True, by=member)  # the first change of her card
        found: dict[str, list[Any]] = {
            "conversations": rows,
            "messages": list(Message.objects.filter(direction="out")) + list(Message.objects.filter(media_count=1)),
            "files": [_stored(attachment) for attachment in Attachment.objects.all()],
            "log/review/clients": list(Client.objects.all()),
            "follow-ups": list(FollowUp.objects.all()),
            "voicemails": _voicemails(door),
            "settings/lines": [line],
            "settings/start/lines": [line],
            "settings/tags": tags,
            "settings/templates": list(Template.objects.filter(center=center)[:5]),
            "log": list(LogEntry.objects.of_center(center.pk)[:5]),
        }
    return {kind: [str(UUID(str(row.pk))) for row in rows] for kind, rows in found.items()}


def _voicemails(door: Door) -> list[Recording]:
    """One that can be played, and one that was lost."""
    for number, state in enumerate((RecordingState.STORED, RecordingState.LOST)):
        call = CallPost(f"CA{secrets.token_hex(16)}", f"+1614555010{number}", "completed")
        note_call(door, call, News(unanswered=True, ended=True))
        note_recording(door, RecordingPost(f"RE{secrets.token_hex(16)}", call.sid, is_absent=False, seconds=3))
        recording = Recording.objects.get(call__twilio_sid=call.sid)
        recording.state, recording.content_type, recording.content = state, "audio/wav", b"RIFF....WAVE"
        recording.save()
    return list(Recording.objects.without_content())


def _stored(attachment: Attachment) -> Attachment:
    attachment.state, attachment.kind, attachment.content = AttachmentState.STORED, AttachmentKind.OTHER, b"Hello"
    attachment.save()
    return attachment


def _pictures_added(center: Center, members: Iterable[Membership]) -> list[str]:
    """What each of them has put with what she is writing, in every conversation."""
    drawn = {"content_type": "image/jpeg", "width": 1, "height": 1, "size": 5, "content": b"Hello"}
    with in_center(center.pk):
        pairs = [(row, member) for row in Conversation.objects.all() for member in members]
        added = [
            DraftPicture.objects.create(
                center=center,
                conversation=row,
                epoch=row.epoch_id,
                staff_id=member.staff_id,
                client_key=PICTURE_KEY,
                **drawn,
            )
            for row, member in pairs
        ]
    return [str(picture.pk) for picture in added]


def _later_texts(center: Center, writer: Membership) -> list[str]:
    """One that waits in every conversation for tomorrow."""
    waits = {"body": "Hello", "leaves_at": timezone.now() + timedelta(days=1), "last_sequence": 1}
    with in_center(center.pk):
        kept = [
            LaterText.objects.create(
                center=center,
                conversation=row,
                epoch=row.epoch_id,
                author_id=writer.staff_id,
                client_key=uuid7(),
                **waits,
            )
            for row in Conversation.objects.all()
        ]
    return [str(later.pk) for later in kept]


def _printouts(center: Center, who: Membership, second: Membership) -> list[str]:
    """One of every conversation: the first may be printed, the others wait for a second person."""
    with in_center(center.pk):
        asked = [ask_to_print(row, by=who, reason="her file") for row in Conversation.objects.all()]
        decide(asked[0], by=second, agrees=True)
    return [str(printout.pk) for printout in asked]


def _picture_sent(center: Center) -> str:
    """What stands in the address of a picture that is being fetched."""
    with in_center(center.pk):
        message = Message.objects.filter(direction="out").order_by("pk")[0]
        place = Attachment(center=center, message=message, epoch=message.epoch, position=0, content_type="image/jpeg")
        place.state, place.kind, place.content = AttachmentState.STORED, AttachmentKind.PICTURE, b"Hello"
        place.save()
        Message.objects.filter(pk=message.pk).update(media_count=1)
        (address,) = addresses_for(Message.objects.get(pk=message.pk))
    return address.rpartition("/")[2]


def _reply(row: Conversation, member: Membership, status: Status) -> None:
    row = Conversation.objects.get(pk=row.pk)
    message = write_reply(row, by=member, body="Here", last_sequence=row.sequence, client_key=uuid7())
    Message.objects.filter(pk=message.pk).update(status=status, twilio_sid=f"SM{secrets.token_hex(16)}")
