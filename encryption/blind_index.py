"""Look-up of a number or an address without storing it: a keyed hash that only equality survives.

In a dump these show which rows are equal, nothing else, and differ between centers. Whoever also
holds the index key can try every number in minutes: the key stays wrapped and outside data backups.
"""

from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from encryption.keystore import purpose_key
from encryption.models import Key
from tenancy.ids import INSTALLATION

LENGTH = 16  # bytes


def phone_index(center: UUID, number: str) -> bytes:
    """The 16 bytes under which this center finds a number in E.164 form."""
    return _index(center, Key.Purpose.PHONE_INDEX, b"phone" + number.encode())


def email_index(email: str) -> bytes:
    """The 16 bytes under which the installation finds a staff member's address, however it is cased."""
    return _index(INSTALLATION, Key.Purpose.EMAIL_INDEX, b"email" + email.strip().casefold().encode())


def search_index(center: UUID, words: str) -> str:
    """What the log keeps of a search: hex that shows which searches of this center were alike, and not for what."""
    return _index(center, Key.Purpose.PHONE_INDEX, b"search" + words.encode()).hex()


def _index(center: UUID, purpose: Key.Purpose, value: bytes) -> bytes:
    mac = HMAC(purpose_key(center, purpose).secret, SHA256())
    mac.update(value)
    return mac.finalize()[:LENGTH]
