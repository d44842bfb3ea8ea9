"""A session's cookie is whatever a stranger makes it: what cannot be a key is not looked for."""

import pytest
from django.conf import settings

from accounts.session_store import SessionStore
from accounts.sockets import members_of
from tests.doors import browser

pytestmark = pytest.mark.django_db
JUNK = ['"\\000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"', '"\\377\\376aaaaaaaaaaaaa"', "a" * 5000, "é" * 32, ""]


@pytest.mark.parametrize("cookie", JUNK)
def test_a_cookie_that_no_session_can_have_is_a_strangers(cookie: str) -> None:
    answer = browser().get("/", secure=True, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/")


def test_a_socket_with_such_a_cookie_is_a_strangers() -> None:
    assert members_of(["\x00" * 32]) == {}


def test_a_key_that_we_gave_out_is_found_again() -> None:
    session = SessionStore()
    session["x"] = 1
    session.save()
    assert SessionStore(session.session_key)["x"] == 1
