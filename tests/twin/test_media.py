"""Pictures: behind a password, then behind an address that must not be shown one."""

import base64
from dataclasses import dataclass
from typing import Any

import pytest

from tests.twin.conftest import BASIC, PNG, Rig


async def picture_in(rig: Rig) -> str:
    """Text a picture in; return its path under the API."""
    await rig.text_in("", media=[{"content_type": "image/png", "data": base64.b64encode(PNG).decode()}])
    return rig.center.heard[-1].params["MediaUrl0"].removeprefix("https://api.twilio.com")


@dataclass
class Got:
    """One answer, read to the end."""

    status: int
    content_type: str
    location: str
    data: bytes


async def fetch(rig: Rig, url: str, **more: Any) -> Got:
    async with rig.session.get(url, allow_redirects=False, **more) as response:
        location = response.headers.get("Location", "")
        return Got(response.status, response.content_type, location, await response.read())


async def test_a_picture_is_had_by_way_of_a_redirect_to_another_host(rig: Rig) -> None:
    path = await picture_in(rig)
    assert (await fetch(rig, rig.url(path))).status == 401
    redirect = await fetch(rig, rig.url(path), headers=BASIC)
    assert redirect.status == 307
    location = redirect.location
    assert not location.startswith(rig.url("")), "another host, so that clients leave the password behind"
    got = await fetch(rig, location)
    assert (got.status, got.content_type, got.data) == (200, "image/png", PNG)


async def test_showing_the_password_to_the_store_is_refused_and_noted(rig: Rig) -> None:
    path = await picture_in(rig)
    location = (await fetch(rig, rig.url(path), headers=BASIC)).location
    assert (await fetch(rig, location, headers=BASIC)).status == 400
    assert (await fetch(rig, location)).status == 200
    fetches = (await rig.get("/twin/ledger"))["media_fetches"]
    assert [fetch["with_credentials"] for fetch in fetches] == [True, False]


async def test_a_client_that_follows_redirects_well_gets_the_picture(rig: Rig) -> None:
    url = rig.url(await picture_in(rig))
    async with rig.session.get(url, headers=BASIC) as response:
        assert await response.read() == PNG


async def test_an_old_address_is_worth_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twin.rest.media.LINK_SECONDS", -1)
    location = (await fetch(rig, rig.url(await picture_in(rig)), headers=BASIC)).location
    assert (await fetch(rig, location)).status == 403


async def test_a_deleted_picture_is_gone_while_the_text_stays(rig: Rig) -> None:
    path = await picture_in(rig)
    async with rig.session.delete(rig.url(path + ".json"), headers=BASIC) as response:
        assert response.status == 204
    assert (await fetch(rig, rig.url(path), headers=BASIC)).status == 404
    message = path.partition("/Media/")[0]
    async with rig.session.get(rig.url(message + ".json"), headers=BASIC) as response:
        assert response.status == 200


async def test_deleting_the_text_deletes_its_pictures(rig: Rig) -> None:
    path = await picture_in(rig)
    async with rig.session.delete(rig.url(path.partition("/Media/")[0] + ".json"), headers=BASIC):
        pass
    assert (await rig.get("/twin/ledger"))["media"][0]["deleted_at"]
    assert (await fetch(rig, rig.url(path), headers=BASIC)).status == 404
