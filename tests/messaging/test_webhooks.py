"""The doors that Twilio knocks at, as a stranger, a broken client and Twilio itself would."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode
from uuid import uuid4

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from audit.events import Event
from audit.models import LogEntry
from messaging.actions.lines import add_line
from messaging.models import Conversation, Line, Message, PhoneNumber
from messaging.twilio import Door, door_of, forget_doors, is_signed
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, PHONE, TOKEN
from tests.doors import FORM, SID, browser, parameters, post_signed, sid, text_in

pytestmark = pytest.mark.django_db

HOOKS = ["message", "status", "voice", "dial", "whisper", "leg_status", "record", "recording", "call_status"]


def stored(line: Line) -> int:
    with in_center(line.center_id):
        return Message.objects.count() + Conversation.objects.count() + PhoneNumber.objects.count()


def refusals(line: Line) -> list[str]:
    with in_center(line.center_id):
        return [entry.facts["reason"] for entry in LogEntry.objects.filter(event=Event.WEBHOOK_REFUSED)]


def send_raw(line: Line, body: bytes | str, *, signature: str | None, hook: str = "message", **more: Any) -> Any:
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    content_type = more.pop("content_type", FORM)
    return browser().post(f"/hooks/twilio/{line.pk}/{hook}", body, content_type=content_type, headers=headers, **more)


def signature_of(line: Line, values: Any, *, token: str = TOKEN, hook: str = "message") -> str:
    address = f"{settings.PUBLIC_BASE_URL}/hooks/twilio/{line.pk}/{hook}"
    return str(RequestValidator(token).compute_signature(address, values))


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("signature", [None, "", "wrong", "é", "A" * 28, "=" * 9000])
def test_without_a_right_signature_nothing_passes(line: Line, hook: str, signature: str | None) -> None:
    response = send_raw(line, urlencode(parameters()), signature=signature, hook=hook)

    assert (response.status_code, response.content) == (403, b"Forbidden.")
    assert stored(line) == 0


def test_a_signature_of_another_secret_does_not_pass(line: Line) -> None:
    assert text_in(line, token="f" * 32).status_code == 403
    assert text_in(line, token="").status_code == 403
    assert stored(line) == 0


def test_a_signature_of_another_address_does_not_pass(line: Line) -> None:
    """The address is the configured one, whatever the Host header says."""
    values = parameters()
    elsewhere = RequestValidator(TOKEN).compute_signature(f"https://other.test/hooks/twilio/{line.pk}/message", values)
    assert send_raw(line, urlencode(values), signature=elsewhere, HTTP_X_FORWARDED_HOST="other.test").status_code == 403
    status = signature_of(line, values, hook="status")
    assert send_raw(line, urlencode(values), signature=status).status_code == 403


def test_changed_words_do_not_pass(line: Line) -> None:
    signature = signature_of(line, parameters())
    assert send_raw(line, urlencode(parameters(Body="Hello!")), signature=signature).status_code == 403
    assert send_raw(line, urlencode({**parameters(), "More": "1"}), signature=signature).status_code == 403


def test_a_refusal_is_on_the_record_once_a_minute_for_each_reason(line: Line) -> None:
    for _ in range(5):
        send_raw(line, urlencode(parameters()), signature="wrong")
        text_in(line, AccountSid="AC" + "9" * 32)

    assert sorted(refusals(line)) == ["account", "signature"]


def test_an_unknown_line_answers_as_a_known_one_does(line: Line) -> None:
    unknown = post_signed(f"/hooks/twilio/{uuid4()}/message", parameters())
    known = send_raw(line, urlencode(parameters()), signature="wrong")

    assert (unknown.status_code, unknown.content) == (known.status_code, known.content) == (403, b"Forbidden.")
    assert dict(unknown.headers).keys() == dict(known.headers).keys()


def test_a_retired_line_is_an_unknown_line(line: Line) -> None:
    with in_center(line.center_id):
        line.retired_at = line.created_at
        line.save()
    forget_doors()
    assert text_in(line).status_code == 403


def test_another_account_does_not_pass(line: Line) -> None:
    assert text_in(line, AccountSid="AC" + "9" * 32).status_code == 403
    assert text_in(line, AccountSid=None).status_code == 403
    assert stored(line) == 0


@pytest.mark.parametrize("hook", ["message", "voice"])
def test_a_number_that_is_not_the_lines_does_not_pass(line: Line, hook: str) -> None:
    response = text_in(line, hook=hook, To="+16145550198", CallSid="CA" + "1" * 32, CallStatus="ringing")

    assert response.status_code == 403
    assert refusals(line) == ["number"]
    assert stored(line) == 0


def test_a_line_of_another_center_does_not_take_this_ones_posts(line: Line, other_center: Any) -> None:
    other = add_line(other_center, number="+16145550188", account_sid="AC" + "3" * 32, auth_token="e" * 32)
    assert post_signed(f"/hooks/twilio/{other.pk}/message", parameters()).status_code == 403
    assert post_signed(f"/hooks/twilio/{other.pk}/message", parameters(), "e" * 32).status_code == 403
    assert stored(other) == stored(line) == 0


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch", "options"])
def test_only_post_is_allowed(line: Line, hook: str, method: str) -> None:
    response = getattr(browser(), method)(f"/hooks/twilio/{line.pk}/{hook}")

    assert response.status_code == 405
    assert response["Allow"] == "POST"


@pytest.mark.parametrize("size", [70_000, 1_000_000])
def test_a_body_of_a_megabyte_is_refused_unread(line: Line, size: int) -> None:
    values = parameters(Body="x" * size)
    response = send_raw(line, urlencode(values), signature=signature_of(line, values))

    assert response.status_code == 413
    assert stored(line) == 0


def test_a_thousand_parameters_are_refused(line: Line) -> None:
    values = parameters() | {f"Extra{number}": "1" for number in range(1000)}
    assert send_raw(line, urlencode(values), signature=signature_of(line, values)).status_code == 413


def test_a_parameter_given_twice_does_not_pass_even_when_it_is_signed(line: Line) -> None:
    """The signature covers each distinct value once, so a repeated one could be added or swapped."""
    values = parameters()
    body = urlencode(values) + "&Body=Hello"
    assert send_raw(line, body, signature=signature_of(line, values)).status_code == 403
    assert refusals(line) == ["repeated_parameter"]
    assert stored(line) == 0


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_a_body_that_is_no_form_does_not_pass(line: Line, content_type: str) -> None:
    response = send_raw(line, json.dumps(parameters()), signature=signature_of(line, {}), content_type=content_type)
    assert response.status_code == 403


@pytest.mark.parametrize("charset", ["latin-1", "utf-16"])
def test_a_foreign_charset_never_breaks_the_door(line: Line, charset: str) -> None:
    response = send_raw(
        line,
        urlencode(parameters()),
        signature=signature_of(line, parameters()),
        content_type=f"{FORM}; charset={charset}",
    )
    assert response.status_code in (200, 400, 403)


@pytest.mark.parametrize(
    "replaced",
    [
        {"MessageSid": None},
        {"MessageSid": ""},
        {"MessageSid": "SM123"},
        {"MessageSid": "SM" + "1" * 33},
        {"MessageSid": "SM" + "1" * 32 + "\n"},
        {"MessageSid": "SM" + "G" * 32},
        {"MessageSid": "XX" + "1" * 32},
        {"From": None},
        {"From": ""},
        {"From": "  "},
        {"From": "+1614555\x000101"},
        {"From": "+" * 101},
        {"NumMedia": "11"},
        {"NumMedia": "-1"},
        {"NumMedia": "many"},
        {"NumMedia": "²"},
        {"NumMedia": "9" * 5000},
        {"Body": "x" * 16_001},
    ],
)
def test_a_signed_post_of_the_wrong_shape_is_refused_and_stores_nothing(line: Line, replaced: dict[str, Any]) -> None:
    assert text_in(line, **replaced).status_code == 400
    assert stored(line) == 0


@pytest.mark.parametrize(
    "body",
    ["", "x" * 1600, "x" * 1601, "👋" * 1600, "\x00", "a\x00b", "  kept  ", "<script>alert(1)</script>", "‮abc", "\r\n"],
    ids=["empty", "1600", "1601", "emoji", "nul", "nul-inside", "blanks", "markup", "bidi", "newline"],
)
def test_any_words_are_kept_as_they_came(line: Line, body: str) -> None:
    assert text_in(line, body).status_code == 200
    with in_center(line.center_id):
        assert Message.objects.get().body == body


def test_bytes_that_are_no_text_are_shown_as_such_and_never_break_the_door(line: Line) -> None:
    values = parameters(Body="caf\ufffd")
    raw = urlencode(parameters(Body="MARK")).replace("MARK", "caf%E9")
    assert send_raw(line, raw, signature=signature_of(line, values)).status_code == 200
    with in_center(line.center_id):
        assert Message.objects.get().body == "caf\ufffd"


@pytest.mark.parametrize("sender", ["72345", "HARBOR", "whatsapp:+16145550101", "+266696687", "rcs:agent_1"])
def test_a_sender_that_cannot_be_texted_is_kept_and_marked(line: Line, sender: str) -> None:
    assert text_in(line, From=sender).status_code == 200
    with in_center(line.center_id):
        assert PhoneNumber.objects.get().is_textable is False
        assert Message.objects.get().body == "Hello"


@pytest.mark.parametrize("name", [f"{n:02}-*.json" for n in range(1, 11)])
def test_every_documented_text_is_taken_in(line: Line, name: str) -> None:
    (sample,) = SAMPLES.glob(name)
    params = json.loads(sample.read_text())["params"] | {"AccountSid": ACCOUNT, "To": LINE_NUMBER}
    assert post_signed(f"/hooks/twilio/{line.pk}/message", params).status_code == 200
    with in_center(line.center_id):
        message = Message.objects.get()
        assert (message.body, message.twilio_sid) == (params["Body"], params["MessageSid"])
        assert message.media_count == int(params["NumMedia"])


SAMPLES = Path(__file__).parent / "samples"


def test_the_answer_is_an_empty_document_in_xml(line: Line) -> None:
    response = text_in(line)
    assert response.content == b"<Response/>"
    assert response["Content-Type"] == "text/xml"


def test_a_lines_secret_is_held_in_memory_for_a_minute(line: Line, django_assert_num_queries: Any) -> None:
    door_of(line.pk)
    with django_assert_num_queries(0):
        door = door_of(line.pk)
    assert door is not None
    assert TOKEN not in repr(door)


A_DOOR = Door(uuid4(), uuid4(), LINE_NUMBER, ACCOUNT, TOKEN)
ADDRESS = "https://quietline.test/hooks/twilio/x/message"
HEADER_SIGNS = st.characters(codec="latin-1", exclude_characters="\r\n\x00")
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.dictionaries(WORDS, st.lists(WORDS, min_size=1, max_size=3), max_size=8))
def test_our_signature_is_the_one_of_twilios_own_library(values: dict[str, list[str]]) -> None:
    validator = RequestValidator(TOKEN)
    signature = validator.compute_signature(ADDRESS, Multi(values))
    assert validator.validate(ADDRESS, Multi(values), signature)
    assert is_signed(A_DOOR, ADDRESS, values, signature)
    assert not is_signed(A_DOOR, ADDRESS + "/", values, signature)


class Multi(dict[str, list[str]]):
    """As a QueryDict looks to Twilio's library."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def test_an_empty_secret_signs_nothing() -> None:
    empty = Door(uuid4(), uuid4(), LINE_NUMBER, ACCOUNT, "")
    forged = RequestValidator("").compute_signature(ADDRESS, {})
    assert not is_signed(empty, ADDRESS, {}, forged)


