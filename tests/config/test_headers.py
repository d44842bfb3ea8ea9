import pytest

from accounts.models import Membership
from messaging.models import Line
from tests.doors import browser, signed_in, text_in

pytestmark = pytest.mark.django_db

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
POLICY = [
    "default-src 'none'", "style-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
    "form-action 'self'", "require-trusted-types-for 'script'", "trusted-types htmx",
]  # fmt: skip


def _answers(line: Line, ruth: Membership) -> dict[str, object]:
    client, stranger = signed_in(ruth), browser()
    return {
        "page": client.get("/"),
        "not found": client.get("/nothing/"),
        "refused": client.get("/staff/"),
        "redirect": stranger.get("/", secure=True),
        "sign-in": stranger.get("/sign-in/", secure=True),
        "forged webhook": stranger.post(f"/hooks/twilio/{line.pk}/message", {"x": "y"}, secure=True),
        "webhook": text_in(line),
        "large": stranger.post(f"/hooks/twilio/{line.pk}/message", {"x": "y" * 1_000_000}, secure=True),
        "file": stranger.get("/static/favicon.svg", secure=True),
        "live": stranger.get("/health/live", secure=True),
    }


def test_every_answer_carries_the_quiet_headers(line: Line, ruth: Membership) -> None:
    for name, answer in _answers(line, ruth).items():
        for header, value in ALWAYS.items():
            assert answer.headers.get(header) == value, (name, header)  # type: ignore[attr-defined]
        assert "geolocation=()" in answer.headers["Permissions-Policy"], name  # type: ignore[attr-defined]


def test_no_page_is_kept_by_anybody(line: Line, ruth: Membership) -> None:
    for name, answer in _answers(line, ruth).items():
        if name != "file":
            assert answer.headers["Cache-Control"] == "no-store", name  # type: ignore[attr-defined]


def test_the_policy_allows_no_script_but_ours(ruth: Membership) -> None:
    policy = signed_in(ruth).get("/").headers["Content-Security-Policy"]
    for part in POLICY:
        assert part in policy
    assert "unsafe" not in policy
    assert "nonce-" in policy


def test_a_request_that_is_too_large_is_refused_and_nothing_breaks(line: Line) -> None:
    answer = browser().post(f"/hooks/twilio/{line.pk}/message", {"Body": "y" * 1_000_000}, secure=True)
    assert answer.status_code in (400, 403, 413)


def test_an_unknown_host_is_refused_before_any_work() -> None:
    assert browser().get("/sign-in/", headers={"Host": "evil.example"}, secure=True).status_code == 400


def test_strict_transport_is_asked_for_two_years() -> None:
    assert "max-age=63072000" in browser().get("/sign-in/", secure=True).headers["Strict-Transport-Security"]
