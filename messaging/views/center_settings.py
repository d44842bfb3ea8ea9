"""What an admin sets for the center: opening hours, ready words, and how its lines are doing."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import StaffRequest
from audit.fresh import Why, needs_fresh_factor
from messaging.actions.center_words import change_template, retire_template, set_hours, that_tell
from messaging.actions.line_calls import set_calls
from messaging.models import ClosedDay, Line, OpeningHours, Template
from messaging.settings_forms import CallsForm, ClosedDaysForm, HoursFormSet, TemplateForm, hours_initial, spans_of


@require_http_methods(["GET", "POST"])
def hours(request: StaffRequest) -> HttpResponse:
    center = request.member.center
    spans = OpeningHours.objects.filter(center=center)
    days = ClosedDay.objects.filter(center=center).order_by("day").values_list("day", flat=True)
    forms = HoursFormSet(request.POST or None, initial=hours_initial(spans))
    closed = ClosedDaysForm(request.POST or None, initial={"days": "\n".join(map(str, days))})
    if request.method == "POST" and forms.is_valid() and closed.is_valid():
        set_hours(center, spans_of(forms), closed.cleaned_data["days"])
        messages.success(request, _("The opening hours are saved."))
        return redirect("settings-hours")
    status = 422 if request.method == "POST" else 200
    context = {"forms": forms, "closed": closed, "center": center, "is_set": spans.exists()}
    return render(request, "messaging/settings/hours.html", context, status=status)


@require_GET
def templates(request: StaffRequest) -> HttpResponse:
    ready = Template.objects.filter(center=request.member.center_id, retired_at=None)
    shown = list(ready.order_by("use", "language", "created_at"))
    context = {"templates": shown, "telling": that_tell(request.member.center, shown)}
    return render(request, "messaging/settings/templates.html", context)


@require_http_methods(["GET", "POST"])
def edit_template(request: StaffRequest, pk: UUID | None = None) -> HttpResponse:
    mine = Template.objects.filter(center=request.member.center_id, retired_at=None)
    template = get_object_or_404(mine, pk=pk) if pk else None
    form = TemplateForm(request.POST or None, center=request.member.center, template=template)
    if request.method == "POST" and form.is_valid():
        change_template(request.member.center, template, **form.cleaned_data)
        messages.success(request, _("The words are saved."))
        return redirect("settings-templates")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "template": template}
    return render(request, "messaging/settings/template.html", context, status=status)


@require_POST
def remove_template(request: StaffRequest, pk: UUID) -> HttpResponse:
    template = get_object_or_404(Template, pk=pk, center=request.member.center_id, retired_at=None)
    retire_template(template)
    messages.success(request, _("Removed. Texts that used it stay as they were sent."))
    return redirect("settings-templates")


@require_GET
def lines(request: StaffRequest) -> HttpResponse:
    context = {"lines": Line.objects.filter(center=request.member.center_id).order_by("created_at")}
    return render(request, "messaging/settings/lines.html", context)


@needs_fresh_factor(Why.LINES)
@require_http_methods(["GET", "POST"])
def line_calls(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Which phone rings when clients call a line, and what follows when nobody answers."""
    line = get_object_or_404(Line, pk=pk, center=request.member.center_id, retired_at=None)
    form = CallsForm(request.POST or None, line=line)
    if request.method == "POST" and form.is_valid():
        set_calls(line, **form.cleaned_data)
        messages.success(request, _("The settings for calls are saved."))
        return redirect("settings-lines")
    status = 422 if request.method == "POST" else 200
    has_hours = OpeningHours.objects.filter(center=request.member.center_id).exists()
    context = {"form": form, "line": line, "has_hours": has_hours}
    return render(request, "messaging/settings/line_calls.html", context, status=status)
