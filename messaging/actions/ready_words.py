"""Ready words for one client: in her language, with all that is known filled in."""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from accounts.models import Membership
from encryption.errors import SealError
from messaging.actions.opening import say_opening
from messaging.actions.words.fields import fields_in, filled, in_braces
from messaging.models import Conversation, Template, TemplateUse


@dataclass(frozen=True)
class Ready:
    """One choice as its picker sees it: the words as they would be sent, and the fields that nothing fills yet."""

    pk: UUID
    name: str
    body: str
    missing: str


def ready_for(conversation: Conversation, *, by: Membership) -> list[Ready]:
    """The center's ready words in the client's language; what cannot be opened any more is left out."""
    language = conversation.client.language
    kept = Template.objects.filter(center=by.center_id, use=TemplateUse.REPLY, retired_at=None, language=language)
    values = {
        "first_name": _name_of(conversation),
        "my_name": by.staff.first_name,
        "opens": say_opening(by.center, language, timezone.now()),
    }
    return [ready for row in kept.order_by("created_at") if (ready := _filled(row, values))]


def _filled(row: Template, values: dict[str, str]) -> Ready | None:
    try:
        missing = [field for field in fields_in(row.body) if not values[field]]
        return Ready(row.pk, row.name, filled(row.body, values), in_braces(*missing))
    except SealError:
        return None


def _name_of(conversation: Conversation) -> str:
    try:
        return conversation.client.first_name
    except SealError:
        return ""
