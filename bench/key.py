"""A passkey made of software, which answers as a browser does."""

import base64
import json
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT_VERIFIED, WITH_KEY = 0x05, 0x40
# CBOR (RFC 8949): {1: 2, 3: -7, -1: 1, -2: x, -3: y}, and {"fmt": "none", "attStmt": {}, "authData": …}
BEFORE_X, BEFORE_Y = bytes.fromhex("a5010203262001215820"), bytes.fromhex("225820")
BEFORE_DATA = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"


class Key:
    """One key of one person. It does not count its uses, as those do not that are copied between devices."""

    def __init__(self, origin: str) -> None:
        self._origin, self._id, self._handle = origin, token_bytes(32), ""
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: dict[str, Any]) -> str:
        """The answer to options for a new key."""
        self._handle = options["user"]["id"]
        numbers = self._key.public_key().public_numbers()
        public = BEFORE_X + numbers.x.to_bytes(32, "big") + BEFORE_Y + numbers.y.to_bytes(32, "big")
        data = (
            self._data(options["rp"]["id"], WITH_KEY) + bytes(16) + len(self._id).to_bytes(2, "big") + self._id + public
        )
        client = self._client("webauthn.create", options)
        return self._written({"clientDataJSON": client, "attestationObject": BEFORE_DATA + _length(data) + data})

    def prove(self, options: dict[str, Any]) -> str:
        """The answer to options for a key that is there."""
        data, client = self._data(options["rpId"]), self._client("webauthn.get", options)
        signature = self._key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._written(parts, userHandle=self._handle)

    def _data(self, host: str, more: int = 0) -> bytes:
        return sha256(host.encode()).digest() + bytes([PRESENT_VERIFIED | more]) + bytes(4)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self._origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _written(self, parts: dict[str, bytes], **more: str) -> str:
        own = _base64(self._id)
        response = {name: _base64(value) for name, value in parts.items()} | more
        return json.dumps({"id": own, "rawId": own, "type": "public-key", "response": response})


def _length(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big")


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
