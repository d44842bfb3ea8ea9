"""Files and sounds, by role and by whose the conversation is; every part of one asks anew."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Membership, Role
from accounts.roles import Permission
from messaging.actions.assignment import assign
from messaging.models import Conversation
from tenancy.scope import in_center
from tests.accounts.worlds import COLLEAGUES, FOREIGN, FREE, OWN, World, Worlds, expected_of
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

WORLDS = (OWN, FREE, COLLEAGUES, FOREIGN)
PART = {"Range": "bytes=0-3"}
CODES = {"open": (200, 206), "gone": (404, 404), "refused": (403, 403)}


def _way_to_the_sound(browser: Browser, world: World) -> str:
    return browser.get(f"/voicemails/{world['recording']}/").headers.get("Location", "")


@pytest.mark.parametrize("role", Role.values)
def test_a_file_and_a_part_of_a_sound_open_to_whoever_may_read_the_conversation(
    worlds: Worlds, staff: dict[str, Membership], role: str, record_property: Any
) -> None:
    mine, browser, other = worlds(role), signed_in(staff[role]), signed_in(staff["admin"])
    for whose in WORLDS:
        world = mine[whose]
        file = browser.get(f"/files/{world['file']}/").status_code
        made_up = reverse("voicemail-sound", args=[world["recording"], "x"])
        way = _way_to_the_sound(browser, world) or _way_to_the_sound(other, world) or made_up
        part = browser.get(way, headers=PART).status_code
        assert (file, part) == CODES[expected_of(role, "file", whose)], whose
    record_property("cases", 2 * len(WORLDS))


def test_a_sound_that_is_playing_ends_when_a_colleague_takes_the_conversation(
    worlds: Worlds, staff: dict[str, Membership]
) -> None:
    world, browser = worlds("specialist")[FREE], signed_in(staff["specialist"])
    way = _way_to_the_sound(browser, world)
    assert browser.get(way, headers=PART).status_code == 206
    with in_center(staff["specialist"].center_id):
        row = Conversation.objects.get(pk=world["conversation"])
        assign(row, to=staff["supervisor"], by=staff["supervisor"])
    assert browser.get(way, headers=PART).status_code == 404
    assert staff["specialist"].may(Permission.CONVERSATIONS), "it is the conversation that is hers no more"
