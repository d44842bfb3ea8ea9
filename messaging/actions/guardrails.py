"""Checks on words about to leave: what stands in their way, and what its writer is asked about first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership
from encryption.errors import SealError
from encryption.prefetch import prefetch_keys
from messaging.actions.words.fields import BRACED
from messaging.actions.words.telling import folded
from messaging.models import Client, Conversation, Template, TemplateUse

RECENT = 100  # conversations of this desk whose names are looked at
NAME = r"[^\W\d_][\w'\u2019-]*"
GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|hiya|dear|thanks|thank you|good (?:morning|afternoon|evening)|hola|gracias|buenos d[ií]as"
    rf"|buenas(?: tardes| noches)?|querid[ao]|estimad[ao])[\s,!]+({NAME})|^\W*({NAME})\s*[,!]",
    re.IGNORECASE | re.MULTILINE,
)
AROUND = 24  # letters of ready words before and after a name by which they are known again
LEAST_AROUND = 8
SILENCE, UNHEARD = "silence", "unheard"  # of hers, for weeks; and in a conversation that was begun with her again
UNSURE = {
    SILENCE: gettext_lazy(
        "She has not written for six weeks or more, so her number may belong to somebody else."
        " Begin with words that anybody may read."
    ),
    UNHEARD: gettext_lazy(
        "She has not answered in this conversation yet, so her number may belong to somebody else."
        " Begin with words that anybody may read."
    ),
}


@dataclass(frozen=True)
class Doubt:
    """Something that may be read by somebody else: a name that this writer has typed, and where; or a long silence."""

    where: str
    name: str = ""

    @property
    def key(self) -> str:
        return f"{self.where}:{folded(self.name)}"

    @property
    def words(self) -> Any:
        if self.where in UNSURE:
            return UNSURE[self.where]
        if self.where == "greeting":
            return _("It speaks to “%(name)s”. That is another client of yours, and not who this goes to.") % vars(self)
        return _("These ready words still hold the name “%(name)s”, which is not hers.") % vars(self)


class AskFirst(Exception):
    """Nothing is sent before its writer has looked once more."""

    def __init__(self, doubts: list[Doubt]) -> None:
        super().__init__()
        self.doubts = doubts


def doubts_about(row: Conversation, body: str, *, by: Membership) -> list[Doubt]:
    """What in a reply may be meant for another client, or reach somebody else, who has her number now.

    Only names that this person may see are compared.
    """
    hers = folded(_name_of(row.client))
    own = {hers, folded(by.staff.first_name)}
    greeted = {folded(name): name for name in _greeted(body) if folded(name) not in own}
    others = _names_of_others(row, by) if greeted else frozenset()
    found = {plain: Doubt("greeting", name) for plain, name in greeted.items() if plain in others}
    for name in _left_in_ready_words(row, body) if hers else ():
        if folded(name) not in own:
            found.setdefault(folded(name), Doubt("ready_words", name))
    return [*_about_the_number(row), *found.values()]


def _about_the_number(row: Conversation) -> Iterator[Doubt]:
    if row.is_unsure:
        yield Doubt(SILENCE if row.heard_at else UNHEARD)


def _greeted(body: str) -> list[str]:
    return [first or second for first, second in GREETING.findall(body)]


def _names_of_others(row: Conversation, by: Membership) -> frozenset[str]:
    rows = Conversation.objects.visible_to(by).open().exclude(client=row.client_id)
    recent = rows.order_by("-last_entry_at", "-id").first_for(by, RECENT).select_related("client")[:RECENT]
    clients = [conversation.client for conversation in recent]
    prefetch_keys(clients)
    return frozenset(folded(_name_of(client)) for client in clients) - {""}


def _left_in_ready_words(row: Conversation, body: str) -> Iterator[str]:
    """Names that stand where ready words have the field for hers."""
    kept = Template.objects.filter(center=row.center_id, use=TemplateUse.REPLY, retired_at=None)
    for template in kept:
        for pattern in _patterns(template):
            yield from pattern.findall(body)


def _patterns(template: Template) -> Iterator[re.Pattern[str]]:
    try:
        words = template.body
    except SealError:
        return
    pieces = BRACED.split(words)
    for number in range(1, len(pieces), 2):
        before, after = pieces[number - 1][-AROUND:], pieces[number + 1][:AROUND]
        if pieces[number] == "first_name" and len(before + after) >= LEAST_AROUND:
            yield re.compile(f"{re.escape(before)}({NAME}){re.escape(after)}")


def _name_of(client: Client) -> str:
    try:
        return client.first_name
    except SealError:
        return ""
