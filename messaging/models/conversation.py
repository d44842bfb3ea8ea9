from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self, cast
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Exists, FilteredRelation, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext

from accounts.roles import Permission
from encryption.fields import SealedTextField
from encryption.scope import SealScope
from encryption.templatetags.sealed import unsealed
from tenancy.ids import uuid7

if TYPE_CHECKING:
    from accounts.models import Membership
    from messaging.models.draft import Draft, ReadMark


WAITING = Q(waiting_since__isnull=False)
FAILED = Q(failed_at__isnull=False)
OPEN = Q(closed_at__isnull=True)
DONE = Q(closed_at__isnull=False)
SNOOZED = Q(snoozed_until__isnull=False)
FREE = Q(assignee__isnull=True)
HELD = Q(assignee__isnull=False)

LAST_WORDS = 120  # characters of them that the list shows at the most

# Numbers change hands: carriers give one to somebody else 45 days after it was given up (PRIV-04).
UNSURE_AFTER = timedelta(days=45)  # of silence; then only words that anybody may read
SILENT_AFTER = timedelta(days=90)  # of silence; then the number stands for nobody

# The views of the list: which column each runs along, and which rows it holds.
LISTED = (
    ("waiting", "waiting_since", WAITING),
    ("open", "-last_entry_at", OPEN),
    ("done", "-closed_at", DONE),
    ("failed", "-failed_at", FAILED),
    ("snoozed", "snoozed_until", SNOOZED),
)


