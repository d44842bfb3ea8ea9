"""Passkeys at the doors: what signs in, and what is refused (AUTH-02)."""

import json
import time
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import ceremonies
from accounts.actions.forgetting import forget_what_is_over
from accounts.actions.people import end_membership
from accounts.models import Membership, Passkey, SpentChallenge
from accounts.sockets import members_of
from audit.models import LogEntry
from tenancy.scope import in_center
from tests.accounts.keys import SIGN_IN, is_in, kept, options, registered, signs_in
from tests.authenticator import Authenticator
from tests.cast import PASSWORD
from tests.doors import browser, signed_in

pytestmark = pytest.mark.django_db


def _events(member: Membership) -> list[str]:
    with in_center(member.center_id):
        return list(LogEntry.objects.order_by("pk").values_list("event", flat=True))


def _half_signed_in(member: Membership) -> Client:
    client = browser()
    client.post("/sign-in/", {"email": member.staff.email, "password": PASSWORD}, secure=True)
    return client


def test_a_passkey_alone_signs_in_under_a_new_session_and_leads_back_to_where_one_was(ruth: Membership) -> None:
    key, client = registered(ruth), _half_signed_in(ruth)
    before = client.session.session_key
    answer = signs_in(key, client)
    assert (answer.status_code, answer["Location"]) == (302, "/follow-ups/")
    assert client.session.session_key != before
    assert is_in(client)
    assert "passkey_used" in _events(ruth)
    assert kept().last_used_at is not None


def test_a_passkey_is_a_second_step_after_the_password(ruth: Membership) -> None:
    key, client = registered(ruth), _half_signed_in(ruth)
    first = client.session.session_key
    asked = options(client, "/sign-in/code/passkey/options/")
    assert len(asked["allowCredentials"]) == 1
    answer = client.post("/sign-in/code/passkey/", {"credential": key.prove(asked)}, secure=True)
    assert answer.status_code == 302
    assert client.session.session_key != first
    assert is_in(client)


def test_the_page_of_the_second_step_offers_a_passkey_to_whoever_has_one(ruth: Membership, naomi: Membership) -> None:
    registered(ruth)
    assert "Go on with a passkey" in _half_signed_in(ruth).get("/sign-in/code/", secure=True).content.decode()
    assert "Go on with a passkey" not in _half_signed_in(naomi).get("/sign-in/code/", secure=True).content.decode()


def test_asking_for_a_passkey_tells_nobody_who_exists(ruth: Membership) -> None:
    registered(ruth)
    asked = options(browser(), SIGN_IN + "options/")
    assert asked["allowCredentials"] == []
    assert asked["userVerification"] == "required"
    assert asked["rpId"] == "quietline.test"


def test_a_copied_key_is_refused_and_shut_and_its_owner_is_told(ruth: Membership) -> None:
    key = registered(ruth)
    stranger = Authenticator(credential_id=key.credential_id, handle=key.handle, key=key.key, counter=key.counter)
    client = browser()
    signs_in(key, client)
    session = str(client.session.session_key)
    assert session in members_of([session])
    refused = signs_in(stranger)
    assert refused.status_code == 403
    assert "it may have been copied" in refused.content.decode()
    assert kept().shut_at is not None
    assert _events(ruth).count("passkey_copied") == 1
    assert signs_in(key).status_code == 403, "nobody can tell the key from its copy"
    assert not is_in(client), "what the key had opened should have ended"
    assert session not in members_of([session])


def test_whoever_has_no_other_key_is_told_at_the_second_step_too_that_hers_is_shut(ruth: Membership) -> None:
    key, client = registered(ruth), _half_signed_in(ruth)
    signs_in(key)
    key.counter = 0
    asked = options(client, "/sign-in/code/passkey/options/")
    refused = client.post("/sign-in/code/passkey/", {"credential": key.prove(asked)}, secure=True)
    assert "it may have been copied" in refused.content.decode()
    assert kept().shut_at is not None


def test_a_shut_key_is_offered_nowhere_and_counts_for_nothing(ruth: Membership) -> None:
    registered(ruth)
    Passkey.objects.update(confirmed=False, shut_at=timezone.now())
    client = _half_signed_in(ruth)
    assert "Go on with a passkey" not in client.get("/sign-in/code/", secure=True).content.decode()
    page = signed_in(ruth).get("/settings/").content.decode()
    assert "Shut: it may have been copied" in page
    assert "You have one way to sign in" in page


