"""What the twin keeps: texts, media, calls, recordings, and every webhook it sent."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Message:
    """One text, either way. `person` is the phone's number, `line` the center's."""

    sid: str
    account: str
    direction: str  # inbound, outbound-api, outbound-reply
    person: str
    line: str
    body: str
    status: str
    created: float
    segments: int = 1
    updated: float = 0.0
    sent: float | None = None
    service: str | None = None
    error: int | None = None
    media: list[str] = field(default_factory=list)
    media_urls: list[str] = field(default_factory=list)  # outbound: where Twilio is to fetch them
    status_url: str = ""
    plan: str = ""
    steps_done: int = 0
    send_at: float | None = None
    keeps_body: bool = True
    redacted: bool = False
    deleted: float | None = None
    history: list[tuple[str, float]] = field(default_factory=list)
    heard: str = ""  # inbound: what the center's server answered

    @property
    def inbound(self) -> bool:
        return self.direction == "inbound"


@dataclass(slots=True)
class Media:
    """One file of a text."""

    sid: str
    account: str
    message: str
    content_type: str
    data: bytes
    created: float
    deleted: float | None = None


@dataclass(slots=True)
class Call:
    """One call from a person to the center."""

    sid: str
    account: str
    person: str
    line: str
    ending: str
    status: str
    created: float
    answered: float | None = None
    ended: float | None = None
    told: list[str] = field(default_factory=list)  # what the caller heard and what happened, for the page
    seconds: int = 0  # how long a talk or a message is said to be; 0: as usual
    lived: int = 0  # seconds that are told of, but were not waited for
    stage: str = ""  # calling, greeting, ringing, whisper, talking, beep, recording; empty when it is over
    since: float = 0.0
    hears: str = ""

    @property
    def length(self) -> int:
        """Seconds between the answer and the end."""
        moment = self.ended or self.created
        return round(moment - (self.answered or moment)) + self.lived


@dataclass(slots=True)
class Leg:
    """One phone of the center that a Dial rings: a call of its own at Twilio."""

    sid: str
    account: str
    call: str
    number: str
    caller_id: str
    created: float
    status: str = "queued"
    answered: float | None = None
    ended: float | None = None
    bridged: bool = False
    seconds: int = 0  # how long it is said to be; 0: as long as it was
    reports: int = 0  # status callbacks so far
    stage: str = ""  # ringing, whisper, talking; empty when it is over
    since: float = 0.0
    hears: str = ""

    @property
    def length(self) -> int:
        """Seconds between the answer and the end, at least one if there was an answer."""
        if self.answered is None:
            return 0
        return self.seconds or max(1, round((self.ended or self.answered) - self.answered))


@dataclass(slots=True)
class Recording:
    """What a caller left after the tone."""

    sid: str
    account: str
    call: str
    seconds: int
    created: float
    deleted: float | None = None
    status: str = "completed"  # absent: nothing was said, there is no file
    ready: float = 0.0  # when the file can be had
    callback: str = ""
    told: bool = True  # whether all that follows from it has been done


@dataclass(slots=True)
class Attempt:
    """One try to reach the center's server."""

    url: str
    at: float
    seconds: float = 0.0
    status: int | None = None
    failure: str = ""  # ct, rt, or the code of an unusable answer


@dataclass(slots=True)
class Webhook:
    """One thing the center's server was told, with every try and what came back."""

    sid: str
    about: str  # message, status, voice, dial, whisper, record, recording, leg_status, call_status, raw
    subject: str
    url: str
    token: str
    params: dict[str, str]
    at: float
    attempts: list[Attempt] = field(default_factory=list)
    outcome: str = "waiting"  # answered, failed, dropped

    @property
    def status(self) -> int | None:
        return self.attempts[-1].status if self.attempts else None

    @property
    def heard(self) -> str:
        """The answer in a word: a status, or why there was none."""
        if not self.attempts:
            return self.outcome
        last = self.attempts[-1]
        return str(last.status) if last.status else last.failure


Record = Message | Media | Call | Leg | Recording | Webhook
KINDS: dict[str, Any] = {
    "message": Message,
    "media": Media,
    "call": Call,
    "leg": Leg,
    "recording": Recording,
    "webhook": Webhook,
}
