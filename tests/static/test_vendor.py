"""What others wrote is what npm gave us, and a first look at the inbox stays light."""

import hashlib
import json
import re
from pathlib import Path

import brotli

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
FIRST_LOAD = 120 * 1024  # bytes, compressed


def checksums() -> dict[str, str]:
    lines = (STATIC / "vendor" / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def test_vendored_files_match_their_checksums() -> None:
    for name, digest in checksums().items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name


def test_nothing_is_vendored_without_a_checksum() -> None:
    held = {str(path.relative_to(STATIC)) for path in (STATIC / "vendor").rglob("*") if path.is_file()}
    assert held - {"vendor/SHA256SUMS"} == set(checksums()) - {"icons.svg"}


def test_versions_are_pinned_exactly() -> None:
    packages = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert packages
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in packages.values())


def weight(name: str) -> int:
    """Bytes that travel: compressed, except for a font, which is compressed already."""
    content = (STATIC / name).read_bytes()
    return len(content) if name.endswith(".woff2") else len(brotli.compress(content))


def loaded_by_the_inbox() -> set[str]:
    """Every static file that the inbox names, the sprite among them."""
    pages = [
        "base.html",
        "components/scripts.html",
        "components/header.html",
        "messaging/inbox.html",
        "messaging/_scripts.html",
    ]
    words = "".join((ROOT / "templates" / page).read_text(encoding="utf-8") for page in pages)
    return set(re.findall(r"{% static '([^']+)' %}", words)) | {"icons.svg"}


def test_a_first_look_at_the_inbox_weighs_at_most_120_kb() -> None:
    files = loaded_by_the_inbox()
    assert {"vendor/htmx.min.js", "css/thread.css", "js/elements/live-bell.js"} <= files, "this misses what is loaded"
    page = 12 * 1024  # a full list and a long conversation, compressed
    assert sum(map(weight, files)) + page <= FIRST_LOAD