def _indexes(name: str, column: str, rows: Q) -> list[models.Index]:
    """For a whole center, for what one person holds, and for what nobody does.

    The last one cannot be the second with no person in it: PostgreSQL does not see that "is null" leaves one order.
    """
    order = [column, "-id" if column.startswith("-") else "id"]
    return [
        models.Index(fields=["center", *order], condition=rows, name=f"conversation_{name}"),
        models.Index(fields=["center", "assignee", *order], condition=rows & HELD, name=f"held_{name}"),
        models.Index(fields=["center", *order], condition=rows & FREE, name=f"free_{name}"),
    ]


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, member: "Membership") -> Self:
        """Supervisors see their whole center; others their own, and what nobody has taken."""
        here = self.filter(center=member.center_id)
        if not member.may(Permission.CONVERSATIONS):
            return here.none()
        if member.sees_all:
            return here
        return here.filter(Q(assignee=member.staff_id) | Q(assignee=None))

    def open(self) -> Self:
        return self.filter(OPEN)

    def done(self) -> Self:
        return self.filter(DONE)

    def failed(self) -> Self:
        """A reply of ours did not reach her and nobody has dealt with it."""
        return self.filter(FAILED)

    def waiting(self) -> Self:
        """She spoke last and nobody has answered."""
        return self.filter(WAITING)

    def asleep(self) -> Self:
        """Put aside until a moment that has not come. Nothing that waits or failed ever sleeps."""
        return self.open().filter(snoozed_until__gt=timezone.now(), waiting_since=None, failed_at=None)

    def awake(self) -> Self:
        """Open and not asleep. The moment is compared with the clock, so no job is needed for it to have come."""
        is_up = Q(snoozed_until=None) | Q(snoozed_until__lte=timezone.now())
        return self.open().filter(is_up | WAITING | FAILED)

    def with_tag(self, tag: UUID) -> Self:
        """Those of clients on whom the tag of this id is."""
        on = apps.get_model("messaging", "ClientTag").objects.filter(client=OuterRef("client"), tag=tag)
        return self.filter(Exists(on))

    def locked(self, pk: UUID) -> "Conversation":
        """One conversation, its row locked until the transaction ends."""
        return self.select_for_update(of=("self",)).get(pk=pk)

    def with_people(self) -> Self:
        """All that a row of the list draws but how far somebody has read; `bring_tags` brings the tags it tells of.

        PostgreSQL plans each question anew, and every joined table doubles that: nine took thirty milliseconds.
        """
        on = apps.get_model("messaging", "ClientTag").objects.filter(client=OuterRef("client"))
        rows = self.select_related("client", "epoch__number").prefetch_related("assignee")
        return rows.annotate(has_tags=Exists(on))

    def with_mark_of(self, member: "Membership") -> Self:
        """With how far this person has read (`my_mark`)."""
        mine = FilteredRelation("read_marks", condition=Q(read_marks__staff=member.staff_id))
        return self.annotate(my_mark=mine).select_related("my_mark")

    def mentioning(self, member: "Membership") -> Self:
        """Those in which a note mentions this person that she has not read."""
        called = apps.get_model("messaging", "Mention").objects.unseen_by(member)
        return self.filter(pk__in=called.values("conversation"))

    def with_mentions_of(self, member: "Membership") -> Self:
        """With whether one does (`mentions_me`)."""
        called = apps.get_model("messaging", "Mention").objects.unseen_by(member)
        return self.annotate(mentions_me=Exists(called.filter(conversation=OuterRef("pk"))))

    def opened_by(self, member: "Membership") -> Self:
        """All that the panes draw: `my_draft`, `has_later_texts`, and whether it is known who writes, among it."""
        stops = apps.get_model("messaging", "OptOut").objects.filter(number=OuterRef("epoch__number"), lifted_at=None)
        mine = FilteredRelation("drafts", condition=Q(drafts__staff=member.staff_id))
        pictures = apps.get_model("messaging", "DraftPicture").objects
        added = Exists(pictures.filter(conversation=OuterRef("pk"), staff=member.staff_id))
        later = Exists(apps.get_model("messaging", "LaterText").objects.open().filter(conversation=OuterRef("pk")))
        wrote = apps.get_model("messaging", "Message").objects.filter(conversation=OuterRef("pk"), direction="in")
        first = Subquery(wrote.order_by("sequence").values("created_at")[:1])
        found = (
            self._with_who_writes()
            .with_mark_of(member)
            .annotate(my_draft=mine, opted_out=Exists(stops), has_my_pictures=added, has_later_texts=later)
            .annotate(wrote_at=first)
        )
        return found.select_related("client", "epoch__number", "my_mark", "my_draft")

    def _with_who_writes(self) -> Self:
        """With whether somebody said who writes, whether the number was another's before, and whether she has more."""
        said = apps.get_model("messaging", "Recognition").objects.standing().filter(conversation=OuterRef("pk"))
        before = apps.get_model("messaging", "NumberEpoch").objects.filter(
            number=OuterRef("epoch__number"), started_at__lt=OuterRef("epoch__started_at")
        )
        hers = self.model.objects.filter(client=OuterRef("client")).exclude(pk=OuterRef("pk"))
        was_anothers = Exists(before.exclude(client=OuterRef("client")))
        return self.annotate(is_recognized=Exists(said), was_anothers=was_anothers, has_others=Exists(hers))

    def first_for(self, member: "Membership", count: int) -> Self:
        """The first of these ordered rows, at least `count` while there are so many.

        Of whoever sees her own and the free ones, each is an index range of its own: one over all would walk past
        everything that colleagues hold.
        """
        if member.sees_all:
            return self
        own, free = (self.filter(half).values("pk")[:count] for half in (Q(assignee=member.staff_id), FREE))
        found = self.model.objects.filter(pk__in=own.union(free, all=True))
        return cast(Self, found.order_by(*self.query.order_by))


def shows_number(assignee_id: UUID | None, member: "Membership") -> bool:
    """`Conversation.shows_number_to`, where who holds the conversation is all that is known of it."""
    holds_it = assignee_id == member.staff_id
    return member.may(Permission.ANY_NUMBER) or (holds_it and member.may(Permission.NUMBER))


