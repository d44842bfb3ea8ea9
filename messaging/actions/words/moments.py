"""When we are back, as a client reads it. These words leave with a text, so they are fixed here, not translated."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.formats import date_format


@dataclass(frozen=True)
class Sayings:
    soon: str
    today: str
    tomorrow: str
    on: str
    clock: str


SAYINGS = {
    "en": Sayings("as soon as we can", "today at {time}", "tomorrow at {time}", "on {day} at {time}", "P"),
    "es": Sayings("en cuanto podamos", "hoy {time}", "mañana {time}", "el {day} {time}", "g:i a"),
}


def say_when(opens: datetime | None, now: datetime, language: str) -> str:
    """The next opening as people say it: tomorrow at 9 a.m., on Monday, on December 28.

    opens, now    both on the center's own clock
    """
    say = SAYINGS[language]
    if opens is None:
        return say.soon
    days = (opens.date() - now.date()).days
    with translation.override(language):
        clock = date_format(opens, say.clock)
        day = date_format(opens, "l" if days < 7 else "MONTH_DAY_FORMAT")
    if language == "es":
        clock = f"{'a la' if opens.hour % 12 == 1 else 'a las'} {clock}"
    saying = {0: say.today, 1: say.tomorrow}.get(days, say.on)
    return saying.format(day=day, time=clock)
