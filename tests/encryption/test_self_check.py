import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from encryption.self_check import swap_warning, transport_problems

HEADER = "Filename\tType\tSize\tUsed\tPriority\n"
NEAR = {"default": {"HOST": "", "OPTIONS": {}}}


def test_a_process_that_turned_core_dumps_off_cannot_turn_them_on_again() -> None:
    script = (
        "import resource; from encryption.self_check import turn_core_dumps_off; turn_core_dumps_off();"
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "(0, 0)\n"


@pytest.fixture
def swaps(tmp_path: Path) -> Path:
    path = tmp_path / "swaps"
    path.write_text(HEADER)
    return path


def test_no_swap_and_no_such_file_are_nothing_to_warn_of(swaps: Path, tmp_path: Path) -> None:
    assert swap_warning(swaps, tmp_path) is None
    assert swap_warning(tmp_path / "nowhere", tmp_path) is None


def test_swap_on_a_plain_disk_is_warned_of_by_name(swaps: Path, tmp_path: Path) -> None:
    swaps.write_text(HEADER + "/dev/sda2 partition 100 0 -2\n/swapfile file 100 0 -3\n")
    warning = swap_warning(swaps, tmp_path)
    assert warning
    assert "/dev/sda2, /swapfile" in warning


def test_encrypted_and_compressed_swap_are_fine(swaps: Path, tmp_path: Path) -> None:
    uuid = tmp_path / "dm-1" / "dm" / "uuid"
    uuid.parent.mkdir(parents=True)
    swaps.write_text(HEADER + "/dev/zram0 partition 100 0 100\n/dev/dm-1 partition 100 0 -2\n")
    uuid.write_text("CRYPT-PLAIN-swap\n")
    assert swap_warning(swaps, tmp_path) is None
    uuid.write_text("LVM-abcdef\n")
    assert swap_warning(swaps, tmp_path)


@pytest.mark.parametrize(
    ("host", "options", "is_safe"),
    [
        ("", {}, True),
        ("/run/postgresql", {}, True),
        ("localhost", {}, True),
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("10.0.0.5", {}, False),
        ("db.example.org", {}, False),
        ("db.example.org", {"sslmode": "require"}, False),
        ("db.example.org", {"sslmode": "verify-ca"}, False),
        ("db.example.org", {"sslmode": "verify-full"}, True),
        ("127.0.0.1,db.example.org", {}, False),
        ("localhost.example.org", {}, False),
    ],
)
def test_a_database_elsewhere_needs_verified_tls(host: str, options: dict[str, Any], is_safe: bool) -> None:
    problems = transport_problems({"default": {"HOST": host, "OPTIONS": options}}, "unix:///run/valkey.sock")
    assert (problems == []) == is_safe
    assert all("default" in problem for problem in problems)


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("redis://127.0.0.1:6379/0", True),
        ("redis://localhost", True),
        ("unix:///run/valkey.sock?db=0", True),
        ("rediss://valkey.example.org:6379/0", True),
        ("rediss://valkey.example.org/0?ssl_cert_reqs=none", False),
        ("redis://valkey.example.org:6379/0", False),
        ("redis://:password@10.0.0.7:6379/0", False),
    ],
)
def test_valkey_elsewhere_needs_verified_tls(url: str, is_safe: bool) -> None:
    problems = transport_problems(NEAR, url)
    assert (problems == []) == is_safe
    assert not any("password" in problem or "10.0.0.7" in problem for problem in problems)
