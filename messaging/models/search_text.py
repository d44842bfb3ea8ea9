from django.db import models

from encryption.fields import SealedTextField
from encryption.scope import SealScope
from messaging.models.conversation import Conversation
from tenancy.ids import uuid7


class SearchText(models.Model):
    """The words of one conversation in one sealed piece, folded, so that a search opens it once.

    It repeats what the entries say, up to number `through`: without it a search is slower and finds the same. It is
    sealed under the conversation's own key, so it is unreadable as soon as they are.
    """

    DIRECTION = "search"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.OneToOneField(Conversation, models.CASCADE, related_name="search_text")
    epoch = models.UUIDField(editable=False)
    through = models.PositiveIntegerField()
    text = SealedTextField(schema="messaging.search_text.text.v1")

    def __str__(self) -> str:
        return f"search text {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, epoch=self.epoch, direction=self.DIRECTION)
