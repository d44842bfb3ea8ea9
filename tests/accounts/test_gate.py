"""Nothing opens without both factors, but for a short list (AUTH-01)."""

from typing import Any
from uuid import UUID

import pytest
from django.urls import URLPattern, reverse

from accounts.models import Membership
from accounts.routes import patterns
from encryption.cache import KEYS
from tests.cast import PASSWORD
from tests.doors import browser, signed_in

pytestmark = pytest.mark.django_db

PUBLIC = {
    "sign-in", "sign-in-code", "sign-in-passkey", "sign-in-passkey-options", "second-passkey", "second-passkey-options",
    "sign-out", "invitation", "recovery", "set-up-authenticator", "set-up-passkey",
    "set-up-passkey-options", "set-up-password", "set-up-recovery-codes",
    "csp-report", "health-live", "health-ready", "mode", "modes", "hook-message", "hook-status", "hook-voice",
    "hook-dial", "hook-whisper", "hook-leg-status", "hook-record", "hook-recording", "hook-call-status", "picture-out",
}  # fmt: skip
ID = UUID(int=7)


def address(pattern: URLPattern) -> str:
    kinds = {"uuid": ID, "str": "x", "int": 1}
    arguments = {name: kinds[_kind(converter)] for name, converter in pattern.pattern.converters.items()}
    return reverse(str(pattern.name), kwargs=arguments)


def _kind(converter: Any) -> str:
    return {"UUIDConverter": "uuid", "IntConverter": "int"}.get(type(converter).__name__, "str")


GUARDED = sorted((pattern for pattern in patterns() if pattern.name not in PUBLIC), key=lambda one: str(one.name))


def _is_shut(client: Any, path: str) -> bool:
    """Whether asking and sending both end at the sign-in, with nothing of the page."""
    asked, sent = client.get(path, secure=True), client.post(path, {"x": "y"}, secure=True)
    return asked.status_code == 302 and asked["Location"].startswith("/sign-in/") and sent.status_code == 401


def test_every_address_has_a_name() -> None:
    assert [str(pattern.pattern) for pattern in patterns() if not pattern.name] == []


def test_the_public_list_names_only_what_exists() -> None:
    assert {pattern.name for pattern in patterns()} >= PUBLIC


@pytest.mark.parametrize("pattern", GUARDED, ids=lambda pattern: pattern.name)
def test_an_address_is_shut_to_whoever_has_not_signed_in(pattern: URLPattern) -> None:
    assert _is_shut(browser(), address(pattern))


@pytest.mark.parametrize("pattern", GUARDED, ids=lambda pattern: pattern.name)
def test_an_address_is_shut_while_only_the_password_has_passed(pattern: URLPattern, ruth: Membership) -> None:
    client = browser()
    client.post("/sign-in/", {"email": ruth.staff.email, "password": PASSWORD}, secure=True)
    assert "_auth_user_id" in client.session
    assert _is_shut(client, address(pattern))


def test_the_check_can_tell_an_open_door(ruth: Membership) -> None:
    assert not _is_shut(signed_in(ruth), "/")


@pytest.mark.parametrize("name", ["staff", "settings-hours", "settings-templates", "settings-lines", "log", "health"])
def test_a_specialist_is_refused_what_is_for_admins_and_the_log_says_so(naomi: Membership, name: str) -> None:
    from audit.models import LogEntry
    from tenancy.scope import in_center

    assert signed_in(naomi).get(reverse(name)).status_code == 403
    with in_center(naomi.center_id):
        assert LogEntry.objects.filter(event="access_refused", actor_id=naomi.staff_id).exists()


def test_a_refusal_is_drawn_by_a_process_that_holds_no_key(naomi: Membership) -> None:
    client = signed_in(naomi)
    KEYS.clear()
    assert client.get(reverse("staff")).status_code == 403
