"""What browsers report of a broken policy: the directive is kept, and nothing that could be somebody's words."""

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from config import reports
from tests.doors import browser

pytestmark = pytest.mark.django_db
MARK = "zebra-marmalade"


@pytest.fixture(autouse=True)
def _nothing_noted_yet() -> None:
    reports.forget()


def report(body: bytes | str, **more: Any) -> tuple[int, list[dict[str, Any]]]:
    with capture_logs() as lines:
        answer = browser().post(
            "/csp-report/", body, content_type="application/csp-report", secure=True, headers=more or None
        )
    return answer.status_code, [dict(line) for line in lines if line["event"] == "policy_broken"]


def csp(directive: str) -> str:
    inside = {"effective-directive": directive, "document-uri": f"https://x/{MARK}", "script-sample": MARK}
    return json.dumps({"csp-report": inside})


def test_the_directive_is_kept_and_no_address_or_sample() -> None:
    status, (line,) = report(csp("script-src-elem"))
    assert (status, line["directive"]) == (204, "script-src-elem")
    assert MARK not in str(line)


def test_a_directive_of_somebodys_own_is_not_repeated() -> None:
    assert report(csp(MARK))[1][0]["directive"] == "unknown"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"csp-report": 7}', b"\xff\xfe", b"[" * 9000])
def test_what_is_no_report_is_taken_quietly(body: bytes) -> None:
    status, (line,) = report(body)
    assert (status, line["directive"]) == (204, "unreadable")


def test_a_long_report_is_refused_unread() -> None:
    assert report(csp("x") + " " * 17_000) == (413, [])


def test_only_posts_are_taken() -> None:
    assert browser().get("/csp-report/", secure=True).status_code == 405


def test_every_page_names_the_address_for_reports() -> None:
    assert "report-uri /csp-report/" in browser().get("/sign-in/", secure=True)["Content-Security-Policy"]


def test_a_flood_of_reports_is_a_line_in_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [len(report(csp("script-src-elem"))[1]) for _ in range(5)] == [1, 0, 0, 0, 0]
    assert len(report(csp("img-src"))[1]) == 1, "another directive is news"
    monkeypatch.setattr(reports, "ONCE_IN", 0)
    assert len(report(csp("script-src-elem"))[1]) == 1
