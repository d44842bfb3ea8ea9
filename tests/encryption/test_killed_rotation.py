"""Keys are rotated while others write, and the rotation is killed with SIGKILL at random points (ENC-07)."""

import random
from threading import Event, Thread

import pytest
from django.db import connections

from encryption import rotation
from encryption.cache import KEYS
from encryption.keystore import create_center_keys, create_epoch_key, sealing_key
from encryption.models import Key
from encryption.scope import SealScope
from tenancy.ids import uuid7
from tenancy.scope import in_center, in_platform
from tests.killed import killed_after

KILLS, WRITERS, EPOCHS = 50, 4, 60


def test_a_rotation_killed_fifty_times_while_others_write_leaves_every_key_readable(
    fresh_database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "CHUNK", 2)
    center = uuid7()
    create_center_keys(center)
    for _ in range(EPOCHS):
        create_epoch_key(center, uuid7())
    with in_platform():
        (first,) = Key.objects.filter(center_id=center, purpose="center").values_list("kid", flat=True)
        before = list(Key.objects.filter(center_id=center, purpose="epoch").values_list("pk", flat=True))
    made: dict[object, bytes] = {}
    stop = Event()

    def write() -> None:
        while not stop.wait(0.01):
            epoch = uuid7()
            with in_center(center):
                create_epoch_key(center, epoch)
                made[epoch] = sealing_key(SealScope(center, epoch)).secret
        connections.close_all()

    writers = [Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(KILLS):
            killed_after(random.uniform(0.01, 0.08), lambda: rotation.begin_center(center).run(lambda count: None))
    finally:
        stop.set()
        for writer in writers:
            writer.join()

    with in_platform():
        rewrapped = Key.objects.filter(pk__in=before).exclude(wrapped_by=first).count()
    assert rewrapped, "every kill came before the first key was rewrapped: nothing is shown"
    outcome = rotation.begin_center(center).run(lambda count: None)
    assert outcome.is_complete
    KEYS.clear()
    assert made, "nobody wrote meanwhile: nothing is shown"
    for epoch, secret in made.items():
        assert sealing_key(SealScope(center, epoch)).secret == secret
    with in_platform():
        assert Key.objects.filter(center_id=center, purpose="epoch").count() == EPOCHS + len(made)
