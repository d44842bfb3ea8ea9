from accounts.models import Membership
from audit.events import Event
from audit.record import record
from encryption.blind_index import search_index
from messaging.actions.search.folding import fold


def record_search(words: str, *, by: Membership, narrowed: bool) -> None:
    """Put a search on the record: not its words, but a keyed hash that shows which searches were alike."""
    record(Event.SEARCH, facts={"words": f"hmac:{search_index(by.center_id, fold(words))}", "narrowed": narrowed})
