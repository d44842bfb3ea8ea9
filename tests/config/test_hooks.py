"""The short chain of webhooks: what they skip, and what they keep all the same."""

import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.signals import request_started
from django.db import close_old_connections
from twilio.request_validator import RequestValidator

from config.hooks import HooksApart
from config.middleware import HEADERS
from messaging.models import Line, Message
from tenancy.scope import in_center
from tests.cast import TOKEN
from tests.doors import FORM, parameters


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """A test keeps the connection whose transaction is undone, as with Django's own client."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


def asked(path: str, body: bytes = b"", **more: Any) -> tuple[str, dict[str, str]]:
    """Ask the server's own application, as granian does."""
    told: list[Any] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "quietline.test",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": settings.ALLOWED_HOSTS[0],
        "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        **more,
    }
    list(HooksApart(pages)(environ, lambda status, headers: told.append((status, dict(headers)))))
    status, headers = told[0]
    return status, headers


def pages(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("299 Pages", [])
    return [b""]


@pytest.mark.django_db
def test_a_signed_text_is_kept_through_the_short_chain(line: Line) -> None:
    path, values = f"/hooks/twilio/{line.pk}/message", parameters()
    signature = RequestValidator(TOKEN).compute_signature(settings.PUBLIC_BASE_URL + path, values)
    status, headers = asked(path, urlencode(values).encode(), HTTP_X_TWILIO_SIGNATURE=signature)
    assert status == "200 OK"
    assert headers["Content-Length"] == str(len("<Response/>"))
    with in_center(line.center_id):
        assert Message.objects.get().twilio_sid == values["MessageSid"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/hooks/twilio/{line}/message", "/hooks/nothing", "/hooks/twilio/1/message"])
def test_every_answer_of_a_webhook_carries_the_quiet_headers(line: Line, path: str) -> None:
    status, headers = asked(path.format(line=line.pk))
    assert status[:3] in ("403", "404")
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Request-Id"]
    assert "Set-Cookie" not in headers


@pytest.mark.django_db
def test_an_unknown_host_is_refused_here_too(line: Line) -> None:
    status, _headers = asked(f"/hooks/twilio/{line.pk}/message", HTTP_HOST="elsewhere.example")
    assert status[:3] == "400"


def test_everything_else_goes_through_the_chain_of_pages() -> None:
    assert asked("/sign-in/")[0] == "299 Pages"
    assert asked("/hooksaw")[0] == "299 Pages"


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "code"), [("GET", "404"), ("HEAD", "404"), ("POST", "405")])
def test_what_twilio_fetches_passes_the_short_chain_and_a_wrong_address_says_nothing(method: str, code: str) -> None:
    status, headers = asked("/m/" + "x" * 43, REQUEST_METHOD=method)
    assert status[:3] == code
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Set-Cookie" not in headers
