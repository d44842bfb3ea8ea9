"""What every template needs: nonces for htmx, icons, times, and words that cannot break a page."""

import re
from datetime import datetime, timedelta

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

# Unicode TR9 controls, zero-width spaces and the byte order mark: they reorder or hide words. A single
# zero-width joiner stays, because emoji are built with it.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_JOINERS = re.compile("[\u200c\u200d]{2,}")
_MARK = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED_MARKS = re.compile(f"({_MARK}{{3}}){_MARK}+")


@register.simple_tag(takes_context=True)
def hx(context: Context) -> SafeString:
    """The nonce without which `hx-csp` removes the hx-attributes of an element."""
    return format_html('hx-nonce="{}"', context["request"].csp_nonce)


@register.simple_tag
def icon(name: str) -> SafeString:
    """One icon of the sprite. It is never alone: the word beside it says the same."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("icons.svg"), name)


@register.simple_tag
def widget(field: BoundField) -> SafeString:
    """A field of a form. After a refusal the first wrong one, or else the first, has the focus and says why."""
    form = field.form
    wrong = [one for one in form.visible_fields() if one.errors] or form.visible_fields()
    if not form.errors or field.name != wrong[0].name:
        return field.as_widget()
    described = [field.aria_describedby, errors_id(form) if form.non_field_errors() else None]
    return field.as_widget(attrs={"autofocus": True, "aria-describedby": " ".join(filter(None, described))})


@register.filter
def errors_id(form: BaseForm) -> str:
    """The id of the words that say what is wrong with a form as a whole."""
    return f"{form.prefix or 'form'}-errors"


@register.simple_tag
def passkey_address() -> str:
    """Where passkeys work: they belong to one host, and a trial on this machine also answers at another."""
    return f"{settings.PASSKEY_ORIGIN}{reverse('sign-in')}"


@register.simple_tag
def local_time(moment: datetime, mode: str = "clock") -> SafeString:
    """A moment that the browser draws in the reader's way; the words inside are for when it cannot.

    mode    clock (14:05), moment (14:05, or a date when it was not today), ago (12 min),
            due (in 2 hours, 3 days ago), day (Monday, 24 November)
    """
    local = timezone.localtime(moment)
    words = _FALLBACKS[mode](local)
    return format_html('<local-time datetime="{}" mode="{}">{}</local-time>', local.isoformat(), mode, words)


@register.simple_tag
def open_wait(since: datetime, waited: timedelta, counts_from: datetime | None) -> SafeString:
    """How long somebody has waited in open hours. The browser goes on counting from a moment, if one is given.

    That is said from the beginning of the running minute on, so that within it the same is drawn.
    """
    local, (minutes, more) = timezone.localtime(since).isoformat(), divmod(waited, timedelta(minutes=1))
    counting = (counts_from - more).isoformat() if counts_from else ""
    drawn = '<local-time datetime="{}" mode="waited" data-minutes="{}" data-counts-from="{}">{}</local-time>'
    return format_html(drawn, local, minutes, counting, _short(waited, days=False))


@register.filter
def shown(words: object) -> str:
    """Words of anybody, without characters that reorder, hide or pile up what stands around them."""
    visible = _HIDDEN.sub("", str(words).replace("\r\n", "\n").replace("\r", "\n"))
    return _PILED_MARKS.sub(r"\1", _JOINERS.sub("\u200d", visible))


@register.filter
def minutes(seconds: int) -> str:
    """A length as players show it: 0:21, 12:05."""
    return f"{seconds // 60}:{seconds % 60:02}"


def _ago(moment: datetime) -> str:
    return _short(timezone.now() - moment)


def _short(span: timedelta, *, days: bool = True) -> str:
    """A length of time in the largest unit that fits: 12 min, 3 h, 2 d."""
    minutes = max(int(span.total_seconds() // 60), 0)
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return _("%(count)s min") % {"count": minutes}
    if minutes < 60 * 24 or not days:
        return _("%(count)s h") % {"count": minutes // 60}
    return _("%(count)s d") % {"count": minutes // (60 * 24)}


_FALLBACKS = {
    "clock": lambda moment: date_format(moment, "TIME_FORMAT"),
    "moment": lambda moment: date_format(moment, "SHORT_DATETIME_FORMAT"),
    "due": lambda moment: date_format(moment, "SHORT_DATETIME_FORMAT"),
    "day": lambda moment: date_format(moment, "l, j F"),
    "ago": _ago,
}
