"""Every address of the URL resolver. A new one is a door by itself; what opens it stands in `skeletons`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
WEBHOOK = "hooks/twilio/"
# Reached without a member: a caller's session counts for nothing there, or is only half of one.
ANONYMOUS = "not behind the gate"


@dataclass(frozen=True)
class Door:
    """One address: its name, its route as Django writes it, and whether strangers reach its view."""

    name: str
    route: str
    is_open: bool

    @property
    def is_webhook(self) -> bool:
        return self.route.startswith(WEBHOOK)

    @property
    def kind_of_id(self) -> str:
        """The words of the path before its id: "conversations", "settings/templates"."""
        return self.route.partition("/<")[0]

    def path(self, *values: str) -> str:
        """The path with these values for its parameters, in their order; the last one fills the rest."""
        given = iter(values)
        last = values[-1] if values else ""
        return "/" + PARAMETER.sub(lambda _: next(given, last), self.route)

    @property
    def has_parameter(self) -> bool:
        return bool(PARAMETER.search(self.route))


@cache
def all_doors() -> tuple[Door, ...]:
    """The doors of the running configuration, in the resolver's order."""
    return tuple(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: list[Any], before: str) -> Iterator[Door]:
    for found in patterns:
        route = before + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from _walk(found.url_patterns, route)
        elif isinstance(found, URLPattern):
            is_open = not getattr(found.callback, "login_required", True)
            yield Door(found.name or route, route, is_open)
