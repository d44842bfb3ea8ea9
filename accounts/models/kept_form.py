from django.conf import settings
from django.db import models

from encryption.fields import SealedJSONField
from encryption.scope import SealScope
from tenancy.ids import INSTALLATION, uuid7


class KeptForm(models.Model):
    """What somebody had filled in when she was asked for a factor again. Opened once, within minutes, and gone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    content = SealedJSONField(schema="accounts.kept_form.content.v1")
    kept_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"kept form {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(INSTALLATION)
