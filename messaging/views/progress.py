from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.core import signing
from django.http import Http404

from messaging.actions.search.stretches import Place, Stretch

KEPT = timedelta(hours=1)  # for so long a search can go on
SALT = "messaging.search"


@dataclass(frozen=True)
class Progress:
    """How far a search has come. It travels with the page, signed, bound to the person, the center and the words.

    token    which search it is
    began    what it looks through stands as it stood then
    total    how many conversations those are
    known    which of them were found
    """

    place: Place
    token: UUID
    began: datetime
    total: int
    looked: int = 0
    unreadable: int = 0
    known: tuple[UUID, ...] = ()

    def after(self, stretch: Stretch) -> Self:
        return replace(
            self,
            place=stretch.next or self.place,
            looked=self.looked + stretch.looked,
            unreadable=self.unreadable + stretch.unreadable,
            known=(*self.known, *(hit.conversation_id for hit in stretch.hits)),
        )

    def signed(self, owner: str) -> str:
        part, moment, pk = self.place
        place = [part, moment.isoformat() if moment else None, pk.hex if pk else None]
        counts = [self.total, self.looked, self.unreadable]
        known = "".join(pk.hex for pk in self.known)
        said = [owner, place, self.token.hex, self.began.isoformat(), counts, known]
        return signing.dumps(said, salt=SALT, compress=True)

    @classmethod
    def read(cls, text: str, owner: str) -> Self:
        """Raises Http404 for anything that was not signed for this search of this person."""
        try:
            whose, (part, moment, pk), token, began, counts, known = signing.loads(text, salt=SALT, max_age=KEPT)
        except signing.BadSignature as error:
            raise Http404 from error
        if whose != owner:
            raise Http404
        place = Place(part, datetime.fromisoformat(moment) if moment else None, UUID(pk) if pk else None)
        ids = tuple(UUID(known[start : start + 32]) for start in range(0, len(known), 32))
        total, looked, unreadable = counts
        return cls(place, UUID(token), datetime.fromisoformat(began), total, looked, unreadable, ids)
