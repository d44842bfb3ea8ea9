"""Connection overrides: what the fragment of a webhook URL asks of Twilio."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag

POLICIES = frozenset({"ct", "rt", "4xx", "5xx", "all"})


@dataclass(frozen=True, slots=True)
class Overrides:
    """How long to wait, on what to try again, and how often. Times in seconds."""

    retries: int = 1
    policies: frozenset[str] = frozenset({"ct"})
    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0

    def again(self, failure: str) -> bool:
        """Whether this is tried again: ct, rt, 4xx or 5xx. An answer that is none of them never is."""
        return failure != "none" and (failure in self.policies or "all" in self.policies)


def read_overrides(url: str) -> Overrides:
    """Return what the URL's fragment asks for; what makes no sense keeps its default."""
    asked = dict(parse_qsl(urldefrag(url).fragment))
    usual = Overrides()
    policies = frozenset(asked.get("rp", "").split(",")) & POLICIES
    return Overrides(
        retries=_number(asked.get("rc"), usual.retries, 0, 5),
        policies=policies or usual.policies,
        connect=_number(asked.get("ct"), 5000, 100, 10_000) / 1000,
        read=_number(asked.get("rt"), 15_000, 100, 15_000) / 1000,
        total=_number(asked.get("tt"), 15_000, 100, 15_000) / 1000,
    )


def _number(text: str | None, default: int, least: int, most: int) -> int:
    if text is None or not text.isdecimal() or not least <= int(text) <= most:
        return default
    return int(text)
