"""Second factors. django-otp keeps its keys and codes in clear, so ours are devices of our own.

Only `django_otp.verify_token()` may be called from outside: it locks the row, so that one code
cannot be used twice at the same moment. How many may be tried is `accounts.limits`' to say, of persons and
devices; django-otp's own throttle would let a stranger shut a person out.
"""

import hashlib
import hmac
import time

from django.db import models
from django.db.models.functions import Now
from django_otp.models import Device
from django_otp.oath import TOTP

from encryption.fields import SealedBytesField
from encryption.scope import SealScope
from tenancy.ids import INSTALLATION, uuid7

STEP = 30  # seconds, RFC 6238
TOLERANCE = 1  # steps either side
FAR = 5  # steps either side within which a wrong code is explained


class OwnDevice(Device):
    """What all our devices share: a UUID as key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    @property
    def persistent_id(self) -> str:
        """django-otp reads the part behind the slash with `int()`, so the UUID is written as a number."""
        return f"{self.model_label()}/{self.pk.int}"


def is_code(token: str) -> bool:
    return token.isascii() and token.isdigit() and len(token) == 6


class TotpDevice(OwnDevice):
    """An authenticator app. `last_step` makes each code work once."""

    key = SealedBytesField(schema="accounts.totp.key.v1")
    last_step = models.BigIntegerField(default=-1)

    def __str__(self) -> str:
        return f"authenticator {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(INSTALLATION)

    def verify_token(self, token: str) -> bool:
        step = self._step_of(token)
        if step is None:
            return False
        self.last_step = step
        self.save(update_fields=["last_step"])
        return True

    def is_out_of_step(self, token: str) -> bool:
        """Whether this is a code of some minutes ago or to come: then the clock of the phone may be wrong."""
        if not is_code(token):
            return False
        totp = self._totp()
        return bool(totp.verify(int(token), FAR) and abs(totp.drift) > TOLERANCE)

    def _step_of(self, token: str) -> int | None:
        """The time step that this code stands for, if it is one that was not used yet."""
        if not is_code(token):
            return None
        totp = self._totp()
        if not totp.verify(int(token), TOLERANCE, self.last_step + 1):
            return None
        return int(totp.t())

    def _totp(self) -> TOTP:
        totp = TOTP(self.key, STEP)
        totp.time = time.time()
        return totp


class RecoverySet(OwnDevice):
    """The ten recovery codes of one person: random, hashed, each good for one use."""

    def __str__(self) -> str:
        return f"recovery codes {self.pk}"

    def verify_token(self, token: str) -> bool:
        return bool(self.codes.filter(used_at=None, digest=self.digest_of(token)).update(used_at=Now()))

    def digest_of(self, code: str) -> bytes:
        """80 random bits need no slow hash; the set's id keeps equal codes of two people apart."""
        plain = code.replace("-", "").replace(" ", "").lower().encode()
        return hmac.digest(self.pk.bytes, plain, hashlib.sha256)


class RecoveryCode(models.Model):
    """One code, kept as its hash; burned, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recovery_set = models.ForeignKey(RecoverySet, models.CASCADE, related_name="codes")
    digest = models.BinaryField(max_length=32, editable=False)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
