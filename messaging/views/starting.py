"""The first run: an admin is led through five steps, each of which is looked at for real."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import NotYet, StaffRequest, asked_by_itself
from audit.fresh import Why, needs_fresh_factor
from messaging.actions import lines, starting
from messaging.actions.connecting import Connection, stand
from messaging.line_forms import LineForm
from messaging.models import Line
from messaging.twilio import AccountRefused, Busy

UNPROCESSABLE = 422
WORDS = {
    Connection.RIGHT: _("Twilio calls us for this number now. Text it from any phone to see that it does."),
    Connection.DIFFERS: _("Twilio shows other addresses than those we set. Please try again, then look at it there."),
    Connection.NOT_THERE: _("The account does not hold this number any more. Nothing was changed."),
    Connection.AWAY: _(
        "Twilio cannot be asked just now, or does not take the token any more. Nothing was changed; please try again in"
        " a minute."
    ),
}


@require_GET
def show(request: StaffRequest) -> HttpResponse:
    return render(request, "messaging/settings/start.html", {"progress": starting.progress_of(request.member)})


@asked_by_itself
@require_GET
def steps(request: StaffRequest) -> HttpResponse:
    """The steps alone: the page asks while it waits for the first text."""
    return render(request, "messaging/settings/_steps.html", {"progress": starting.progress_of(request.member)})


@needs_fresh_factor(Why.LINES)
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def add_line(request: StaffRequest) -> HttpResponse:
    """Connect a number: Twilio has to say first that it is theirs."""
    form = LineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return NotYet(partial(_prove, request, form))
    return _line_page(request, form)


def _prove(request: StaffRequest, form: LineForm) -> HttpResponse | Callable[[], HttpResponse]:
    """Ask Twilio, with nothing held meanwhile."""
    given = form.cleaned_data
    try:
        starting.prove_line(
            request.member.center,
            number=given["number"],
            account_sid=given["account_sid"],
            auth_token=given["auth_token"],
        )
    except AccountRefused:
        form.add_error("auth_token", _("Twilio does not accept this account SID and token together. Nothing was kept."))
    except starting.NotAtTwilio:
        form.add_error("number", _("This account does not hold this number. Look at it in Twilio's console."))
    except Busy:
        form.add_error(None, _("Twilio cannot be asked just now. Nothing was kept; please try again in a minute."))
    if form.errors:
        return partial(_line_page, request, form)
    return partial(_keep_line, request, form)


def _keep_line(request: StaffRequest, form: LineForm) -> HttpResponse:
    try:
        lines.add_line(request.member.center, **form.cleaned_data)
    except lines.NumberTaken:
        form.add_error("number", _("This center has this line already."))
        return _line_page(request, form)
    messages.success(request, _("The number is connected. Next, have Twilio call us for it."))
    return redirect("start")


def _line_page(request: StaffRequest, form: LineForm) -> HttpResponse:
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "messaging/settings/start_line.html", {"form": form}, status=status)


@needs_fresh_factor(Why.LINES)
@require_POST
def connect(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Have Twilio call us for a line."""
    line = get_object_or_404(Line, pk=pk, center=request.member.center_id, retired_at=None)
    return NotYet(partial(_connect, request, line))


def _connect(request: StaffRequest, line: Line) -> Callable[[], HttpResponse]:
    return partial(_connected, request, line, stand(line, mend=True))


def _connected(request: StaffRequest, line: Line, connection: Connection) -> HttpResponse:
    starting.note_connection(request.member.center, line.pk, connection)
    level = messages.SUCCESS if connection == Connection.RIGHT else messages.ERROR
    messages.add_message(request, level, WORDS[connection])
    return redirect("start")


@require_POST
def finish(request: StaffRequest) -> HttpResponse:
    starting.finish(request.member.center)
    return redirect("inbox")