def test_a_key_that_does_not_count_signs_in_again_and_again(ruth: Membership) -> None:
    key = registered(ruth, Authenticator(counter=None))
    assert [signs_in(key).status_code for _ in range(3)] == [302, 302, 302]


REFUSED: dict[str, dict[str, Any]] = {
    "without user verification": {"verifies": False},
    "for another origin": {"origin": "https://quietline.test.evil.example"},
    "over plain http": {"origin": "http://quietline.test"},
    "on another port": {"origin": "https://quietline.test:444"},
    "for another host": {"host": "evil.example"},
    "of a key that nobody registered": {"credential_id": b"x" * 32},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_an_answer_is_refused(ruth: Membership, changes: dict[str, Any]) -> None:
    key = registered(ruth)
    for name, value in changes.items():
        setattr(key, name, value)
    client = browser()
    answer = signs_in(key, client)
    assert answer.status_code == 403
    assert "That passkey was not accepted" in answer.content.decode()
    assert not is_in(client)
    with in_center(ruth.center_id):
        assert LogEntry.objects.filter(event="passkey_refused").exists()


def test_an_answer_signed_by_another_key_is_refused(ruth: Membership) -> None:
    key = registered(ruth)
    key.key = Authenticator().key
    assert signs_in(key).status_code == 403
    assert kept().shut_at is None, "a stranger must not be able to shut somebody's key"


def test_a_counter_without_a_true_signature_shuts_nothing(ruth: Membership) -> None:
    key = registered(ruth)
    signs_in(key)
    forged = Authenticator(credential_id=key.credential_id, handle=key.handle, counter=0)
    assert signs_in(forged).status_code == 403
    assert kept().shut_at is None


def test_a_key_that_names_another_person_is_refused(ruth: Membership, naomi: Membership) -> None:
    key = registered(ruth)
    assert signs_in(key, handle=naomi.staff_id.bytes).status_code == 403
    assert signs_in(key, handle=b"").status_code == 403


def test_another_persons_key_is_no_second_step(ruth: Membership, naomi: Membership) -> None:
    key, client = registered(ruth), _half_signed_in(naomi)
    asked = options(client, "/sign-in/code/passkey/options/")
    for handle in (None, naomi.staff_id.bytes):
        answer = client.post("/sign-in/code/passkey/", {"credential": key.prove(asked, handle=handle)}, secure=True)
        assert answer.status_code == 403
        asked = options(client, "/sign-in/code/passkey/options/")
    assert not is_in(client)


def test_a_challenge_is_answered_once(ruth: Membership) -> None:
    key, client = registered(ruth, Authenticator(counter=None)), browser()
    asked = options(client, SIGN_IN + "options/")
    cookie = client.cookies["__Host-challenge-sign-in"].value
    answer = key.prove(asked)
    assert client.post(SIGN_IN, {"credential": answer}, secure=True).status_code == 302
    thief = browser()
    thief.cookies["__Host-challenge-sign-in"] = cookie
    assert thief.post(SIGN_IN, {"credential": answer}, secure=True).status_code == 403
    assert thief.post(SIGN_IN, {"credential": key.prove(asked)}, secure=True).status_code == 403


def test_an_answer_that_was_refused_proves_nothing_and_spends_nothing(ruth: Membership) -> None:
    key, client = registered(ruth), browser()
    spent = SpentChallenge.objects.count()
    asked = options(client, SIGN_IN + "options/")
    assert client.post(SIGN_IN, {"credential": "{}"}, secure=True).status_code == 403
    assert SpentChallenge.objects.count() == spent
    answer = key.prove(asked)
    assert client.post(SIGN_IN, {"credential": answer}, secure=True).status_code == 302
    assert client.post(SIGN_IN, {"credential": answer}, secure=True).status_code == 403


@pytest.mark.parametrize(("minutes", "status"), [(4, 302), (6, 403)])
def test_a_challenge_holds_for_five_minutes(ruth: Membership, minutes: int, status: int) -> None:
    key, client = registered(ruth), browser()
    answer = key.prove(options(client, SIGN_IN + "options/"))
    with time_machine.travel(time.time() + minutes * 60, tick=True):
        assert client.post(SIGN_IN, {"credential": answer}, secure=True).status_code == status


def test_a_challenge_of_another_browser_or_for_another_purpose_is_refused(ruth: Membership) -> None:
    key, client = registered(ruth), _half_signed_in(ruth)
    answer = key.prove(options(browser(), SIGN_IN + "options/"))
    assert client.post(SIGN_IN, {"credential": answer}, secure=True).status_code == 403
    second = key.prove(options(client, "/sign-in/code/passkey/options/"))
    assert client.post(SIGN_IN, {"credential": second}, secure=True).status_code == 403


def test_a_challenge_is_kept_for_this_host_alone_and_out_of_reach_of_scripts() -> None:
    client = browser()
    options(client, SIGN_IN + "options/")
    cookie = client.cookies["__Host-challenge-sign-in"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Strict")
    assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", 300)


def test_challenges_that_are_over_are_not_kept(ruth: Membership) -> None:
    signs_in(registered(ruth))
    assert SpentChallenge.objects.exists()
    with time_machine.travel(time.time() + 600, tick=True):
        forget_what_is_over()
    assert not SpentChallenge.objects.exists()


def test_whoever_works_here_no_longer_is_not_let_in(naomi: Membership, adina: Membership) -> None:
    key = registered(naomi)
    with in_center(naomi.center_id):
        end_membership(naomi, by=adina)
    client = browser()
    assert signs_in(key, client).status_code == 403
    assert "_auth_user_id" not in client.session


def test_a_suspended_person_is_not_let_in(naomi: Membership) -> None:
    key = registered(naomi)
    naomi.staff.is_active = False
    naomi.staff.save()
    assert signs_in(key).status_code == 403


def test_a_name_of_a_key_is_sealed(ruth: Membership) -> None:
    from django.db import connection

    registered(ruth, name="the blue heron phone")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM accounts_passkey")
        assert b"heron" not in bytes(cursor.fetchone()[0])
    assert kept().name == "the blue heron phone"


def test_a_key_is_named_anew_and_removed_on_the_record(ruth: Membership) -> None:
    key, client = registered(ruth), signed_in(ruth)
    path = f"/settings/passkeys/{kept().pk}/"
    assert "my phone" in client.get("/settings/").content.decode()
    client.post(path + "name/", {"name": "the desk"})
    assert kept().name == "the desk"
    client.post(path + "remove/")
    assert not Passkey.objects.exists()
    assert signs_in(key).status_code == 403
    assert {"passkey_added", "passkey_renamed", "passkey_removed"} <= set(_events(ruth))


def test_a_colleagues_key_is_nobody_elses_to_name_or_remove(ruth: Membership, naomi: Membership) -> None:
    registered(ruth)
    client, path = signed_in(naomi), f"/settings/passkeys/{kept().pk}/"
    assert client.post(path + "name/", {"name": "x"}).status_code == 404
    assert client.post(path + "remove/").status_code == 404
    assert kept().name == "my phone"


def test_a_removed_key_ends_what_it_opened(ruth: Membership) -> None:
    key, client = registered(ruth), browser()
    signs_in(key, client)
    assert is_in(client)
    signed_in(ruth).post(f"/settings/passkeys/{kept().pk}/remove/")
    assert not is_in(client)


def test_the_only_way_in_is_not_removed(ruth: Membership) -> None:
    key = registered(ruth)
    ruth.staff.totpdevice_set.all().delete()
    client = browser()
    signs_in(key, client)
    page = client.post(f"/settings/passkeys/{kept().pk}/remove/", secure=True, follow=True)
    assert "your only way in" in page.content.decode()
    assert Passkey.objects.exists()


def test_one_way_in_is_called_too_few_and_two_are_not(ruth: Membership) -> None:
    client = signed_in(ruth)
    assert "You have one way to sign in" in client.get("/settings/").content.decode()
    registered(ruth)
    assert "You have one way to sign in" not in signed_in(ruth).get("/settings/").content.decode()


def test_one_device_is_not_registered_twice(ruth: Membership, naomi: Membership) -> None:
    key = registered(ruth)
    asked = options(signed_in(ruth), "/settings/passkeys/options/")
    assert len(asked["excludeCredentials"]) == 1
    client = signed_in(naomi)
    answer = key.make(options(client, "/settings/passkeys/options/"))
    assert client.post("/settings/passkeys/", {"name": "x", "credential": answer}).status_code == 422
    assert kept().user_id == ruth.staff_id


@pytest.mark.parametrize(
    "changes",
    [{"verifies": False}, {"origin": "https://evil.example"}, {"host": "evil.example"}, {"credential_id": b"x" * 1024}],
    ids=["without user verification", "for another origin", "for another host", "with an endless id"],
)
def test_a_key_is_not_added(ruth: Membership, changes: dict[str, Any]) -> None:
    client = signed_in(ruth)
    made = Authenticator(**changes).make(options(client, "/settings/passkeys/options/"))
    assert client.post("/settings/passkeys/", {"name": "x", "credential": made}).status_code == 422
    assert not Passkey.objects.exists()


def test_a_key_that_was_made_for_somebody_else_is_not_added(ruth: Membership, naomi: Membership) -> None:
    client, other = signed_in(ruth), signed_in(naomi)
    made = Authenticator().make(options(other, "/settings/passkeys/options/"))
    client.cookies["__Host-challenge-new-key"] = other.cookies["__Host-challenge-new-key"].value
    assert client.post("/settings/passkeys/", {"name": "x", "credential": made}).status_code == 422
    assert not Passkey.objects.exists()


def test_whoever_only_knows_the_password_adds_no_key(ruth: Membership) -> None:
    client = _half_signed_in(ruth)
    assert client.post("/settings/passkeys/options/", secure=True).status_code == 401
    assert client.post("/settings/passkeys/", {"name": "x", "credential": "{}"}, secure=True).status_code == 401


SENSELESS = [
    "", "{", "[]", "null", "1", '"x"', "{}", "\x00", "[" * 9_000, '{"id":' * 3_000, "é" * 50,
    json.dumps({"id": "a", "rawId": "a", "type": "public-key", "response": {}}),
    json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {
        "clientDataJSON": "bnVsbA", "authenticatorData": "AA", "signature": "AA", "userHandle": "é"}}),
    json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {
        "clientDataJSON": "e30", "attestationObject": "o2NmbXQ"}}),
]  # fmt: skip


