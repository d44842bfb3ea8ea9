"""What a request says of its own encoding and length is not believed further than it can be read."""

from typing import Any

import pytest

from config.utf8 import Utf8Only
from simulate.bad.request import FORM, Answer, Request, send

pytestmark = pytest.mark.django_db
CODECS = [
    "hex",
    "undefined",
    "base64",
    "rot13",
    "unicode_escape",
    "utf-7",
    "idna",
    "utf-16",
    '"hex"',
    "hex; charset=utf-8",
]


def ask(kind: str, body: bytes = b"email=%5cud800", **headers: str) -> Answer:
    request = Request("POST", "/sign-in/?next=%5cud800", {"Content-Type": kind, **headers}, body)
    from config.wsgi import application  # it looks at the database

    return send(application, request, "https://quietline.test", "198.51.100.1")


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("kind", [FORM, "text/plain", "multipart/form-data; boundary=x"])
def test_a_codec_that_a_request_names_is_not_used(kind: str, codec: str) -> None:
    assert ask(f"{kind}; charset={codec}").status in (400, 403)


@pytest.mark.parametrize("length", ["abc", "-1", "", "٣", "1e3", "5, 5", "9" * 5000])
def test_a_length_that_is_no_number_counts_as_nothing(length: str) -> None:
    assert ask(FORM, **{"Content-Length": length}).status == 403


@pytest.mark.parametrize("kind", [FORM, FORM + "; charset=UTF-8", FORM + ';charset="utf-8"'])
def test_a_charset_as_twilio_sends_it_is_let_be(kind: str) -> None:
    seen: dict[str, Any] = {}

    def inner(environ: dict[str, Any], _start: Any) -> list[bytes]:
        seen.update(environ)
        return []

    list(Utf8Only(inner)({"CONTENT_TYPE": kind, "CONTENT_LENGTH": "14"}, lambda *_: None))
    assert (seen["CONTENT_TYPE"], seen["CONTENT_LENGTH"]) == (kind, "14")