class Conversation(models.Model):
    """Everything said between the center and one client, over every channel, in order.

    `sequence` is gapless and moves under the row's lock (`take_number`). The other columns
    repeat what the entries say, so that the list never has to read them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="conversations", db_index=False)
    client = models.ForeignKey("messaging.Client", models.PROTECT, related_name="conversations")
    epoch = models.OneToOneField("messaging.NumberEpoch", models.PROTECT, related_name="conversation")
    line = models.ForeignKey("messaging.Line", models.PROTECT, related_name="conversations")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="conversations", db_index=False
    )
    sequence = models.PositiveIntegerField(default=0)
    last_words = SealedTextField(schema="messaging.conversation.last_words.v1", null=True)
    last_entry_at = models.DateTimeField(auto_now_add=True)
    last_call = models.CharField(max_length=9, blank=True)  # what became of her last call, and since when
    last_call_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)  # set while she spoke last and nobody answered
    answered_at = models.DateTimeField(null=True)  # when a person of the center first answered
    closed_at = models.DateTimeField(null=True)  # while there is a Closure, its time
    failed_at = models.DateTimeField(null=True)  # set while a reply of ours failed and nobody dealt with it
    snoozed_until = models.DateTimeField(null=True)  # put aside until then, while nothing waits and nothing failed
    heard_at = models.DateTimeField(null=True)  # her last text or call; null while she has not been heard in it
    # Since when her number no longer reaches her: `epoch.ended_at`, under the lock of this row. A row that is joined
    # to a locked one is read as it was before the wait for the lock.
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    # Filled by `with_people`, `with_mark_of`, `with_mentions_of` and `opened_by`, where there is one.
    my_mark: "ReadMark | None" = None
    has_tags: bool = False
    mentions_me: bool = False
    my_draft: "Draft | None" = None
    has_my_pictures: bool = False
    has_later_texts: bool = False
    opted_out: bool = False
    wrote_at: datetime | None = None  # her first text here: by it she asked for ours
    is_recognized: bool = False
    was_anothers: bool = False
    has_others: bool = False

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [
            *(index for name, column, rows in LISTED for index in _indexes(name, column, rows)),
            models.Index(fields=["center", "heard_at"], condition=Q(ended_at=None), name="conversation_heard"),
        ]

    def __str__(self) -> str:
        return f"conversation {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, epoch=self.epoch_id)

    @property
    def ends_with_call(self) -> bool:
        """Whether the last thing in it is a call, and not words."""
        return self.last_call_at is not None and self.last_call_at >= self.last_entry_at

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def is_asleep(self) -> bool:
        """As `asleep` has it."""
        until = self.snoozed_until
        return self.is_open and not (self.waiting_since or self.failed_at) and bool(until and until > timezone.now())

    @property
    def is_unsure(self) -> bool:
        """Whether nobody knows that her number is still hers: she was not heard for long, or not yet in this one."""
        return self.heard_at is None or timezone.now() - self.heard_at > UNSURE_AFTER

    def is_silent(self, now: datetime) -> bool:
        """Whether nothing was heard from her for so long that her number counts as given up."""
        return now - (self.heard_at or self.created_at) > SILENT_AFTER

    @property
    def asks_who(self) -> bool:
        """Whether its number has reached somebody else before, and nobody has said yet who this new client is."""
        return self.was_anothers and not self.is_recognized and self.client.epoch == self.epoch_id

    @property
    def called(self) -> str:
        """Her first name and two digits of her number: enough to tell clients apart, and all that pages say."""
        name, tail = unsealed(self.client, "first_name"), unsealed(self.epoch.number, "tail")
        if not tail:
            return str(name) or gettext("Number withheld")
        return gettext("%(name)s · …%(tail)s") % {"name": name or gettext("New"), "tail": tail}

    def shows_number_to(self, member: "Membership") -> bool:
        """Whether this person may see her whole number: whoever holds the conversation, and whoever may see any."""
        return shows_number(self.assignee_id, member)

    def take_number(self) -> int:
        """The number of the next entry. The caller holds the row's lock and saves `sequence`."""
        self.sequence += 1
        return self.sequence
