"""What needs a fresh factor asks for one, says why, and goes on where one was (AUTH-12)."""

import html
import re
import time
from collections import defaultdict
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import translation
from django_otp.oath import TOTP

from accounts.actions.factors import make_recovery_codes
from accounts.actions.invitations import invite
from accounts.models import Center, Invitation, KeptForm, Membership, Passkey, Role
from accounts.roles import NEEDS, Permission
from accounts.routes import patterns
from accounts.views.confirming import REASONS
from audit.fresh import Why, why_of
from audit.guard import audited
from audit.models import LogEntry
from messaging.models import Conversation, Line
from tenancy.scope import in_center
from tests.accounts.keys import options, registered
from tests.accounts.worlds import GUARDED, address_of, undone
from tests.authenticator import Authenticator
from tests.doors import signed_in, text_in

pytestmark = pytest.mark.django_db
LATER = 11 * 60  # seconds: a factor is fresh for ten minutes
INVITE = {"email": "heron@example.org", "role": "specialist"}
# What may be sent without one, each with its reason. What is said to clients is guarded by the lock of the desk.
NOT_ASKED = {
    "settings": "a name and a language let nobody in",
    "settings-password": "asks for the password itself",
    "settings-session-end": "signs out, and lets nobody in",
    "own-recovery-cancel": "keeps strangers out: whoever can sign in has not lost everything",
    "passkey-options": "keeps nothing: what adds a key asks",
    "center-enter": "leads to where she may be anyway",
    "confirm": "is where one is asked",
    "confirm-passkey": "is where one is asked",
    "confirm-passkey-options": "is where one is asked",
    "settings-hours": "said to clients in the open, and put right as easily",
    "start-finish": "hides a hint",
    "settings-tags": "a word for colleagues, and put right as easily",
    "settings-tag": "a word for colleagues, and put right as easily",
    "settings-tag-move": "a word for colleagues, and put right as easily",
    "settings-tag-retire": "a word for colleagues, and put right as easily",
    "settings-tag-revive": "a word for colleagues, and put right as easily",
    "settings-template-new": "said to clients in the open, and put right as easily",
    "settings-template": "said to clients in the open, and put right as easily",
    "settings-template-remove": "said to clients in the open, and put right as easily",
    "print-ask": "asks a second person, and shows nothing",
    "send-again": "sends what others have written",
    "staff-extend": "one click while somebody waits, until tonight at most",
    "staff-return": "gives to everybody what everybody of the center may take",
}
NEED_IT = {
    "passkey-new", "passkey-name", "passkey-remove", "new-recovery-codes", "staff-invite", "staff-role", "staff-end",
    "settings-authenticator", "staff-passkeys",
    "staff-recovery", "recovery-agree", "recovery-cancel", "recovery-link",
    "staff-session-end", "log", "log-entry", "log-proof", "review", "review-person", "review-client", "review-sign-off",
    "settings-line-calls", "client-number", "printout", "printout-decide", "start-line", "start-connect",
    "staff-shifts", "staff-suspend", "staff-resume", "settings-access",
}  # fmt: skip


def _stale(member: Membership) -> Client:
    """A browser in which somebody signed in eleven minutes ago."""
    client = signed_in(member)
    session = client.session
    session["proved_at"] -= LATER
    session.save()
    return client


def _code(member: Membership) -> str:
    """The next code: the one of this half minute has signed in."""
    totp = TOTP(member.staff.totpdevice_set.latest("created_at").key)
    totp.time = time.time() + 30
    return f"{totp.token():06d}"