@pytest.mark.parametrize(
    ("body", "signature"),
    [("Hi there & 👋", "eqYBqrtWL2y9zpB7+tcSv1hTZ1k="), (" Hi ", "63mGxzg4sUI384YFAepCq+0f93s=")],
)
def test_published_signatures_hold(body: str, signature: str) -> None:
    values = {
        "MessageSid": [SID],
        "AccountSid": [ACCOUNT],
        "From": [PHONE],
        "To": ["+15005550006"],
        "Body": [body],
        "NumMedia": ["0"],
    }
    assert is_signed(A_DOOR, "https://center.example.org/webhooks/twilio/sms", values, signature)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["MessageSid", "From", "To", "Body", "NumMedia", "AccountSid", "OptOutType", "Extra"]),
    value=st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    hook=st.sampled_from(HOOKS),
)
def test_no_parameter_breaks_a_door(line: Line, name: str, value: str, hook: str) -> None:
    values = parameters(**{name: value}) | {"CallSid": "CA" + "1" * 32, "CallStatus": "x", "MessageStatus": "sent"}
    assert post_signed(f"/hooks/twilio/{line.pk}/{hook}", values).status_code < 500


@hypothesis_settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300), signature=st.text(HEADER_SIGNS, max_size=60))
def test_no_unsigned_bytes_pass_or_break_a_door(line: Line, body: bytes, signature: str) -> None:
    assert send_raw(line, body, signature=signature).status_code == 403


