"""When we are back, as a client reads it. These words leave with a text: fixed here, and of no catalogue."""

from dataclasses import dataclass
from datetime import datetime

ENGLISH_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
ENGLISH_MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip
SPANISH_DAYS = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]
SPANISH_MONTHS = [
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
]  # fmt: skip


@dataclass(frozen=True)
class Sayings:
    soon: str
    today: str
    tomorrow: str
    on: str
    date: str
    one: str  # before one o'clock
    other: str  # before every other hour
    days: list[str]
    months: list[str]


SAYINGS = {
    "en": Sayings(
        soon="as soon as we can",
        today="today {clock}",
        tomorrow="tomorrow {clock}",
        on="on {day} {clock}",
        date="{month} {number}",
        one="at",
        other="at",
        days=ENGLISH_DAYS,
        months=ENGLISH_MONTHS,
    ),
    "es": Sayings(
        soon="en cuanto podamos",
        today="hoy {clock}",
        tomorrow="mañana {clock}",
        on="el {day} {clock}",
        date="{number} de {month}",
        one="a la",
        other="a las",
        days=SPANISH_DAYS,
        months=SPANISH_MONTHS,
    ),
}


def say_when(opens: datetime | None, now: datetime, language: str) -> str:
    """The next opening as people say it: tomorrow at 9 am, on Monday, on December 28.

    opens, now    both on the center's own clock
    """
    say = SAYINGS[language]
    if opens is None:
        return say.soon
    days = (opens.date() - now.date()).days
    date = say.date.format(month=say.months[opens.month - 1], number=opens.day)
    day = say.days[opens.weekday()] if days < 7 else date
    saying = {0: say.today, 1: say.tomorrow}.get(days, say.on)
    return saying.format(day=day, clock=_clock(opens, say))


def _clock(moment: datetime, say: Sayings) -> str:
    hour, half = moment.hour % 12 or 12, "am" if moment.hour < 12 else "pm"
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{say.one if hour == 1 else say.other} {hour}{minutes} {half}"
