"""What opens each door when nothing is wrong: the wild values replace parts of it.

A door that is not named here gets every field that any form of the product knows. That opens most of them; the
test `test_every_door_was_opened` says which need a line of their own.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from django import forms

from simulate.bad.doors import Door
from simulate.bad.world import PASSWORD, PICTURE_KEY, World

Fields = dict[str, str]
Skeleton = Callable[[World, Random], Fields]

NEW_PASSWORD = "nine loud otters swim"  # noqa: S105  # nobody keeps it
# Doors that nothing opens in a simulation, each with its reason.
STAYS_SHUT = {
    "lock": "leads to where every address of a locked desk leads",
    "set-up-authenticator": "asks for a session in the middle of an invitation",
    "set-up-recovery-codes": "asks for a session in the middle of an invitation",
    "set-up-passkey": "asks for a session in the middle of an invitation",
    "set-up-passkey-options": "asks for a session in the middle of an invitation",
    "set-up-password": "asks for a session in the middle of an invitation",
    "sign-in-passkey": "asks for the signature of a key",
    "second-passkey": "asks for the signature of a key",
    "confirm-passkey": "asks for the signature of a key",
    "several-undo": "asks for what was signed for one person a moment ago",
    "who-back": "asks for what somebody said of one conversation a moment ago",
    "search-more": "asks for a place that was signed for one search",
}
QUERIES: dict[str, Fields] = {
    "inbox": {"view": "open", "after": "2026-01-01T00:00:00+00:00~01936d5c-0000-7000-8000-000000000000"},
    "inbox-list": {"view": "done", "after": "", "current": ""},
    "inbox-narrow": {"view": "open", "holder": "nobody", "state": "new", "waited": "60", "tag": ""},
    "conversation": {"before": "3"},
    "conversation-entries": {"after": "0"},
    "conversation-older": {"before": "2"},
    "split": {"at": "1"},
    "picture-add": {"key": str(PICTURE_KEY)},
    "log": {"person": "", "about": "", "group": "", "since": "2026-01-01", "until": "2027-01-01", "before": ""},
    "review": {"week": "2026-11-16"},
    "review-person": {"week": "2026-11-16"},
    "sign-in": {"next": "/follow-ups/"},
    "sign-in-code": {"next": "/"},
    "confirm": {"why": "staff", "next": "/staff/"},
    "hook-status": {"message": ""},
    "hook-whisper": {"call": "CA" + "1" * 32},
    "hook-leg-status": {"call": "CA" + "1" * 32},
}


def _fixed(**fields: str) -> Skeleton:
    return lambda world, chance: dict(fields)


def _sid(prefix: str, chance: Random) -> str:
    return f"{prefix}{chance.getrandbits(128):032x}"


def _number(chance: Random) -> str:
    """Mostly somebody who has written before."""
    return f"+1614555{chance.randrange(100, 105) if chance.random() < 0.8 else chance.randrange(105, 200):04d}"


def _text(world: World, chance: Random) -> Fields:
    sid = _sid("SM", chance)
    common = {"AccountSid": world.door.account_sid, "From": _number(chance), "To": world.door.number}
    return {**common, "MessageSid": sid, "SmsSid": sid, "Body": "Hello", "NumMedia": "0", "ApiVersion": "2010-04-01"}


def _status(world: World, chance: Random) -> Fields:
    status = chance.choice(("queued", "sent", "delivered", "undelivered", "failed", "read"))
    return {
        "AccountSid": world.door.account_sid,
        "MessageSid": _sid("SM", chance),
        "MessageStatus": status,
        "ErrorCode": chance.choice(("", "0", "30003", "21610")),
        "From": world.door.number,
        "To": _number(chance),
    }


def _call(world: World, chance: Random) -> Fields:
    return {
        "AccountSid": world.door.account_sid,
        "CallSid": _sid("CA", chance),
        "From": _number(chance),
        "To": world.door.number,
        "CallStatus": chance.choice(("ringing", "no-answer", "busy", "completed", "canceled")),
        "Direction": "inbound",
        "CallDuration": "0",
    }


def _dial(world: World, chance: Random) -> Fields:
    """How ringing the center's phone ended, for her."""
    status = chance.choice(("completed", "no-answer", "busy", "canceled"))
    bridged = chance.choice(("true", "false"))
    return {**_call(world, chance), "DialCallStatus": status, "DialBridged": bridged, "DialCallDuration": "12"}