def test_the_same_signed_post_again_and_again_gives_one_row_and_one_answer(line: Line) -> None:
    answers = {text_in(line).content for _ in range(30)}
    assert answers == {b"<Response/>"}
    with in_center(line.center_id):
        assert Message.objects.count() == 1


def test_quote_plus_and_percent_spellings_of_one_body_are_the_same_text(line: Line) -> None:
    values = parameters(Body="a b+c")
    raw = urlencode(parameters(Body="MARK"), quote_via=quote_plus).replace("MARK", "a%20b%2Bc")
    assert send_raw(line, raw, signature=signature_of(line, values)).status_code == 200


@pytest.mark.parametrize("query", ["?message=nonsense", "?message=%ff", "?message=" + "1" * 500])
def test_a_status_report_with_a_broken_id_is_refused(line: Line, query: str) -> None:
    values = {"MessageSid": sid(1), "MessageStatus": "sent", "AccountSid": ACCOUNT}
    assert post_signed(f"/hooks/twilio/{line.pk}/status{query}", values).status_code == 400


@pytest.mark.parametrize("hook", HOOKS)
def test_thousands_of_words_in_an_address_are_refused_and_nothing_is_kept(line: Line, hook: str) -> None:
    query = "?" + "&".join(f"word{number}=x" for number in range(2000))
    answer = post_signed(f"/hooks/twilio/{line.pk}/{hook}{query}", parameters(CallSid="CA" + "1" * 32))
    assert answer.status_code == 413
    assert stored(line) == 0