@pytest.mark.parametrize("words", SENSELESS, ids=range(len(SENSELESS)))
def test_words_that_make_no_sense_are_the_senders_mistake(ruth: Membership, words: str) -> None:
    stranger, member = browser(), signed_in(ruth)
    options(stranger, SIGN_IN + "options/")
    assert stranger.post(SIGN_IN, {"credential": words}, secure=True).status_code == 403
    options(member, "/settings/passkeys/options/")
    assert member.post("/settings/passkeys/", {"name": "x", "credential": words}).status_code == 422


def test_an_altered_bit_anywhere_in_an_answer_never_signs_in_and_never_breaks(ruth: Membership) -> None:
    """Every bit of what a key signs, in the ceremony itself: the doors above show what becomes of a refusal."""
    key = Authenticator(counter=None)
    challenge = b"c" * 32
    options_ = json.loads(ceremonies.request_options(challenge))
    whole = key.prove(options_)
    public = _registered_public_key(key)
    assert ceremonies.proved(ceremonies.parse(whole), challenge, public_key=public) == 0
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        for altered in _altered(whole, part):
            with pytest.raises(ceremonies.NotAccepted):
                ceremonies.proved(ceremonies.parse(altered), challenge, public_key=public)


def test_an_altered_byte_of_a_new_key_breaks_nothing(ruth: Membership) -> None:
    challenge = b"c" * 32
    made = Authenticator().make(json.loads(ceremonies.creation_options(b"h", name="x", challenge=challenge, known=[])))
    assert ceremonies.new_key(made, challenge).sign_count == 0
    refused = 0
    for altered in _altered(made, "attestationObject"):
        try:
            ceremonies.new_key(altered, challenge)
        except ceremonies.NotAccepted:
            refused += 1
    assert refused > 500


def _registered_public_key(key: Authenticator) -> bytes:
    challenge = b"r" * 32
    words = ceremonies.creation_options(b"h", name="x", challenge=challenge, known=[])
    return ceremonies.new_key(key.make(json.loads(words)), challenge).public_key


def _altered(answer: str, part: str) -> list[str]:
    from tests.authenticator import base64url, unbase64

    whole = json.loads(answer)
    raw = unbase64(whole["response"][part])
    found = []
    for place in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[place // 8] ^= 1 << place % 8
        response = {**whole["response"], part: base64url(bytes(changed))}
        found.append(json.dumps({**whole, "response": response}))
    return found
