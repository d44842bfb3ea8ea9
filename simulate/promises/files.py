"""I1, for pictures and files: each has its place, and is here, still fetched, or said to be gone."""

from collections import Counter
from collections.abc import Iterator
from typing import Any


def there(rows: list[Any]) -> Iterator[str]:
    from jobs.models import Job
    from messaging.actions.work import Work
    from messaging.models import Attachment, AttachmentState

    places = Counter(Attachment.objects.values_list("message_id", flat=True))
    yield from (
        f"I1: {places[row.pk]} places for {row.media_count} files of {row.pk}"
        for row in rows
        if row.is_inbound and places[row.pk] != row.media_count
    )
    fetched = set(Job.objects.waiting().filter(kind=Work.FETCH_FILES).values_list("subject_id", flat=True))
    coming = set(Attachment.objects.filter(state=AttachmentState.COMING).values_list("message_id", flat=True))
    yield from (f"I1: a file is awaited that nobody fetches: {message}" for message in coming - fetched)
