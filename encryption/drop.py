"""A letter box: anybody who holds the public half can seal into it, and only the keystore opens it.

For what must be kept while the keystore cannot be reached. HPKE (RFC 9180) in base mode: X25519,
HKDF-SHA-256, AES-256-GCM. The sealed form is `0x91 | key id (8)` and then what HPKE makes, bound to both.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from encryption.envelope import KEY_ID
from encryption.errors import EnvelopeAltered
from encryption.keystore import create_center_keys, opening_key, purpose_key
from encryption.models import Key
from tenancy.ids import INSTALLATION

FORMAT = b"\x91"
HEADER = 1 + KEY_ID
_LABEL = b"pcm.drop"
_suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def spool_box() -> bytes:
    """The public half of the spool's key pair, with its id before it; made when there is none yet."""
    create_center_keys(INSTALLATION)
    key = purpose_key(INSTALLATION, Key.Purpose.SPOOL)
    return key.kid + X25519PrivateKey.from_private_bytes(key.secret).public_key().public_bytes_raw()


def drop(plain: bytes, box: bytes) -> bytes:
    """Seal `plain` so that only the keystore opens it. Needs no secret; `box` comes from `spool_box`."""
    header = FORMAT + box[:KEY_ID]
    public = X25519PublicKey.from_public_bytes(box[KEY_ID:])
    return header + _suite.encrypt(plain, public, info=_LABEL + header)


def pick_up(sealed: bytes) -> bytes:
    """Open what was dropped. Raises SealError."""
    header = sealed[:HEADER]
    if len(header) < HEADER or header[:1] != FORMAT:
        raise EnvelopeAltered("This was not dropped into a box of ours.")
    key = opening_key(header[1:], INSTALLATION)
    try:
        return _suite.decrypt(sealed[HEADER:], X25519PrivateKey.from_private_bytes(key.secret), info=_LABEL + header)
    except (InvalidTag, ValueError):
        raise EnvelopeAltered("This was altered in its box.", key_id=key.kid) from None
