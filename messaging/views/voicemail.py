"""Listening to what a caller left: in ranges, out of the sealed store, by an address of a minute."""

import re
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import StaffRequest
from audit.events import Event
from audit.record import record_read
from encryption.chunks import SealedFile
from encryption.errors import SealError
from encryption.stored_file import stored_file
from messaging.actions.voicemails import ask_again
from messaging.models import Recording, RecordingState
from messaging.views.door import my_conversations

TOKEN_SECONDS = 60
ONE_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")
SANDBOX = "sandbox; default-src 'none'; media-src 'self'"


@require_GET
def play(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Somebody presses play: that is recorded, and the way to the sound opens for a minute."""
    recording = _mine(request, pk)
    row = recording.call.conversation
    if row is not None:
        record_read(recording, event=Event.VOICEMAIL_PLAYED, conversation=row.pk, client=row.client_id)
    return redirect("voicemail-sound", recording.pk, _signer(request).sign(recording.pk.hex))


@require_GET
def sound(request: StaffRequest, pk: UUID, token: str) -> HttpResponse:
    """The sound, or a part of it. An address that is over, or of another session, goes round by `play` again."""
    recording = _mine(request, pk)
    try:
        is_good = _signer(request).unsign(token, max_age=TOKEN_SECONDS) == recording.pk.hex
    except BadSignature:
        is_good = False
    if not is_good:
        return redirect("voicemail", recording.pk)
    try:
        return _answer(stored_file(recording, "content"), recording.content_type, request.headers.get("Range", ""))
    except SealError:
        raise Http404 from None


@require_POST
def again(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Ask once more for what could not be fetched."""
    recording = _mine(request, pk, RecordingState.LOST)
    ask_again(recording)
    return redirect("conversation", recording.call.conversation_id)


def _mine(request: StaffRequest, pk: UUID, state: RecordingState = RecordingState.STORED) -> Recording:
    """One recording, if this person may read its conversation."""
    mine = Recording.objects.without_content().filter(call__conversation__in=my_conversations(request))
    return get_object_or_404(mine.select_related("call__conversation"), pk=pk, state=state)


def _signer(request: StaffRequest) -> TimestampSigner:
    """Bound to the session: what one browser was given opens nothing in another."""
    return TimestampSigner(salt=f"voicemail {request.session.session_key}")


def _answer(file: SealedFile, content_type: str, asked: str) -> HttpResponse:
    """All of it, or one range (RFC 9110, 14). Ranges that are not understood are passed over, as the RFC has it."""
    span = _span(asked, file.length)
    if span is None:
        response = HttpResponse(file.whole(), content_type=content_type)
    elif span[0] >= span[1]:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{file.length}"
    else:
        part = b"".join(file.pieces(*span))
        response = HttpResponse(part, status=206, content_type=content_type)
        response["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{file.length}"
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = SANDBOX
    return response


def _span(asked: str, length: int) -> tuple[int, int] | None:
    """From where up to, not including, where; None for the whole, an empty span for what is not there."""
    found = ONE_RANGE.fullmatch(asked)
    if found is None or asked == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        return max(length - int(last), 0), length if int(last) else 0
    end = min(int(last) + 1, length) if last else length
    if last and int(last) < int(first):
        return None
    return int(first), end
