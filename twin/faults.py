"""Misbehaviour on request: what goes wrong, where, how often."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from secrets import SystemRandom
from typing import Any

from twin.errors import ConfigProblem
from twin.sids import new_sid

REST_KINDS = frozenset(
    {"429", "500", "html502", "404", "401", "hang", "slow", "drop_before", "drop_after_accept", "broken_body"}
    | {"gone", "huge", "wrong_type"}
)
FETCH_KINDS = frozenset({"fetch_twice", "fetch_late", "fetch_never"})
WEBHOOK_KINDS = frozenset({"duplicate", "burst", "delay", "reorder", "drop", "bad_signature"})
USUAL_SECONDS = {"hang": 60.0, "slow": 2.0, "fetch_late": 5.0, "delay": 1.0, "reorder": 1.0}
USUAL_COPIES = {"duplicate": 2, "burst": 20, "reorder": 2}
CHANCE = SystemRandom()


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong, for as many matches as `times` says (-1: every one)."""

    kind: str
    path: str = ""
    method: str = ""
    about: str = ""  # of webhooks: message, status, voice, dial, whisper, record, recording, leg_status, call_status
    times: int = 1
    probability: float = 1.0
    seconds: float = 0.0
    retry_after: int | None = None
    copies: int = 0  # duplicate, burst: how many in all; reorder: how many are gathered
    accept: bool = False  # 500, html502, hang: do the work first, then fail
    hits: int = 0
    id: str = field(default_factory=lambda: new_sid("FA"))

    def strikes(self, path: str, method: str, about: str) -> bool:
        """Whether this request is hit; counts it if so."""
        if self.times == 0 or (self.about and self.about != about):
            return False
        if self.method and self.method.upper() != method.upper():
            return False
        if not re.search(self.path, path) or CHANCE.random() >= self.probability:
            return False
        self.times -= self.times > 0
        self.hits += 1
        return True


class FaultBook:
    """The faults in force, oldest first; the first that matches strikes."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, data: Mapping[str, Any]) -> Fault:
        """Put a fault in force, or say what is wrong with its description."""
        fault = _read(data)
        self.faults.append(fault)
        return fault

    def remove(self, fault_id: str | None = None) -> None:
        """End one fault, or all."""
        self.faults = [fault for fault in self.faults if fault_id and fault.id != fault_id]

    def for_request(self, path: str, method: str) -> Fault | None:
        return self._first(REST_KINDS, path, method, "")

    def for_webhook(self, path: str, method: str, about: str) -> Fault | None:
        return self._first(WEBHOOK_KINDS, path, method, about)

    def for_fetch(self, path: str) -> Fault | None:
        return self._first(FETCH_KINDS, path, "GET", "")

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.faults]

    def _first(self, kinds: Iterable[str], path: str, method: str, about: str) -> Fault | None:
        return next((f for f in self.faults if f.kind in kinds and f.strikes(path, method, about)), None)


def _read(data: Mapping[str, Any]) -> Fault:
    flat = {**{k: v for k, v in data.items() if k != "match"}, **(data.get("match") or {})}
    kind = str(flat.get("kind", ""))
    if kind not in REST_KINDS | WEBHOOK_KINDS | FETCH_KINDS:
        raise ConfigProblem(f"There is no fault of the kind {kind!r}.")
    allowed = {"path", "method", "about", "times", "probability", "seconds", "retry_after", "copies", "accept"}
    if strange := sorted(set(flat) - allowed - {"kind"}):
        raise ConfigProblem(f"A fault has no {strange[0]!r}.")
    fault = Fault(**{key: value for key, value in flat.items() if value is not None})
    _complete(fault)
    return fault


def _complete(fault: Fault) -> None:
    fault.seconds = float(fault.seconds or USUAL_SECONDS.get(fault.kind, 0.0))
    fault.copies = int(fault.copies or USUAL_COPIES.get(fault.kind, 1))
    try:
        re.compile(fault.path)
    except re.error:
        raise ConfigProblem("The path of a fault must be a regular expression.") from None
