"""How far a new center is on its way to answering its first text. Each step is looked at, none is taken on trust."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Center, Invitation, Membership
from accounts.roles import Permission
from audit.events import Event
from audit.record import record
from messaging.actions.center_words import that_tell
from messaging.actions.connecting import Connection
from messaging.models import Conversation, Line, OpeningHours, Template, TemplateUse
from messaging.twilio import Door, addresses_at_twilio
from tenancy.ids import uuid7

STEPS = 5


class NotAtTwilio(Exception):
    """The account does not hold this number."""


@dataclass(frozen=True)
class Progress:
    """What is there already. `line` is the center's first one in use."""

    line: Line | None
    is_called: bool
    has_hours: bool
    has_words: bool
    telling: int
    colleagues: int
    invited: int

    @property
    def is_connected(self) -> bool:
        """Whether Twilio was last found to call the right addresses."""
        return self.line is not None and self.line.connected_at is not None

    @property
    def steps(self) -> list[bool]:
        return [self.line is not None, self.is_called, self.has_hours, self.has_words, self.colleagues > 0]

    @property
    def done(self) -> int:
        return sum(self.steps)

    @property
    def is_whole(self) -> bool:
        return all(self.steps)


def progress_of(member: Membership) -> Progress:
    """Look at every step of her center."""
    center = member.center
    line = Line.objects.filter(center=center, retired_at=None).order_by("created_at").first()
    words = list(Template.objects.filter(center=center, retired_at=None))
    telling = len(that_tell(center, words))
    others = Membership.objects.current().who_may(Permission.CONVERSATIONS).filter(center=center)
    open_ones = Invitation.objects.filter(center=center, used_at=None, expires_at__gt=timezone.now())
    return Progress(
        line=line,
        is_called=line is not None and Conversation.objects.filter(line=line).exists(),
        has_hours=OpeningHours.objects.filter(center=center).exists(),
        has_words=not telling and any(row.use == TemplateUse.REPLY for row in words),
        telling=telling,
        colleagues=others.exclude(pk=member.pk).count(),
        invited=open_ones.count(),
    )


def prove_line(center: Center, *, number: str, account_sid: str, auth_token: str) -> None:
    """Ask Twilio whether these credentials are right and hold this number. Outside any transaction.

    Raises `NotAtTwilio`, and `AccountRefused` or `Busy` of the gateway.
    """
    door = Door(uuid7(), center.pk, number, account_sid, auth_token)
    if addresses_at_twilio(door) is None:
        raise NotAtTwilio


def note_connection(center: Center, line_id: UUID, connection: Connection) -> None:
    """Keep that the addresses were found right, or that they were not."""
    found_at = timezone.now() if connection == Connection.RIGHT else None
    Line.objects.filter(pk=line_id, center=center).update(connected_at=found_at)


@transaction.atomic
def finish(center: Center) -> None:
    """The center works: nobody is led any further. Nothing that is missing is hidden elsewhere."""
    if Center.objects.filter(pk=center.pk, set_up_at=None).update(set_up_at=timezone.now()):
        record(Event.CENTER_SET_UP, subject=center)
