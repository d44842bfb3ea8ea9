import io
import json
import logging

import structlog
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from config import logs
from config.errors import failed


def _lines(act: object) -> str:
    stream = io.StringIO()
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(stream)
    try:
        act()  # type: ignore[operator]
    finally:
        if before is not None:
            handler.setStream(before)
    return stream.getvalue()


def setup_module() -> None:
    logs.configure()


def test_an_unknown_key_is_dropped_and_a_known_one_kept() -> None:
    line = json.loads(_lines(lambda: structlog.get_logger("x").info("said", body="secret words", status=200)))
    assert "body" not in line
    assert line["status"] == 200


def test_an_exception_is_logged_by_its_class_and_its_way_never_its_words() -> None:
    def fail() -> None:
        try:
            raise ValueError("call +1 614 555 0101 at once")
        except ValueError:
            logging.getLogger("some.library").exception("it failed for %s", "noor@example.org")

    said = _lines(fail)
    assert "614" not in said
    assert "noor" not in said
    assert json.loads(said)["error"] == "ValueError"
    assert "test_logs.py" in said


def test_what_failed_on_a_page_is_logged_by_its_class_and_its_way(rf: RequestFactory) -> None:
    def fail() -> None:
        try:
            raise ValueError("call +1 614 555 0101 at once")
        except ValueError:
            assert failed(rf.get("/")).status_code == 500

    said = _lines(fail)
    assert "614" not in said
    assert json.loads(said)["error"] == "ValueError"
    assert "test_logs.py" in said


@given(st.from_regex(r"\+1[2-9][0-9]{9}", fullmatch=True), st.sampled_from(["reason", "event", "error", "route"]))
def test_no_phone_number_passes_under_any_key(number: str, key: str) -> None:
    values = logs.strike_personal(None, "info", {key: f"about {number} now"})
    assert number not in str(values)


@given(st.emails())
def test_no_address_passes(address: str) -> None:
    assert address not in logs.struck(f"to {address} please")


def test_ids_and_times_pass_whole() -> None:
    values = {"job": "01a20be5-c9d5-76ca-8675-1ffdfe0788a9", "timestamp": "2026-11-24T04:45:13.358194Z"}
    assert logs.strike_personal(None, "info", dict(values)) == values