def _leg(world: World, chance: Random) -> Fields:
    """The center's own phone."""
    status = chance.choice(("in-progress", "completed", "no-answer"))
    numbers = {"From": world.door.number, "To": "+16145550177", "Direction": "outbound-dial"}
    return {**_call(world, chance), **numbers, "CallStatus": status, "Digits": chance.choice(("", "1", "2"))}


def _recording(world: World, chance: Random) -> Fields:
    status = chance.choice(("completed", "absent"))
    more = {"RecordingSid": _sid("RE", chance), "RecordingStatus": status, "RecordingDuration": "3"}
    return {**_call(world, chance), **more}


def _any_webhook(world: World, chance: Random) -> Fields:
    """For a hook that is not named: a recording, a key pressed, a picture."""
    more = {"RecordingSid": _sid("RE", chance), "RecordingStatus": "completed", "RecordingDuration": "3", "Digits": "1"}
    more |= {"DialCallStatus": "no-answer", "DialBridged": "false", "SpeechResult": "hello"}
    more |= {"RecordingUrl": "https://api.twilio.com/x", "MediaUrl0": "https://api.twilio.com/x"}
    return {**_text(world, chance), **_call(world, chance), **more, "MediaContentType0": "image/jpeg"}


def _words(world: World, chance: Random) -> Fields:
    fields = {"body": "I am here", "last_sequence": "9", "key": str(UUID(int=chance.getrandbits(128)))}
    return fields | ({"pictures": chance.choice(world.ids["pictures"])} if chance.random() < 0.2 else {})


def _hours(world: World, chance: Random) -> Fields:
    fields = {"form-TOTAL_FORMS": "7", "form-INITIAL_FORMS": "7", "days": "2026-12-25\n2027-01-01"}
    for day in range(7):
        fields |= {f"form-{day}-weekday": str(day), f"form-{day}-opens": "09:00", f"form-{day}-closes": "17:00"}
    return fields


def _roster(world: World, chance: Random) -> Fields:
    """Mostly nobody is bound: whoever was would soon be outside her hours."""
    bound = "set" if chance.random() < 0.05 else "any"
    fields = {"bound": bound, "week-TOTAL_FORMS": "7", "week-INITIAL_FORMS": "7"}
    for day in range(7):
        fields |= {f"week-{day}-weekday": str(day), f"week-{day}-begins": "00:00", f"week-{day}-ends": "00:00"}
    single = {"days-0-day": "2026-12-25", "days-0-begins": "09:00", "days-0-ends": "17:00"}
    return {**fields, "days-TOTAL_FORMS": "1", "days-INITIAL_FORMS": "0", **single}


def _tag(world: World, chance: Random) -> Fields:
    return {chance.choice(("put_on", "take_off")): chance.choice(world.ids["settings/tags"])}


def _other_number(world: World, chance: Random) -> Fields:
    return {"number": _number(chance), "how": chance.choice(("told", "words", "voice"))}


def _colleague(world: World, chance: Random) -> Fields:
    return {"to": chance.choice(world.ids["staff"])}


def _several(**more: str) -> Skeleton:
    """One conversation as the list showed it when it was new."""
    return lambda world, chance: {"chosen": f"{chance.choice(world.ids['conversations'])}~1~", **more}


def _sign_in(world: World, chance: Random) -> Fields:
    """Hardly ever a whole one: each costs a password's hash."""
    whole = chance.random() < 0.05
    return {"email": chance.choice(world.emails), "password": PASSWORD if whole else "", "next": "/"}


def _accept(world: World, chance: Random) -> Fields:
    whole = chance.random() < 0.1
    way = {"with_passkey": "1"} if chance.random() < 0.02 else {}
    return {"name": "Rahel" if whole else "", "language": "es", **way}


def _proof(world: World, chance: Random) -> Fields:
    """The shape of what a key answers, of bytes that nobody signed; all parts of proving and of making one."""
    parts = ("clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject")
    response = {part: b64encode(chance.randbytes(chance.randrange(200))).decode() for part in parts}
    answer = {"id": "YQ", "rawId": "YQ", "type": "public-key", "response": response}
    return {"name": "My phone", "credential": json.dumps(answer), "next": "/"}


