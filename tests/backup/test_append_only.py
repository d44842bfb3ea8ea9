"""Whether this server could take its backups away is tried, and said (OPS-04)."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backup import append_only
from backup.append_only import FILE, FOLDER, can_delete
from backup.models import Standing
from backup.problems import Refused
from tenancy.scope import in_platform
from tests.backup.conftest import House, run


@pytest.fixture
def sealed_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Make a place append-only: by the file system where it can and we may, else by refusing what it would."""
    closed: list[Path] = []

    def close(place: Path) -> None:
        if subprocess.run(["chattr", "-R", "+a", str(place)], capture_output=True, check=False).returncode == 0:
            closed.append(place)
            return
        for name in ("open", "unlink", "rename", "chmod"):
            monkeypatch.setattr(append_only.os, name, refuse)
            monkeypatch.setattr(Path, name, refuse)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    yield close
    for place in closed:
        subprocess.run(["chattr", "-R", "-a", str(place)], capture_output=True, check=True)


def test_a_common_folder_can_be_deleted_from_and_the_trial_lies_there_afterwards(tmp_path: Path) -> None:
    assert can_delete(tmp_path)
    assert can_delete(tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == [FOLDER, FILE]


def test_a_place_that_only_takes_more_is_recognised(tmp_path: Path, sealed_off: Callable[[Path], None]) -> None:
    assert can_delete(tmp_path)
    sealed_off(tmp_path)
    assert not can_delete(tmp_path)


@pytest.mark.parametrize("allowed", ["open", "unlink", "rename"])
def test_one_way_to_take_a_backup_away_is_enough(allowed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing over a file, deleting it, or giving its folder another name."""
    can_delete(tmp_path)
    monkeypatch.setattr(append_only, "_lay_down", lambda folder: None)  # it could not, once the rest is refused

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    for name, owner in {"open": os, "unlink": Path, "rename": Path}.items():
        if name != allowed:
            monkeypatch.setattr(owner, name, refuse)
    assert can_delete(tmp_path)


def test_a_place_that_takes_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="cannot be written"):
        can_delete(tmp_path / "file")


def test_a_backup_says_where_it_can_be_deleted_and_the_doctor_hears_of_it_until_it_cannot(
    house: House, sealed_off: Callable[[Path], None]
) -> None:
    data, keys = house.folder / "data", house.folder / "keys"
    places = ["--to", data, "--keys-to", keys]
    code, said = run("backup", *places)
    assert (code, f"can delete what lies in {data}" in said, f"can delete what lies in {keys}" in said) == (
        0,
        True,
        True,
    )
    with in_platform():
        since = Standing.objects.get().deletable_since
    assert since
    run("backup", *places)
    with in_platform():
        assert Standing.objects.get().deletable_since == since
    for place in (data, keys):
        sealed_off(place)
    code, said = run("backup", *places)
    assert (code, "can delete" in said) == (0, False), said
    with in_platform():
        assert Standing.objects.get().deletable_since is None
