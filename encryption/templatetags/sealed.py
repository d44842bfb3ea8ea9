"""`{{ message|unsealed:"body" }}`: one unreadable value marks itself and the page goes on (ENC-05)."""

import logging

from django import template
from django.db.models import Model
from django.utils.translation import gettext as _

from encryption.errors import SealError

register = template.Library()
logger = logging.getLogger("quietline.encryption")


@register.filter
def unsealed(row: Model, name: str) -> object:
    """The value of a sealed attribute, or the sentence that it cannot be shown."""
    try:
        return getattr(row, name)
    except SealError as problem:
        facts = {"problem": type(problem).__name__, "key_id": problem.key_id, "row_id": str(problem.row_id)}
        logger.warning("sealed_value_unreadable", extra=facts)
        return _("This cannot be shown.")