POSTS: dict[str, Skeleton] = {
    "hook-message": _text,
    "hook-status": _status,
    "hook-voice": _call,
    "hook-dial": _dial,
    "hook-whisper": _leg,
    "hook-leg-status": _leg,
    "hook-record": _recording,
    "hook-recording": _recording,
    "hook-call-status": _call,
    "csp-report": _fixed(),
    "sign-in": _sign_in,
    "sign-in-code": _fixed(code="123456", next="/"),
    "sign-in-passkey": _proof,
    "sign-in-passkey-options": _fixed(),
    "second-passkey": _proof,
    "second-passkey-options": _fixed(),
    "passkey-new": _proof,
    "passkey-options": _fixed(),
    "passkey-name": _fixed(name="My phone"),
    "set-up-passkey": _proof,
    "set-up-passkey-options": _fixed(),
    "set-up-password": _fixed(password=""),
    "confirm": _fixed(code="123456", next="/staff/", why="staff"),
    "confirm-passkey": _proof,
    "confirm-passkey-options": _fixed(),
    "sign-out": _fixed(),
    "invitation": _accept,
    "settings": _fixed(name="Naomi", language="en"),
    "settings-password": _fixed(current="", password=NEW_PASSWORD),
    "staff-invite": _fixed(email="somebody@example.org", role="specialist"),
    "staff-role": _fixed(role="specialist"),
    "staff-shifts": _roster,
    "staff-extend": _fixed(longer="15"),
    "staff-return": _fixed(),
    "start-finish": _fixed(),
    "start-connect": _fixed(),
    "start-line": _fixed(
        number="+1 614 555 0142", account_sid="AC" + "1" * 32, auth_token="2" * 32, messaging_service_sid=""
    ),
    "staff-suspend": _fixed(),
    "staff-resume": _fixed(),
    "staff-recovery": _fixed(reason="lost her phone"),
    "staff-passkeys": _fixed(require="never"),
    "settings-authenticator": _fixed(),
    "search-results": _fixed(words="hello", kind="", holder="", since="", until=""),
    "reply": _words,
    "note": _words,
    "draft": _fixed(body="half a sent"),
    "picture-add": _fixed(),
    "picture-remove": _fixed(),
    "assign": _colleague,
    "close": _fixed(outcome="answered"),
    "number-end": _fixed(reason="wrong_number"),
    "view-save": _fixed(name="Spanish, long waits", address="view=open&language=es"),
    "view-rename": _fixed(name="Long waits"),
    "view-remove": _fixed(),
    "view-back": _fixed(),
    "several-give": _several(to="me"),
    "several-close": _several(outcome="answered"),
    "snooze": _fixed(when="moment", until="2027-12-01T10:00"),
    "client-name": _fixed(name="Dana"),
    "client-card": _fixed(seen="1", language="en", prefers="text", calls="never", safe_times="", note="a note"),
    "client-undo": _fixed(seen="1"),
    "client-tag": _tag,
    "who": _fixed(how="new"),
    "split": _fixed(reason="new_owner"),
    "other-number": _other_number,
    "settings-tags": _fixed(label="needs a ride"),
    "settings-tag": _fixed(label="needs a ride"),
    "settings-tag-move": _fixed(by="1"),
    "follow-up-add": _fixed(due_at="2026-12-01T10:00"),
    "follow-up-settle": _fixed(outcome="done", **{"return": "list"}),
    "retry-decision": _fixed(decision="leave"),
    "review-sign-off": _fixed(week="2026-11-16"),
    "settings-access": _fixed(idle_minutes="10", networks=""),
    "settings-hours": _hours,
    "settings-notifications": _fixed(quiet_from="22:00", quiet_until="07:00", mail_after="15", sound="two"),
    "settings-line-calls": _fixed(staff_number="614 555 0177", ring_seconds="20", text_back="on"),
    "settings-template-new": _fixed(use="reply", language="en", name="Short", body="Hello"),
    "settings-template": _fixed(use="reply", language="en", name="Short", body="Hello"),
}


def fields_of(door: Door, world: World, chance: Random) -> Fields:
    """What its form, or Twilio, posts."""
    if door.name in POSTS:
        return POSTS[door.name](world, chance)
    return _any_webhook(world, chance) if door.is_webhook else dict.fromkeys(known_fields(), "1")


@cache
def known_fields() -> tuple[str, ...]:
    """The names of all fields of all forms of the product."""
    ours = (form for form in _descendants(forms.BaseForm) if not form.__module__.startswith("django."))
    return tuple(sorted({name for form in ours for name in getattr(form, "base_fields", {})}))


def _descendants(kind: type[Any]) -> Iterator[type[Any]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)
