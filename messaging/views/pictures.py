"""Pictures on their way out: added to what a person writes, shown to her alone, handed to Twilio by address."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actions.attempts import TooMany
from accounts.limits import Door
from accounts.places import place_of
from accounts.requests import NotYet, StaffRequest, asked_by_itself
from accounts.views.limited import miss
from encryption.errors import SealError
from messaging.actions.draft_pictures import (
    NoTimeForIt,
    PictureRefused,
    add_picture,
    added_before,
    draw,
    refuse_without_room,
    remove_picture,
)
from messaging.actions.picture_addresses import open_address
from messaging.models import DraftPicture
from messaging.pictures import Picture
from messaging.views.door import conversation_or_404, my_conversations
from messaging.views.files import SANDBOX

MOST_BYTES = 15_000_000  # of one picture as it comes; drawn anew it is smaller
TOO_LARGE = _("This picture was not added: it is larger than 15 MB. Save it smaller, and add it again.")


@require_POST
def add(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take one picture, whose bytes are the body: nothing of it touches a disk before it is sealed."""
    conversation = conversation_or_404(request, pk)
    if _announced(request) > MOST_BYTES:
        return _refused(TOO_LARGE, 413)
    try:
        key = forms.UUIDField().clean(request.GET.get("key", ""))
    except forms.ValidationError:
        return HttpResponse(status=400)
    if added := added_before(conversation, request.member, key):
        return _added(added)
    try:
        refuse_without_room(request.member)
    except PictureRefused as refusal:
        return _refused(refusal.words, 422)
    return NotYet(partial(_draw, request, pk, key))


def _draw(request: StaffRequest, pk: UUID, key: UUID) -> HttpResponse | Callable[[], HttpResponse]:
    """Read what comes and draw it anew: both take as long as they take, and hold nothing meanwhile."""
    try:
        return partial(_put, request, pk, key, draw(request.read(MOST_BYTES)))
    except NoTimeForIt as refusal:
        response = _refused(refusal.words, 503)
        response["Retry-After"] = "5"
        return response
    except PictureRefused as refusal:
        return _refused(refusal.words, 422)


def _put(request: StaffRequest, pk: UUID, key: UUID, picture: Picture) -> HttpResponse:
    conversation = conversation_or_404(request, pk)
    try:
        return _added(add_picture(conversation, by=request.member, picture=picture, client_key=key))
    except PictureRefused as refusal:
        return _refused(refusal.words, 422)


@asked_by_itself
@require_GET
def show(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A picture that has been added and not sent, to whoever added it."""
    try:
        picture = _mine(request, pk)
        response = HttpResponse(picture.content, content_type=picture.content_type)
    except SealError:
        raise Http404 from None
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = SANDBOX
    return response


@require_POST
def remove(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take a picture away again."""
    remove_picture(_mine(request, pk))
    return HttpResponse(status=204)


@login_not_required  # Twilio fetches without a password: that the address cannot be guessed is the proof
def hand_over(request: HttpRequest, secret: str) -> HttpResponse:
    """A picture by its address. One that is wrong, over, or somebody else's is the same plain 404, thirty times."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    handed = open_address(secret, record_it=request.method == "GET")
    if handed is None:
        return _not_there(request)
    response = HttpResponse(handed.content if request.method == "GET" else b"", content_type=handed.content_type)
    response["Content-Length"] = str(len(handed.content))
    return response


def _not_there(request: HttpRequest) -> HttpResponse:
    """Plain, and plainer still to whoever keeps on guessing; an address that is right opens for everybody."""
    try:
        miss(Door.PICTURE, place_of(request))
    except TooMany as refusal:
        return HttpResponse(status=429, headers={"Retry-After": str(refusal.seconds)})
    return HttpResponse("Not found.", status=404, content_type="text/plain")


def _mine(request: StaffRequest, pk: UUID) -> DraftPicture:
    mine = DraftPicture.objects.filter(conversation__in=my_conversations(request), staff=request.member.staff_id)
    return get_object_or_404(mine.select_related("conversation"), pk=pk)


def _announced(request: StaffRequest) -> int:
    """How many bytes are said to come; no more than that can be read."""
    said = request.META.get("CONTENT_LENGTH", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else 0


def _added(picture: DraftPicture) -> HttpResponse:
    answer = {"id": picture.pk, "show": reverse("picture", args=[picture.pk])}
    return JsonResponse({**answer, "remove": reverse("picture-remove", args=[picture.pk])}, status=201)


def _refused(words: object, status: int) -> HttpResponse:
    return JsonResponse({"words": str(words)}, status=status)
