"""Every address and every role, with things of one's own, of nobody, of a colleague and of another center (AUTHZ-01).

The table in accounts/roles.py says who may; this asks every door of the product whether it goes by that.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, path, reverse
from django.urls.resolvers import RegexPattern

from accounts.actions import people
from accounts.models import Center, Membership, Passkey, Role
from accounts.roles import ALLOWED, NEEDS, Permission
from accounts.routes import patterns, refuse_unlisted
from accounts.sockets import members_of
from audit.models import LogEntry
from audit.sequencer import sequence_all
from messaging.actions.assignment import assign
from messaging.actions.calls import News, note_call
from messaging.actions.lines import add_line
from messaging.actions.replies import write_reply
from messaging.actions.voicemails import note_recording
from messaging.models import (
    Attachment,
    Conversation,
    DraftPicture,
    FollowUp,
    Line,
    Message,
    Recording,
    RecordingState,
    Template,
)
from messaging.twilio import CallPost, RecordingPost, door_to
from tenancy.ids import uuid7
from tenancy.scope import in_center, in_platform
from tests.cast import ACCOUNT, TOKEN, employ
from tests.doors import sid, signed_in, text_in

pytestmark = pytest.mark.django_db

GUARDED = sorted((one for one in patterns() if str(one.name) in NEEDS), key=lambda one: str(one.name))
OWN, FREE, COLLEAGUES, FOREIGN = "her own", "nobody's", "a colleague's", "another center's"
# What the id in an address stands for: of a conversation, or of the center.
OF_A_CONVERSATION = {
    "conversation": "conversation", "conversation-entries": "conversation", "conversation-older": "conversation",
    "reply": "conversation", "note": "conversation", "draft": "conversation", "ready-words": "conversation",
    "take": "conversation", "release": "conversation", "colleagues": "conversation", "assign": "conversation",
    "close": "conversation", "reopen": "conversation", "client-name": "conversation", "client-number": "conversation",
    "follow-up-add": "conversation", "file": "file", "files-again": "with_files", "voicemail": "recording",
    "voicemail-sound": "recording", "voicemail-again": "recording", "undo": "message", "retry-decision": "message",
    "follow-up-settle": "follow_up", "picture-add": "conversation",
}  # fmt: skip
OF_THE_CENTER = {
    "settings-template": "template", "settings-template-remove": "template", "settings-line-calls": "line",
    "send-again": "line", "staff-role": "membership", "staff-end": "membership",
    "staff-sessions": "membership", "staff-session-end": "membership", "log-entry": "entry",
    "log-proof": "entry", "review-person": "person", "review-client": "client",
}  # fmt: skip
OF_ONE_PERSON = {
    "passkey-name": "passkey", "passkey-remove": "passkey", "picture": "picture", "picture-remove": "picture",
}  # fmt: skip
# What is there and may be seen, and still answers 404 to these bare requests, each with its reason.
NOT_LIKE_THIS = {
    "voicemail-sound": "its address carries a token of a minute",
    "voicemail-again": "only what could not be fetched is asked for again",
}
GONE, REFUSED = {404}, {403}
NEVER = {401, 403, 404, 500, 503}


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def staff(center: Center) -> dict[str, Membership]:
    return {role.value: employ(center, role.label.replace(" ", ""), role) for role in Role}


def _world(line: Line, member: Membership, number: int, holder: Membership | None) -> dict[str, Any]:
    """A conversation with one of everything in it, and one of everything of its center."""
    phone, picture = f"+161455501{number:02d}", sid(700 + number)
    text_in(line, "I need to talk", From=phone, To=line.number, MessageSid=sid(600 + number))
    text_in(line, "", From=phone, To=line.number, MessageSid=picture, NumMedia="1")
    with in_platform():
        door = door_to(Line.objects.get(pk=line.pk))
    call = CallPost(sid=f"CA{number:032x}", caller=phone, status="completed")
    note_call(door, call, News(unanswered=True, ended=True))
    note_recording(door, RecordingPost(f"RE{number:032x}", call.sid, is_absent=False, seconds=3))
    with in_center(line.center_id):
        message = Message.objects.get(twilio_sid=picture)
        row = Conversation.objects.get(pk=message.conversation_id)
        write_reply(row, by=member, body="I am here", last_sequence=row.sequence, client_key=uuid7())
        row.refresh_from_db()
        if row.assignee_id != (holder.staff_id if holder else None):
            row.assignee = holder.staff if holder else None
            row.save()
        file = Attachment.objects.get(message=message)
        recording = Recording.objects.get(call__conversation=row)
        _store(file, b"%PDF-1.4 x", kind="document")
        _store(recording, b"RIFF\x10\x00\x00\x00WAVEfmt ", content_type="audio/wav")
        return {
            "passkey": Passkey.objects.create(user=member.staff, name="phone", credential_id=uuid7().bytes).pk,
            "picture": _picture(row, member).pk,
            "conversation": row.pk,
            "message": Message.objects.get(conversation=row, direction="out").pk,
            "with_files": message.pk,
            "file": file.pk,
            "recording": recording.pk,
            "follow_up": FollowUp.objects.open().filter(conversation=row)[0].pk,
            "template": Template.objects.all()[0].pk,
            "line": line.pk,
            "membership": member.pk,
            "person": member.staff_id,
            "client": row.client_id,
            "entry": LogEntry.objects.filter(conversation_id=row.pk)[0].pk,
        }


def _picture(row: Conversation, member: Membership) -> DraftPicture:
    """One that she has put with what she is writing."""
    hers = {"center_id": row.center_id, "conversation": row, "epoch": row.epoch_id, "staff_id": member.staff_id}
    drawn = {"content_type": "image/jpeg", "width": 1, "height": 1, "size": 6, "content": b"pixels"}
    return DraftPicture.objects.create(client_key=uuid7(), **hers, **drawn)


def _store(row: Any, content: bytes, **more: str) -> None:
    row.state, row.content = RecordingState.STORED, content
    for name, value in more.items():
        setattr(row, name, value)
    row.save()


Worlds = Callable[[str], dict[str, dict[str, Any]]]


@pytest.fixture
def worlds(center: Center, other_center: Center, line: Line, staff: dict[str, Membership]) -> Worlds:
    """What somebody of a role finds of each kind, by whose it is."""

    def make(role: str) -> dict[str, dict[str, Any]]:
        colleague = employ(center, "Colleague", Role.SPECIALIST)
        stranger = employ(other_center, "Stranger", Role.SPECIALIST)
        there = add_line(other_center, number="+16145550188", account_sid=ACCOUNT, auth_token=TOKEN)
        found = {
            OWN: _world(line, staff[role], 0, staff[role]),
            FREE: _world(line, colleague, 1, None),
            COLLEAGUES: _world(line, colleague, 2, colleague),
            FOREIGN: _world(there, stranger, 3, stranger),
        }
        sequence_all()
        return found

    return make


def _kind(name: str) -> str | None:
    return OF_A_CONVERSATION.get(name) or OF_THE_CENTER.get(name) or OF_ONE_PERSON.get(name)


def _address(pattern: URLPattern, world: dict[str, Any]) -> str:
    converters = pattern.pattern.converters
    return reverse(str(pattern.name), kwargs={name: world[_kind(str(pattern.name)) or ""] for name in converters})


def _expected(role: str, name: str, whose: str) -> str:
    """The answer that the table asks for: refused, gone, or anything that a person who may would get."""
    if NEEDS[name] not in ALLOWED[role]:
        return "refused"
    sees_all = Permission.ALL_CONVERSATIONS in ALLOWED[role]
    if _kind(name) and whose == FOREIGN:
        return "gone"
    if name in OF_ONE_PERSON and whose != OWN:
        return "gone"
    if name in OF_A_CONVERSATION and whose == COLLEAGUES and not sees_all:
        return "gone"
    return "open"


def _is_as_expected(expected: str, name: str, response: Any) -> bool:
    code, to = response.status_code, response.headers.get("Location", "")
    if expected == "refused":
        return code in REFUSED
    if expected == "gone":
        return code in GONE or code == 405
    if name in NOT_LIKE_THIS and code in GONE:
        return True
    return code not in NEVER and not to.startswith("/sign-in")


def _ask(browser: Browser, address: str, method: str) -> Any:
    with undone():
        return browser.get(address) if method == "GET" else browser.post(address, {"decision": "leave"})


@pytest.mark.parametrize("role", Role.values)
def test_every_address_answers_each_role_as_the_table_says(
    worlds: Worlds,
    staff: dict[str, Membership],
    role: str,
    record_property: Any,
) -> None:
    browser, mine, wrong, cases = signed_in(staff[role]), worlds(role), [], 0
    for whose in (OWN, FREE, COLLEAGUES, FOREIGN):
        for pattern in GUARDED:
            name = str(pattern.name)
            for method in ("GET", "POST"):
                response = _ask(browser, _address(pattern, mine[whose]), method)
                expected, cases = _expected(role, name, whose), cases + 1
                if not _is_as_expected(expected, name, response):
                    wrong.append(f"{method} {name}, {whose}: {expected}, but {response.status_code}")
    record_property("cases", cases)
    assert wrong == [], "\n".join(wrong)
    assert cases == 8 * len(GUARDED)


def test_an_id_that_means_nothing_is_gone_for_whoever_may(staff: dict[str, Membership]) -> None:
    browser = signed_in(staff["admin"])
    kinds = {*OF_A_CONVERSATION.values(), *OF_THE_CENTER.values(), *OF_ONE_PERSON.values()}
    nothing = {kind: uuid4() for kind in kinds}
    for pattern in GUARDED:
        if _kind(str(pattern.name)):
            codes = {_ask(browser, _address(pattern, nothing), method).status_code for method in ("GET", "POST")}
            assert codes <= {404, 405}, pattern.name


def test_every_address_with_an_id_says_what_it_stands_for() -> None:
    with_ids = {str(pattern.name) for pattern in GUARDED if pattern.pattern.converters}
    assert with_ids == {*OF_A_CONVERSATION, *OF_THE_CENTER, *OF_ONE_PERSON}


def test_an_auditor_reads_nothing_of_a_conversation_anywhere(worlds: Worlds, staff: dict[str, Membership]) -> None:
    worlds("auditor")
    auditor = signed_in(staff["auditor"])
    pages = [auditor.get(address).content.decode() for address in ("/log/", "/log/review/", "/settings/")]
    assert not any(words in page for page in pages for words in ("I need to talk", "I am here", "555 01", "+1614"))
    assert auditor.get("/")["Location"] == "/log/"
    page = auditor.get("/log/").content.decode()
    assert 'href="/follow-ups/"' not in page
    assert 'href="/log/"' in page


def test_an_auditor_hears_no_bell(staff: dict[str, Membership]) -> None:
    keys = {role: signed_in(member).session.session_key for role, member in staff.items()}
    heard = members_of([key for key in keys.values() if key])
    assert {role for role, key in keys.items() if key in heard} == {"specialist", "supervisor", "admin"}


def test_nobody_gives_a_conversation_to_somebody_who_may_not_read_it(
    worlds: Worlds, staff: dict[str, Membership]
) -> None:
    mine = worlds("supervisor")[OWN]["conversation"]
    supervisor = signed_in(staff["supervisor"])
    assert str(staff["auditor"].pk) not in supervisor.get(f"/conversations/{mine}/colleagues/").content.decode()
    supervisor.post(f"/conversations/{mine}/assign/", {"to": staff["auditor"].pk})
    with in_center(staff["auditor"].center_id):
        assert not Conversation.objects.filter(assignee=staff["auditor"].staff_id, pk=mine).exists()


def test_who_becomes_an_auditor_gives_back_what_she_held(line: Line, staff: dict[str, Membership]) -> None:
    text_in(line, "hello")
    with in_center(line.center_id):
        row = Conversation.objects.get()
        assign(row, to=staff["specialist"], by=staff["supervisor"])
        people.change_role(staff["specialist"], Role.AUDITOR)
        row.refresh_from_db()
        assert row.assignee_id is None
        assert not FollowUp.objects.open().exclude(owner=None).exists()


def test_a_page_that_the_table_does_not_know_keeps_the_product_from_starting() -> None:
    def odd(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    known = [path("", lambda request: HttpResponse(), name=name) for name in NEEDS]
    refuse_unlisted(URLResolver(RegexPattern(""), known))
    with pytest.raises(ImproperlyConfigured, match="new-page"):
        refuse_unlisted(URLResolver(RegexPattern(""), [*known, path("new/", odd, name="new-page")]))
    with pytest.raises(ImproperlyConfigured, match="inbox"):
        refuse_unlisted(URLResolver(RegexPattern(""), [one for one in known if one.name != "inbox"]))


def test_a_role_that_the_table_does_not_know_may_nothing() -> None:
    assert Membership(role="visitor").permissions == frozenset()


def test_the_staff_page_shows_the_table(staff: dict[str, Membership]) -> None:
    page = signed_in(staff["admin"]).get("/staff/").content.decode()
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)[1:]
    assert len(rows) == len(Permission)
    for permission, row in zip(Permission, rows, strict=True):
        said = ["check" in cell for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)]
        assert said == [permission in ALLOWED[role] for role in Role]


def test_the_page_about_trust_shows_the_table() -> None:
    text = (Path(settings.BASE_DIR) / "docs/trust-model.md").read_text()
    shown = [line for line in text.splitlines() if line.startswith("| ") and ("| yes" in line or "| no" in line)]
    for permission in Permission:
        cells = ["yes" if permission in ALLOWED[role] else "no" for role in Role]
        assert f"| {permission.label} | {' | '.join(cells)} |" in shown
    assert len(shown) == len(Permission)
