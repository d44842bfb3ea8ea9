"""How the tests of this folder get and use passkeys: through the doors."""

from typing import Any

from django.test import Client

from accounts.models import Membership, Passkey
from tests.authenticator import Authenticator
from tests.doors import browser, signed_in

SIGN_IN = "/sign-in/passkey/"


def options(client: Client, path: str) -> Any:
    answer = client.post(path, secure=True)
    assert answer.status_code == 200, answer.content
    return answer.json()


def registered(member: Membership, authenticator: Authenticator | None = None, name: str = "my phone") -> Authenticator:
    """A key of this person, added on the settings page of a browser in which she has signed in."""
    key, client = authenticator or Authenticator(), signed_in(member)
    asked = options(client, "/settings/passkeys/options/")
    answer = client.post("/settings/passkeys/", {"name": name, "credential": key.make(asked)}, secure=True)
    assert answer.status_code == 302, "the key should have been added"
    return key


def signs_in(key: Authenticator, client: Client | None = None, **changed: Any) -> Any:
    """What the sign-in door answers to this key."""
    client = client or browser()
    answer = key.prove(options(client, SIGN_IN + "options/"), **changed)
    return client.post(SIGN_IN, {"credential": answer, "next": "/follow-ups/"}, secure=True)


def is_in(client: Client) -> bool:
    return bool(client.get("/", secure=True).status_code == 200)


def kept() -> Passkey:
    return Passkey.objects.get()
