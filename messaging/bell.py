"""The bell: after a commit, tell open browsers which conversation has news.

One publish to Valkey carries ids and a number, never words. Each socket process holds one
subscription and decides for every browser of its own whether that person may hear it
(`messaging.consumers`). A lost bell costs nothing: pages catch up by sequence.
"""

import json
import time
from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import redis
import structlog
from django.conf import settings
from django.db import transaction

from messaging.models import Conversation

CHANNEL = "live:bell"
TIMEOUT = 0.25  # seconds; a hung Valkey may not hold up a webhook
QUIET_AFTER_FAILURE = 5.0  # seconds without another try

log = structlog.get_logger(__name__)
_client: redis.Redis | None = None
_quiet_until = 0.0


class Lost(NamedTuple):
    """Who held a conversation, who gave it away, and who holds it now, if anybody does."""

    holder: UUID
    by: UUID
    to: UUID | None


def ring(
    conversation: Conversation,
    *,
    everyone: bool = False,
    aloud: bool = False,
    called: Iterable[UUID] = (),
    lost: Lost | None = None,
) -> None:
    """Tell whoever may read this conversation, once the running transaction has committed.

    everyone    tell the whole center: for a change of who may read, so that lists let go of it
    aloud       a client wants something: whoever is to answer may be called to it
    called      colleagues whom somebody calls to it by name, whoever is to answer
    lost        somebody who held it until now and was not the one to let go of it
    """
    news = {
        "center": str(conversation.center_id),
        "conversation": str(conversation.pk),
        "sequence": conversation.sequence,
        "assignee": str(conversation.assignee_id) if conversation.assignee_id else None,
        "everyone": everyone,
        "aloud": aloud,
        "called": [str(person) for person in called],
        "lost": lost and [str(person) if person else None for person in lost],
    }
    transaction.on_commit(partial(_publish, news), robust=True)


def access_ended(staff_id: UUID) -> None:
    """Have every socket process look again at whether this person's sockets may stay open."""
    transaction.on_commit(partial(_publish, {"ended": str(staff_id)}), robust=True)


def _publish(news: dict[str, Any]) -> None:
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        _valkey().publish(CHANNEL, json.dumps(news))
    except redis.RedisError as error:
        _quiet_until = time.monotonic() + QUIET_AFTER_FAILURE
        log.warning("bell_unheard", error=type(error).__name__)


def _valkey() -> redis.Redis:
    global _client
    if _client is None:
        _client = redis.Redis.from_url(
            settings.VALKEY_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=None
        )
    return _client