def _asked(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 302, answer.content
    assert urlsplit(answer["Location"]).path == "/confirm/"
    return parse_qs(urlsplit(answer["Location"]).query)


def test_exactly_these_addresses_need_a_fresh_factor() -> None:
    assert {str(one.name) for one in patterns() if why_of(one.callback)} == NEED_IT


def test_whatever_is_sent_asks_for_a_fresh_factor_or_has_a_reason_not_to(adina: Membership) -> None:
    browser, nothing = _stale(adina), defaultdict[str, Any](uuid4)
    sent = {str(one.name): one for one in GUARDED if NEEDS[str(one.name)] != Permission.CONVERSATIONS}
    unasked = set()
    for name, pattern in sent.items():
        with undone():
            answer = browser.post(address_of(pattern, nothing), {"decision": "leave"})
        if answer.status_code != 405 and not answer.headers.get("Location", "").startswith("/confirm/?why="):
            unasked.add(name)
    assert unasked == NOT_ASKED.keys()
    assert not {NEEDS[name] for name in unasked} & {Permission.LOG, Permission.REVIEW, Permission.NUMBER}


def test_whoever_opens_the_log_is_asked_first(adina: Membership) -> None:
    browser, nothing = _stale(adina), defaultdict[str, Any](uuid4)
    for pattern in (one for one in GUARDED if NEEDS[str(one.name)] in (Permission.LOG, Permission.REVIEW)):
        if pattern.name != "review-sign-off":
            address = address_of(pattern, nothing)
            assert _asked(browser.get(address)) == {"why": ["log"], "next": [address]}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("why", [why.value for why in Why])
def test_every_page_that_asks_says_why_in_the_readers_language(ruth: Membership, why: str, language: str) -> None:
    with in_center(ruth.center_id), audited():
        ruth.staff.language = language
        ruth.staff.save()
    page = _stale(ruth).get("/confirm/", {"why": why, "next": "/"}).content.decode()
    with translation.override(language):
        assert html.escape(str(REASONS[why])) in page


def test_a_page_asks_and_leads_back_to_itself(ruth: Membership) -> None:
    client = _stale(ruth)
    asked = _asked(client.get("/settings/passkeys/"))
    assert asked == {"why": ["sign-in"], "next": ["/settings/passkeys/"]}
    page = client.get("/confirm/", {"why": "sign-in", "next": "/settings/passkeys/"}).content.decode()
    assert "You are about to change how you sign in" in page
    done = client.post("/confirm/", {"code": _code(ruth), "next": "/settings/passkeys/"})
    assert done["Location"] == "/settings/passkeys/"
    assert client.get("/settings/passkeys/").status_code == 200


def test_what_does_not_need_it_does_not_ask(ruth: Membership) -> None:
    client = _stale(ruth)
    assert [client.get(path).status_code for path in ("/", "/settings/", "/follow-ups/")] == [200, 200, 200]


def test_a_posted_form_waits_sealed_and_goes_on_once(adina: Membership) -> None:
    client = _stale(adina)
    asked = _asked(client.post("/staff/invitations/", INVITE, headers={"Referer": "https://quietline.test/staff/"}))
    assert asked == {"why": ["staff"], "next": ["/staff/"]}
    with in_center(adina.center_id):
        assert not Invitation.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM accounts_keptform")
        assert b"heron" not in bytes(cursor.fetchone()[0])
    assert "heron" not in str(client.session.items())
    answer = client.post("/confirm/", {"code": _code(adina), "next": "/staff/"})
    page = answer.content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    assert re.search(r'<form[^>]* action="/staff/invitations/"', page)
    assert {name: fields[name] for name in INVITE} == INVITE
    assert not KeptForm.objects.exists(), "it is opened once"
    assert client.post("/staff/invitations/", fields).status_code == 201
    with in_center(adina.center_id):
        assert Invitation.objects.count() == 1


def test_a_form_that_waited_too_long_is_given_up(adina: Membership) -> None:
    client = _stale(adina)
    client.post("/staff/invitations/", INVITE, headers={"Referer": "https://quietline.test/staff/"})
    with time_machine.travel(time.time() + LATER, tick=True):
        answer = client.post("/confirm/", {"code": _code(adina), "next": "/staff/"})
    assert answer["Location"] == "/staff/"
    assert not KeptForm.objects.exists()


def test_only_the_last_form_waits(adina: Membership, ruth: Membership) -> None:
    client = _stale(adina)
    client.post("/staff/invitations/", INVITE)
    client.post(f"/staff/{ruth.pk}/end/")
    assert KeptForm.objects.count() == 1
    page = client.post("/confirm/", {"code": _code(adina)}).content.decode()
    assert f'action="/staff/{ruth.pk}/end/"' in page
    assert "heron" not in page


def test_somebody_elses_form_is_not_handed_out(adina: Membership, ruth: Membership) -> None:
    _stale(adina).post("/staff/invitations/", INVITE)
    client = _stale(ruth)
    session = client.session
    session["kept_form"] = str(KeptForm.objects.get().pk)
    session.save()
    assert client.post("/confirm/", {"code": _code(ruth)})["Location"] == "/"
    assert KeptForm.objects.exists()


def test_whoever_may_not_is_refused_before_anything_is_asked_or_kept(ruth: Membership) -> None:
    assert _stale(ruth).post("/staff/invitations/", INVITE).status_code == 403
    assert not KeptForm.objects.exists()


def test_a_passkey_confirms_too_and_is_what_the_session_rests_on_from_then_on(adina: Membership) -> None:
    key = registered(adina)
    client = _stale(adina)
    client.post("/staff/invitations/", INVITE)
    before = client.session.session_key
    answer = key.prove(options(client, "/confirm/passkey/options/"))
    page = client.post("/confirm/passkey/", {"credential": answer, "next": "/staff/"})
    assert 'action="/staff/invitations/"' in page.content.decode()
    assert client.session.session_key != before
    assert client.session["otp_device_id"].startswith("accounts.passkey/")
    with in_center(adina.center_id):
        assert LogEntry.objects.filter(event="factor_given_again", actor_id=adina.staff_id).exists()


def test_a_colleagues_passkey_and_a_wrong_code_confirm_nothing(adina: Membership, ruth: Membership) -> None:
    key = registered(ruth)
    client = _stale(adina)
    answer = key.prove(options(client, "/confirm/passkey/options/"))
    assert client.post("/confirm/passkey/", {"credential": answer}).status_code == 422
    assert client.post("/confirm/", {"code": "000000"}).status_code == 422
    _asked(client.get("/settings/passkeys/"))


def test_a_copied_key_confirms_nothing_and_says_so(adina: Membership) -> None:
    key = registered(adina)
    client = _stale(adina)
    client.post("/confirm/passkey/", {"credential": key.prove(options(client, "/confirm/passkey/options/"))})
    copy = Authenticator(credential_id=key.credential_id, handle=key.handle, key=key.key)
    client = _stale(adina)
    refused = client.post("/confirm/passkey/", {"credential": copy.prove(options(client, "/confirm/passkey/options/"))})
    assert "it may have been copied" in refused.content.decode()
    assert Passkey.objects.get().shut_at is not None


def test_a_recovery_code_confirms_and_is_burned(ruth: Membership) -> None:
    client, code = _stale(ruth), make_recovery_codes(ruth.staff)[0]
    assert client.post("/confirm/", {"code": code, "next": "/settings/"})["Location"] == "/settings/"
    assert client.post("/confirm/", {"code": code}).status_code == 422


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_confirming_leads_nowhere_else(ruth: Membership, wanted: str) -> None:
    client = _stale(ruth)
    assert wanted not in client.get("/confirm/", {"next": wanted}).content.decode()
    assert client.post("/confirm/", {"code": _code(ruth), "next": wanted})["Location"] == "/"


@pytest.mark.parametrize("claimed", ["", "https://[", "https://x:y/", "//", "javascript:x", "https://evil.example//x"])
def test_a_page_that_names_itself_oddly_breaks_nothing_and_leads_nowhere(adina: Membership, claimed: str) -> None:
    client = _stale(adina)
    for headers in ({"Referer": claimed}, {"HX-Request": "true", "HX-Current-URL": claimed}):
        answer = client.post("/staff/invitations/", INVITE, headers=headers)
        confirm = client.get(answer.headers.get("Location") or answer.headers["HX-Redirect"]).content.decode()
        assert re.search(r'name="next" value="(/x?)?"', confirm)


def test_her_whole_number_asks_the_page_around_it(line: Line, ruth: Membership) -> None:
    text_in(line)
    with in_center(line.center_id):
        path = f"/conversations/{Conversation.objects.get().pk}/"
    client = _stale(ruth)
    headers = {"HX-Request": "true", "HX-Current-URL": f"https://quietline.test{path}"}
    answer = client.post(path + "number/", headers=headers)
    assert answer.status_code == 401
    assert parse_qs(urlsplit(answer["HX-Redirect"]).query) == {"why": ["number"], "next": [path]}
    assert not KeptForm.objects.exists()
    client.post("/confirm/", {"code": _code(ruth), "next": path})
    assert "614" in client.post(path + "number/", headers=headers).content.decode()


def test_a_factor_is_fresh_for_ten_minutes(ruth: Membership) -> None:
    client = signed_in(ruth)
    with time_machine.travel(time.time() + 9 * 60, tick=True):
        assert client.get("/settings/passkeys/").status_code == 200
    with time_machine.travel(time.time() + 11 * 60, tick=True):
        _asked(client.get("/settings/passkeys/"))


def test_joining_another_center_makes_no_factor_fresh(ruth: Membership, other_center: Center) -> None:
    client = _stale(ruth)
    began = client.session["started_at"]
    link = invite(other_center, email=ruth.staff.email, role=Role.SPECIALIST, by=None)
    assert client.post(urlsplit(link).path)["Location"] == "/"
    assert client.session["center"] == str(other_center.pk)
    assert client.session["started_at"] == began
    assert "/centers/" in client.get("/").content.decode()
    _asked(client.get("/settings/passkeys/"))


def test_a_session_grows_no_younger_by_confirming(ruth: Membership) -> None:
    client = _stale(ruth)
    began = client.session["started_at"]
    client.post("/confirm/", {"code": _code(ruth)})
    assert client.session["started_at"] == began
