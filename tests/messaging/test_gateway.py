"""What an answer of Twilio's means for a text, at the gateway alone."""

import logging
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import requests
from django.utils import timezone
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, ProtocolError

from messaging.twilio import Ambiguous, Busy, Door, Refused, is_mobile, send_text, texts_sent_to
from messaging.twilio.http import QuietHttpClient
from tests.cast import ACCOUNT, LINE_NUMBER, PHONE, TOKEN
from tests.twin_process import TwinProcess

DOOR = Door(uuid4(), uuid4(), LINE_NUMBER, ACCOUNT, TOKEN)
CALLBACK = "https://quietline.test/hooks/twilio/x/status?message=y"


def send(body: str = "Hi", door: Door = DOOR, to: str = PHONE) -> str:
    return send_text(door, to=to, body=body, status_callback=CALLBACK).sid


def test_an_accepted_text_has_an_id(twin: TwinProcess) -> None:
    assert send() == twin.texts[0]["sid"]


@pytest.mark.parametrize(
    ("kind", "meaning"),
    [
        ("429", Busy),
        ("401", Refused),
        ("404", Refused),
        ("500", Ambiguous),
        ("html502", Ambiguous),
        ("drop_before", Ambiguous),
        ("drop_after_accept", Ambiguous),
        ("broken_body", Ambiguous),
    ],
)
def test_each_way_to_fail_has_its_meaning(twin: TwinProcess, kind: str, meaning: type[Exception]) -> None:
    twin.misbehave(kind, method="POST")
    with pytest.raises(meaning):
        send()


def test_wrong_credentials_are_refused_by_code(twin: TwinProcess) -> None:
    with pytest.raises(Refused) as refused:
        send(door=replace(DOOR, auth_token="wrong"))
    assert refused.value.code == 20003


def test_a_number_that_cannot_be_is_refused_by_code(twin: TwinProcess) -> None:
    with pytest.raises(Refused) as refused:
        send(to="+1")
    assert refused.value.code == 21211


def test_a_silent_server_is_left_after_the_limit(twin: TwinProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.twilio.http.READ_SECONDS", 0.2)
    twin.misbehave("hang", method="POST", seconds=2)
    with pytest.raises(Ambiguous):
        send()


@pytest.mark.parametrize(
    ("trouble", "meaning"),
    [
        (requests.ConnectTimeout(), Busy),
        (requests.ConnectionError(MaxRetryError(None, "/", NewConnectionError(None, "refused"))), Busy),  # type: ignore[arg-type]
        (requests.ConnectionError(MaxRetryError(None, "/", ConnectTimeoutError())), Busy),  # type: ignore[arg-type]
        (requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError())), Ambiguous),
        (requests.ConnectionError(), Ambiguous),
        (requests.ReadTimeout(), Ambiguous),
        (requests.exceptions.ChunkedEncodingError(), Ambiguous),
        (requests.TooManyRedirects(), Ambiguous),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_only_what_certainly_left_no_byte_may_be_tried_again(
    trouble: Exception, meaning: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise trouble

    monkeypatch.setattr(requests.Session, "request", broken)
    with pytest.raises(meaning):
        send()


def test_a_failure_tells_no_word_and_no_number(twin: TwinProcess) -> None:
    twin.misbehave("500", method="POST")
    with pytest.raises(Ambiguous) as trouble:
        send("a secret word")
    assert trouble.value.__cause__ is None
    assert str(trouble.value) == ""


def test_nothing_is_logged_of_what_is_sent_or_listed(twin: TwinProcess, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    send("a secret word")
    texts_sent_to(DOOR, to=PHONE, since=timezone.now() - timedelta(minutes=5))
    assert "secret" not in caplog.text
    assert PHONE not in caplog.text
    assert PHONE[1:] not in caplog.text


def test_the_list_holds_what_this_line_sent_oldest_first(twin: TwinProcess) -> None:
    sids = [send(f"text {number}") for number in range(3)]
    send("to somebody else", to="+16145550102")
    listed = texts_sent_to(DOOR, to=PHONE, since=timezone.now() - timedelta(minutes=5))
    assert [text.sid for text in listed] == sids
    assert [text.body for text in listed] == ["text 0", "text 1", "text 2"]


@pytest.mark.parametrize("kind", ["500", "html502", "429", "401", "broken_body", "drop_before"])
def test_a_list_that_cannot_be_had_says_busy(twin: TwinProcess, kind: str) -> None:
    twin.misbehave(kind, method="GET", times=-1)
    with pytest.raises(Busy):
        texts_sent_to(DOOR, to=PHONE, since=timezone.now())


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("", "https://api.twilio.com/2010-04-01/x.json?a=1"),
        ("http://127.0.0.1:4010", "http://127.0.0.1:4010/2010-04-01/x.json?a=1"),
        ("http://127.0.0.1:4010/", "http://127.0.0.1:4010/2010-04-01/x.json?a=1"),
        ("https://proxy.example.org/twilio", "https://proxy.example.org/twilio/2010-04-01/x.json?a=1"),
    ],
)
def test_only_scheme_host_and_port_are_replaced(base: str, expected: str) -> None:
    assert QuietHttpClient(base)._mapped("https://api.twilio.com/2010-04-01/x.json?a=1") == expected


def test_limits_and_no_redirects_whatever_the_library_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}

    def remember(self: requests.Session, method: str, url: str, **kwargs: object) -> requests.Response:
        asked.update(kwargs)
        answer = requests.Response()
        answer.status_code = 302
        return answer

    monkeypatch.setattr(requests.Session, "request", remember)
    client = QuietHttpClient("")
    assert client.request("POST", "https://api.twilio.com/x", allow_redirects=True).status_code == 302
    assert asked["timeout"] == (3.05, 10)
    assert asked["allow_redirects"] is False
    assert getattr(client, "_test_only_last_request", None) is None


@pytest.mark.parametrize(("number", "answer"), [(PHONE, True), ("+16145550105", False), ("+1614", None)])
def test_lookup_tells_a_mobile_phone_from_another_and_what_it_does_not_know(
    twin: TwinProcess, number: str, answer: bool | None
) -> None:
    assert is_mobile(DOOR, number) is answer


@pytest.mark.parametrize("kind", ["500", "html502", "429", "401", "broken_body", "drop_before"])
def test_lookup_that_cannot_be_had_says_busy_and_not_that_it_is_no_mobile_phone(twin: TwinProcess, kind: str) -> None:
    twin.misbehave(kind, method="GET", times=-1)
    with pytest.raises(Busy):
        is_mobile(DOOR, PHONE)


def test_a_number_that_lookup_has_never_heard_of_is_not_known(twin: TwinProcess) -> None:
    twin.misbehave("404", method="GET", times=-1)
    assert is_mobile(DOOR, PHONE) is None
