"""The tags of the center: which there are, what they are called, and in which order."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import StaffRequest
from encryption.prefetch import prefetch_keys
from messaging.actions.tags import MOST, TooMany, add_tag, move_tag, rename_tag, retire_tag, revive_tag
from messaging.models import ClientTag, Tag
from messaging.settings_forms import MoveForm, TagForm


@require_http_methods(["GET", "POST"])
def show(request: StaffRequest) -> HttpResponse:
    """All tags; posted, a new one."""
    form = TagForm(request.POST or None, others=_tags(request))
    if request.method != "POST":
        return _drawn(request, form=form)
    if not form.is_valid():
        return _drawn(request, status=422, form=form)
    try:
        add_tag(request.member.center, form.cleaned_data["label"])
    except TooMany:
        form.add_error("label", _too_many())
        return _drawn(request, status=422, form=form)
    return redirect("settings-tags")


@require_POST
def rename(request: StaffRequest, pk: UUID) -> HttpResponse:
    tag = _tag(request, pk)
    form = TagForm(request.POST, others=_tags(request).exclude(pk=pk))
    if not form.is_valid():
        return _drawn(request, status=422, wrong=pk, wrong_form=form)
    rename_tag(tag, form.cleaned_data["label"])
    messages.success(request, _("The tag is called that now, wherever it is."))
    return redirect("settings-tags")


@require_POST
def move(request: StaffRequest, pk: UUID) -> HttpResponse:
    tag, form = _tag(request, pk), MoveForm(request.POST)
    if form.is_valid():
        move_tag(tag, by=form.cleaned_data["by"])
    return redirect("settings-tags")


@require_POST
def retire(request: StaffRequest, pk: UUID) -> HttpResponse:
    retire_tag(_tag(request, pk))
    messages.success(request, _("Out of use. Where it is, it stays until somebody takes it off."))
    return redirect("settings-tags")


@require_POST
def revive(request: StaffRequest, pk: UUID) -> HttpResponse:
    try:
        revive_tag(_tag(request, pk))
    except TooMany:
        messages.error(request, _too_many())
    return redirect("settings-tags")


def _tags(request: StaffRequest) -> QuerySet[Tag]:
    return Tag.objects.filter(center=request.member.center_id)


def _tag(request: StaffRequest, pk: UUID) -> Tag:
    return get_object_or_404(_tags(request).select_related("center"), pk=pk)


def _too_many() -> str:
    return _("%(most)s tags are in use, and that is the most. Put one out of use first.") % {"most": MOST}


def _drawn(request: StaffRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    """Each with how many clients have it."""
    have_it = ClientTag.objects.filter(tag=OuterRef("pk")).order_by().values("tag").annotate(count=Count("pk"))
    tags = list(_tags(request).annotate(clients=Coalesce(Subquery(have_it.values("count")), 0)))
    prefetch_keys(tags)
    shown = {"in_use": [tag for tag in tags if not tag.retired_at], "retired": [tag for tag in tags if tag.retired_at]}
    fresh = {"form": TagForm(others=[])}
    return render(request, "messaging/settings/tags.html", {**fresh, **shown, **context}, status=status)
