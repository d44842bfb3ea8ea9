"""What counts as a failure. Each yields words that name it; a good answer yields nothing."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from simulate.bad import wild
from simulate.bad.cases import Case
from simulate.bad.request import Answer
from simulate.bad.watch import Watch

LONGEST = 2.0  # seconds
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
# What a refusal and a look may leave behind: the log, what was read, and the session that was used.
ALWAYS_WRITTEN = ("audit_", "django_session", "accounts_attempts")
BY_LOOKING = (*ALWAYS_WRITTEN, "messaging_readmark")
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
PRESENT = ("permissions-policy", "strict-transport-security")
OF_PAGES = {"cache-control": "no-store"}


def judge(case: Case, answer: Answer, watch: Watch) -> list[str]:
    """Everything that is wrong with an answer, and with what was done for it."""
    return [*_broke(answer, watch), *_kept(case, answer, watch), *_let_in(case, answer), *_told(case, answer)]


def _broke(answer: Answer, watch: Watch) -> Iterator[str]:
    if answer.status >= 500:
        yield f"{answer.status}: {', '.join(watch.raised) or 'no exception'}"
    yield from (f"traceback in the log: {line}" for line in watch.logged)
    if answer.seconds > LONGEST:
        yield "took longer than 2 s"


def _kept(case: Case, answer: Answer, watch: Watch) -> Iterator[str]:
    """A refused webhook stores nothing but its refusal; looking changes nothing but what was seen."""
    if case.is_webhook and answer.status >= 400:
        yield from (f"a refused webhook wrote to {table}" for table in _beyond(watch, ALWAYS_WRITTEN))
    if case.request.method in SAFE:
        yield from (f"{case.request.method} wrote to {table}" for table in _beyond(watch, BY_LOOKING))


def _beyond(watch: Watch, allowed: tuple[str, ...]) -> list[str]:
    return sorted(table for table in watch.written if not table.startswith(allowed))


def _let_in(case: Case, answer: Answer) -> Iterator[str]:
    if case.must_refuse and answer.status < 300:
        yield f"{answer.status} although it is {case.must_refuse}"


def _told(case: Case, answer: Answer) -> Iterator[str]:
    """Nothing is reflected as it came, no header is somebody else's, and ours are all there."""
    if b"<zq7" in answer.body.lower() and "html" in answer.content_type:
        yield "markup was reflected"
    if wild.ANSWER in answer.body:
        yield "a template was run"
    if wild.INJECTED.decode() in answer.headers or any(set(value) & {"\r", "\n"} for value in answer.headers.values()):
        yield "a header was injected"
    yield from (f"header {name} is missing" for name in _missing(case, answer))
    if not _is_ours(answer.headers.get("location", "")):
        yield "redirected to somebody else"


def _missing(case: Case, answer: Answer) -> list[str]:
    """Files of ours may be kept, and run nothing: a policy is for pages."""
    wanted = HEADERS if case.is_static else HEADERS | OF_PAGES
    present = PRESENT if case.is_static else (*PRESENT, "content-security-policy")
    wrong = [name for name, value in wanted.items() if answer.headers.get(name) != value]
    return wrong + [name for name in present if name not in answer.headers]


def _is_ours(location: str) -> bool:
    if location.startswith(("//", "/\\", "\\")):
        return False
    parts = urlsplit(location)
    return not parts.netloc or f"{parts.scheme}://{parts.netloc}" in settings.STAFF_ORIGINS
