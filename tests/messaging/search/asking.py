"""A search as the page asks for it."""

import re
from html import unescape
from uuid import UUID

from django.test import Client as Browser

from messaging.actions.search.texts import gather
from messaging.models import Line, SearchText
from tenancy.scope import in_center

PARTS = {"HX-Request": "true"}


def put_together(line: Line) -> None:
    gather(line.center_id)
    with in_center(line.center_id):
        assert SearchText.objects.exists()


def begin(client: Browser, words: str, **more: str) -> str:
    answer = client.post("/search/results/", {"words": words, **more}, headers=PARTS, secure=True)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def go_on(client: Browser, page: str, words: str, **more: str) -> str:
    """The next stretch, or nothing where there is none."""
    place = re.search(r'name="place" value="([^"]+)"', page.rpartition("<search-run")[2])
    if not place:
        return ""
    sent = {"words": words, **more, "place": unescape(place[1])}
    return client.post("/search/more/", sent, headers=PARTS, secure=True).content.decode()


def ask(client: Browser, words: str, **more: str) -> str:
    """The whole search, stretch after stretch."""
    page = begin(client, words, **more)
    while further := go_on(client, page, words, **more):
        page += further
    return page


def rows_in(page: str) -> list[UUID]:
    """The conversations that a page shows as found, in their order."""
    return [UUID(pk) for pk in re.findall(r'data-row="([0-9a-f-]+)"', page)]


def found(client: Browser, words: str, **more: str) -> list[UUID]:
    return rows_in(ask(client, words, **more))
