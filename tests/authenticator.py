"""A passkey made of software: it answers as a browser would, and as an attacker would."""

import base64
import json
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN, HOST = "https://quietline.test", "quietline.test"
PRESENT, VERIFIED, BACKED_UP, WITH_KEY = 0x01, 0x04, 0x18, 0x40


@dataclass
class Authenticator:
    """One key. `counter` is None for a key that is copied between devices on purpose and does not count."""

    origin: str = ORIGIN
    host: str = HOST
    verifies: bool = True
    counter: int | None = 0
    credential_id: bytes = field(default_factory=lambda: token_bytes(32))
    handle: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any]) -> str:
        """The answer to options for a new key."""
        self.handle = unbase64(options["user"]["id"])
        key = len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(self._public_key())
        data = self._data(WITH_KEY) + bytes(16) + key
        made = {"fmt": "none", "attStmt": {}, "authData": data}
        response = {"clientDataJSON": self._client("webauthn.create", options), "attestationObject": cbor2.dumps(made)}
        return self._written(response)

    def prove(self, options: dict[str, Any], *, handle: bytes | None = None) -> str:
        """The answer to options for a key that is there; each moves the counter on."""
        if self.counter is not None:
            self.counter += 1
        data, client = self._data(), self._client("webauthn.get", options)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._written({**parts, "userHandle": self.handle if handle is None else handle})

    def _public_key(self) -> dict[int, Any]:
        numbers = self.key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}

    def _data(self, more: int = 0) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.verifies else 0) | (BACKED_UP if self.counter is None else 0)
        return sha256(self.host.encode()).digest() + bytes([flags]) + (self.counter or 0).to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _written(self, response: dict[str, bytes]) -> str:
        own = base64url(self.credential_id)
        parts = {name: base64url(value) for name, value in response.items()}
        return json.dumps({"id": own, "rawId": own, "type": "public-key", "response": parts})


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
