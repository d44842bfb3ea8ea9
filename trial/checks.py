"""The steps of bin/test. All of them run, whichever fails, and one summary ends them."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
LONGEST = 1200  # seconds of one step; a hanging one must not hide the others


# mypy reads the settings, which want to be told these; nothing is reached through them.
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
SETTINGS = {
    "PUBLIC_BASE_URL": "https://quietline.test",
    "SECRET_KEY": "read by mypy alone",
    "DATABASE_URL": NOWHERE,
    "DATABASE_OWNER_URL": NOWHERE,
    "VALKEY_URL": "redis://127.0.0.1:1/0",
    "QUIETLINE_TRIAL": "1",
}


@dataclass
class Step:
    """One line of the summary."""

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: float


def main() -> int:
    began = time.monotonic()
    steps = [lint(*command) for command in LINTERS]
    apart = (*IN_A_BROWSER, *ALONE)
    steps.append(pytest("tests", "-n", "2", "--dist", "loadfile", *(f"--ignore={path}" for path in apart)))
    steps += [pytest(path, path) for path in ALONE]
    steps.append(install_chromium())
    steps += [pytest(f"{path} in a browser", path, *more) for path, more in IN_A_BROWSER.items()]
    return summarise(steps, time.monotonic() - began)


# Each of these needs both processors to itself.
ALONE = ("tests/simulate/test_faults.py", "tests/simulate/test_bad_input.py")
# Each is a process of its own: Playwright's loop and the loops of asynchronous tests cannot share one.
IN_A_BROWSER = {"tests/browser": ("-n", "2"), "tests/twin/test_phone.py": ()}
LINTERS = (
    ("ruff check", "ruff", "check", "."),
    ("ruff format", "ruff", "format", "--check", "."),
    ("mypy", "mypy"),
    ("djlint format", "djlint", "templates", "--check", "--quiet"),
    ("djlint lint", "djlint", "templates", "--lint", "--quiet"),
    ("import contracts", "lint-imports"),
)


def lint(name: str, program: str, *arguments: str) -> Step:
    """A step that is one check: it counts only when it fails."""
    code, seconds = run(name, [str(PROGRAMS / program), *arguments], {**os.environ, **SETTINGS})
    return Step(name, 0, int(code != 0), 0, seconds)


def pytest(name: str, *arguments: str) -> Step:
    """A run of pytest. One that ends without a report, or without a single test, has failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
        code, seconds = run(name, command)
        counts = read(report)
    counts["failed"] += code != 0 and not counts["failed"]
    return Step(name, **counts, seconds=seconds)


def read(report: Path) -> dict[str, int]:
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    if not report.exists():
        return counts
    suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314  # pytest wrote it a moment ago
    for suite in suites:
        total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        counts["failed"] += failed
        counts["skipped"] += skipped
        counts["passed"] += max(total - failed - skipped, 0)
    return counts


def install_chromium() -> Step:
    """Debian's Chromium when we may install packages, else Playwright's own."""
    name = "Chromium"
    if any(map(shutil.which, CHROMIUM)):
        return Step(name, 0, 0, 0, 0.0)
    began = time.monotonic()
    is_debian_root = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if is_debian_root and _install_from_debian():
        return Step(name, 0, 0, 0, time.monotonic() - began)
    code, _ = run(name, [sys.executable, "-m", "playwright", "install", "chromium"])
    return Step(name, 0, int(code != 0), 0, time.monotonic() - began)


def _install_from_debian() -> bool:
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    update, _ = run("apt-get update", ["apt-get", "update", "-q"])
    code, _ = run("Chromium", ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"])
    return update == code == 0


def run(name: str, command: list[str], environment: dict[str, str] | None = None) -> tuple[int, float]:
    """Run a command with its output shown; return its exit code and its seconds."""
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    try:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", flush=True)
        return 127, 0.0
    try:
        code = process.wait(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        print(f"{name} was ended after {LONGEST} seconds", flush=True)
        code = _end(process)
    except KeyboardInterrupt:
        _end(process)
        raise
    return code, time.monotonic() - began


def _end(process: "subprocess.Popen[bytes]") -> int:
    """Let it tidy up, then end everything it started."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return 124


def summarise(steps: list[Step], seconds: float) -> int:
    passed, failed = sum(step.passed for step in steps), sum(step.failed for step in steps)
    print(f"\n{'step':36} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}")
    for step in steps:
        print(f"{step.name:36} {step.passed:7} {step.failed:7} {step.skipped:8} {step.seconds:8.1f}")
    print(f"{'all':36} {passed:7} {failed:7} {sum(step.skipped for step in steps):8} {seconds:8.1f}")
    print(f"{passed} passed, {failed} failed", flush=True)
    return int(failed > 0)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
