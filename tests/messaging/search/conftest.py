from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import Conversation, Line
from tenancy.scope import in_center
from tests.doors import sid, text_in

SAID = {1: "Can I come on Tuesday?", 2: "Mañana no puedo, ¿el JUEVES?", 3: "Call my sister, please", 4: "thanks"}


@pytest.fixture
def four(line: Line) -> list[Conversation]:
    """Four people who each wrote once, the last one lately."""
    for number, words in SAID.items():
        text_in(line, words, From=f"+1614555{number:04d}", MessageSid=sid(number))
    with in_center(line.center_id):
        rows = list(Conversation.objects.order_by("pk"))
        for number, row in enumerate(rows):
            row.last_entry_at = timezone.now() - timedelta(hours=9 - number)
            row.save(update_fields=["last_entry_at"])
    return rows
