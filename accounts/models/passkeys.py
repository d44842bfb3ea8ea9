"""Passkeys: keys that stay in a person's phone, computer or security key. We keep their public halves."""

from django.db import models

from accounts.models.factors import OwnDevice
from encryption.fields import SealedTextField
from encryption.scope import SealScope
from tenancy.ids import INSTALLATION


class Passkey(OwnDevice):
    """One key of one person. It is proved by `accounts.actions.passkeys`, never by a code.

    A key that was seen twice is not `confirmed` any more, as django-otp calls what may be used;
    `shut_at` says since when. It stays until its owner takes it away.
    """

    name = SealedTextField(schema="accounts.passkey.name.v1")
    credential_id = models.BinaryField(max_length=1023, unique=True, editable=False)
    public_key = models.BinaryField(max_length=2048, editable=False)
    sign_count = models.BigIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True)
    shut_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"passkey {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(INSTALLATION)


class SpentChallenge(models.Model):
    """A challenge that was answered: while it holds, it is not taken a second time."""

    digest = models.BinaryField(max_length=32, primary_key=True, editable=False)
    spent_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return "spent challenge"
