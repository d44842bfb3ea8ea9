from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import StringIO
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from pytest_django import Settings

from encryption import rotation
from encryption.cache import KEYS
from encryption.keystore import create_center_keys, create_epoch_key, destroy_epoch_key, sealing_key
from encryption.models import Key
from encryption.roots import check_root_keys, new_root_key_line, writing_root_key
from encryption.scope import SealScope
from tenancy.ids import INSTALLATION, uuid7
from tenancy.scope import in_center, in_platform

EPOCHS = 7


class Killed(BaseException):
    """Stands for kill -9: nothing catches it, and no cleanup of ours runs."""


@pytest.fixture
def center(db: None, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A center with more keys than fit into one chunk."""
    monkeypatch.setattr(rotation, "CHUNK", 2)
    center = uuid7()
    create_center_keys(center)
    for _ in range(EPOCHS):
        create_epoch_key(center, uuid7())
    return center


def rotate(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *arguments, stdout=out)
    return out.getvalue()


def keys(**where: Any) -> list[Key]:
    with in_platform():
        return list(Key.objects.filter(**where).order_by("pk"))


def secrets_of(center: UUID) -> dict[UUID | None, bytes]:
    """The keys that seal, read anew from the database."""
    KEYS.clear()
    owners = [key.owner_id for key in keys(center_id=center, purpose__in=["rest", "epoch"])]
    return {owner: sealing_key(SealScope(center, owner)).secret for owner in owners}


def wrappers(center: UUID) -> set[bytes]:
    return {bytes(key.wrapped_by) for key in keys(center_id=center) if key.purpose not in Key.BY_ROOT}


def test_a_new_center_key_wraps_every_key_and_changes_none(center: UUID) -> None:
    before, old = secrets_of(center), wrappers(center)
    said = rotate("center", "--center", str(center))
    assert secrets_of(center) == before
    assert wrappers(center).isdisjoint(old)
    states = [key.state for key in keys(center_id=center, purpose="center")]
    assert states == ["retired", "active"]
    assert "9 of 9 keys to rewrap" in said
    assert "9 rewrapped, 0 left" in said
    assert said.endswith("Every key opens.\n")


def test_without_a_center_every_center_is_rotated(center: UUID) -> None:
    other = uuid7()
    create_center_keys(other)
    old = wrappers(center) | wrappers(other)
    rotate("center")
    assert (wrappers(center) | wrappers(other)).isdisjoint(old)


def test_rotating_one_center_leaves_the_others_alone(center: UUID) -> None:
    other = uuid7()
    create_center_keys(other)
    before = wrappers(other)
    rotate("center", "--center", str(center))
    assert wrappers(other) == before


def test_a_new_root_key_takes_over_and_the_old_one_can_go(center: UUID, settings: Settings) -> None:
    sealing_key(SealScope(INSTALLATION))
    before, old_line = secrets_of(center), settings.QUIETLINE_ROOT_KEYS
    new_line = new_root_key_line()
    settings.QUIETLINE_ROOT_KEYS = f"{new_line},{old_line}"

    said = rotate("root")

    assert f"Root key {new_line[:16]} writes." in said
    assert {bytes(key.wrapped_by).hex() for key in keys(purpose__in=Key.BY_ROOT)} == {new_line[:16]}
    settings.QUIETLINE_ROOT_KEYS = new_line
    check_root_keys()
    assert secrets_of(center) == before


def test_without_the_old_root_key_nothing_is_changed(center: UUID, settings: Settings) -> None:
    before = {key.pk: bytes(key.wrapped) for key in keys()}
    settings.QUIETLINE_ROOT_KEYS = new_root_key_line()
    KEYS.clear()
    with pytest.raises(CommandError, match="left under an old key"):
        rotate("root")
    assert {key.pk: bytes(key.wrapped) for key in keys()} == before


@pytest.mark.parametrize("level", ["root", "center"])
def test_a_dry_run_says_what_it_would_do_and_does_nothing(center: UUID, level: str, settings: Settings) -> None:
    settings.QUIETLINE_ROOT_KEYS = f"{new_root_key_line()},{settings.QUIETLINE_ROOT_KEYS}"
    before = {key.pk: (bytes(key.wrapped), key.state) for key in keys()}
    said = rotate(level, "--dry-run")
    assert "would" in said
    assert {key.pk: (bytes(key.wrapped), key.state) for key in keys()} == before


def test_destroyed_keys_are_left_alone(center: UUID) -> None:
    epoch = next(key.owner_id for key in keys(center_id=center, purpose="epoch"))
    destroy_epoch_key(center, epoch)
    rotate("center", "--center", str(center))
    (gone,) = keys(owner_id=epoch)
    assert (gone.state, bytes(gone.wrapped)) == ("destroyed", b"")


def test_a_key_that_does_not_open_is_named_and_the_others_are_rewrapped(center: UUID) -> None:
    broken = keys(center_id=center, purpose="epoch")[3]
    KEYS.clear()
    with in_platform():
        Key.objects.filter(pk=broken.pk).update(wrapped=bytes(145))
    with pytest.raises(CommandError, match=bytes(broken.kid).hex()):
        rotate("center", "--center", str(center))
    assert len(wrappers(center)) == 2

    with pytest.raises(CommandError):
        rotate("center", "--center", str(center))
    assert len(keys(center_id=center, purpose="center")) == 3, "a broken key must not end all rotation"


def test_a_center_without_keys_is_refused_in_a_sentence(center: UUID) -> None:
    with pytest.raises(CommandError, match="has no keys"):
        rotate("center", "--center", str(uuid7()))


@contextmanager
def killed_at(statement: int) -> Iterator[list[int]]:
    """Let this many statements through to the database and no more."""
    sent = [0]

    def guard(execute: Callable[..., Any], *call: Any) -> Any:
        sent[0] += 1
        if sent[0] > statement:
            raise Killed
        return execute(*call)

    with connection.execute_wrapper(guard):
        yield sent


@pytest.mark.parametrize("level", ["root", "center"])
def test_a_rotation_may_be_killed_at_any_statement_and_run_again(
    fresh_database: object, monkeypatch: pytest.MonkeyPatch, settings: Settings, level: str
) -> None:
    monkeypatch.setattr(rotation, "CHUNK", 2)
    center = uuid7()
    create_center_keys(center)
    create_center_keys(INSTALLATION)
    for _ in range(3):
        create_epoch_key(center, uuid7())
    before = secrets_of(center)
    settings.QUIETLINE_ROOT_KEYS = f"{new_root_key_line()},{settings.QUIETLINE_ROOT_KEYS}"
    arguments = ["root"] if level == "root" else ["center", "--center", str(center)]

    statement = 0
    while True:
        KEYS.clear()
        try:
            with killed_at(statement):
                rotate(*arguments)
            break
        except Killed:
            connection.close()
            assert secrets_of(center) == before, f"unreadable after statement {statement}"
            statement += 1
    assert statement > 10, "it was never killed in the middle"
    assert secrets_of(center) == before
    if level == "root":
        assert {bytes(key.wrapped_by) for key in keys(purpose__in=Key.BY_ROOT)} == {writing_root_key().kid}
    else:
        (active,) = keys(center_id=center, purpose="center", state="active")
        assert wrappers(center) == {bytes(active.kid)}


def test_an_interrupted_rotation_is_finished_with_the_key_it_made(center: UUID) -> None:
    begun = rotation.begin_center(center)
    assert begun.count_left() == EPOCHS + 2
    assert "interrupted rotation would be finished" in rotate("center", "--center", str(center), "--dry-run")
    rotate("center", "--center", str(center))
    assert len(keys(center_id=center, purpose="center")) == 2


def test_keys_made_while_a_center_rotates_are_never_left_behind(fresh_database: object) -> None:
    center, stop = uuid7(), Event()
    create_center_keys(center)

    def write() -> list[tuple[UUID, bytes]]:
        made = []
        try:
            while not stop.is_set() and len(made) < 300:
                epoch = uuid7()
                with in_center(center):
                    create_epoch_key(center, epoch)
                    made.append((epoch, sealing_key(SealScope(center, epoch)).secret))
            return made
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write) for _ in range(4)]
        try:
            for _ in range(5):
                rotate("center", "--center", str(center))
        finally:
            stop.set()
        made = [one for writer in writers for one in writer.result()]
    assert len(made) > 20, "the writers wrote too little to prove anything"
    assert len({secret for _, secret in made}) == len(made)

    KEYS.clear()
    assert rotation.of_center(center).count_left() == 0
    assert all(sealing_key(SealScope(center, epoch)).secret == secret for epoch, secret in made)
