from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from encryption import keystore
from encryption.cache import KEYS
from encryption.envelope import DataKey
from encryption.errors import EnvelopeAltered, KeyDestroyed, KeyMissing, SealError
from encryption.keystore import (
    create_center_keys,
    create_epoch_key,
    destroy_epoch_key,
    load_keys,
    opening_key,
    sealing_key,
    signing_key_bytes,
)
from encryption.models import Key
from encryption.scope import SealScope
from tenancy.ids import INSTALLATION, uuid7
from tenancy.scope import in_center, in_platform


def keys_of(center: UUID) -> list[Key]:
    with in_platform():
        return list(Key.objects.filter(center_id=center).order_by("purpose"))


def test_a_center_has_a_center_key_a_rest_key_and_a_phone_index_key(center: UUID) -> None:
    assert [key.purpose for key in keys_of(center)] == ["center", "phone-index", "rest"]
    assert len({bytes(key.kid) for key in keys_of(center)}) == 3


def test_creating_keys_again_changes_nothing(center: UUID, epoch: UUID) -> None:
    before = {key.pk: bytes(key.wrapped) for key in keys_of(center)}
    create_center_keys(center)
    create_epoch_key(center, epoch)
    assert {key.pk: bytes(key.wrapped) for key in keys_of(center)} == before


def test_the_root_key_wraps_center_keys_and_center_keys_wrap_the_rest(center: UUID, epoch: UUID) -> None:
    rows = {key.purpose: key for key in keys_of(center)}
    root = keystore.writing_root_key().kid
    assert bytes(rows["center"].wrapped_by) == root
    for purpose in ("rest", "epoch", "phone-index"):
        assert bytes(rows[purpose].wrapped_by) == bytes(rows["center"].kid)


def test_no_key_is_in_the_database_in_the_clear(center: UUID, epoch: UUID) -> None:
    secret = sealing_key(SealScope(center, epoch)).secret
    assert len(secret) == 32
    assert not any(secret in bytes(row.wrapped) for row in keys_of(center))


def test_each_epoch_has_its_own_key_and_the_rest_another(center: UUID, epoch: UUID) -> None:
    other = uuid7()
    create_epoch_key(center, other)
    scopes = SealScope(center), SealScope(center, epoch), SealScope(center, other)
    assert len({sealing_key(scope).secret for scope in scopes}) == 3


def test_a_center_without_keys_seals_nothing(center: UUID) -> None:
    with pytest.raises(KeyMissing):
        sealing_key(SealScope(uuid7()))
    with pytest.raises(KeyMissing):
        sealing_key(SealScope(center, uuid7()))
    with pytest.raises(KeyMissing):
        create_epoch_key(uuid7(), uuid7())


@pytest.mark.django_db
def test_the_installation_makes_its_keys_on_first_use() -> None:
    assert len(signing_key_bytes()) == 32
    KEYS.clear()
    again = signing_key_bytes()
    assert again == signing_key_bytes()
    assert isinstance(sealing_key(SealScope(INSTALLATION)), DataKey)


def test_a_key_is_read_and_unwrapped_once_a_minute(
    center: UUID,
    epoch: UUID,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kid = sealing_key(SealScope(center, epoch)).kid
    opening_key(kid, center)
    monkeypatch.setattr(keystore, "unwrap", None)
    with django_assert_num_queries(0):
        for _ in range(100):
            opening_key(kid, center)
            sealing_key(SealScope(center, epoch))


def test_an_id_that_nobody_has_is_a_missing_key(center: UUID) -> None:
    with pytest.raises(KeyMissing) as problem:
        opening_key(b"\0" * 8, center)
    assert problem.value.key_id == "00" * 8


def test_many_keys_come_with_one_query(
    center: UUID, epoch: UUID, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with in_center(center):
        epochs = [uuid7() for _ in range(5)]
        for one in epochs:
            create_epoch_key(center, one)
        kids = [sealing_key(SealScope(center, one)).kid for one in epochs]
        KEYS.clear()
        with django_assert_num_queries(1):  # the center key that wraps them comes along
            load_keys([*kids, b"missing!"], center)
        with django_assert_num_queries(0):
            for kid in kids:
                opening_key(kid, center)


def test_a_wrapped_key_that_was_altered_is_refused(center: UUID) -> None:
    row = next(key for key in keys_of(center) if key.purpose == "rest")
    KEYS.clear()
    with in_platform():
        row.wrapped = bytes(row.wrapped)[:-1] + bytes([bytes(row.wrapped)[-1] ^ 1])
        row.save()
    with pytest.raises(EnvelopeAltered):
        opening_key(bytes(row.kid), center)
    load_keys([bytes(row.kid)], center)  # one bad key does not keep a page from loading the others


def test_a_bad_key_does_not_spoil_the_transaction_that_meets_it(fresh_database: object) -> None:
    center = uuid7()
    create_center_keys(center)
    KEYS.clear()
    rest = next(key for key in keys_of(center) if key.purpose == "rest")
    for scope in (in_platform, lambda: in_center(center), lambda: in_center(uuid7()), transaction.atomic):
        with scope():
            with in_platform():
                Key.objects.filter(pk=rest.pk).update(wrapped=bytes(145))
            for kid in (bytes(rest.kid), b"missing!"):
                with pytest.raises(SealError):
                    opening_key(kid, center)
            with pytest.raises(SealError):
                sealing_key(SealScope(center))
            assert not Key.objects.filter(kid=b"missing!").exists()


def test_a_wrapped_key_cannot_take_the_place_of_another(center: UUID, epoch: UUID) -> None:
    rows = {key.purpose: key for key in keys_of(center)}
    KEYS.clear()
    with in_platform():
        rows["rest"].wrapped = bytes(rows["epoch"].wrapped)
        rows["rest"].save()
    with pytest.raises(EnvelopeAltered):
        opening_key(bytes(rows["rest"].kid), center)


def test_a_destroyed_key_neither_opens_nor_seals_nor_comes_back(center: UUID, epoch: UUID) -> None:
    kid = sealing_key(SealScope(center, epoch)).kid
    destroy_epoch_key(center, epoch)

    for attempt in (
        lambda: opening_key(kid, center),
        lambda: sealing_key(SealScope(center, epoch)),
        lambda: create_epoch_key(center, epoch),
        lambda: opening_key(kid, center),
    ):
        with pytest.raises(KeyDestroyed):
            attempt()
    row = next(key for key in keys_of(center) if key.purpose == "epoch")
    assert (row.state, bytes(row.wrapped)) == ("destroyed", b"")
    assert row.destroyed_at
    assert len(keys_of(center)) == 4, "trying again left a key behind"


def test_destroying_twice_keeps_the_first_time(center: UUID, epoch: UUID) -> None:
    destroy_epoch_key(center, epoch)
    first = [key.destroyed_at for key in keys_of(center)]
    destroy_epoch_key(center, epoch)
    assert [key.destroyed_at for key in keys_of(center)] == first


def test_the_database_refuses_a_destroyed_key_with_bytes_and_a_living_one_without(center: UUID) -> None:
    row = keys_of(center)[0]
    for state, wrapped in (("destroyed", bytes(row.wrapped)), ("active", b"")):
        row.state, row.wrapped = state, wrapped
        with pytest.raises(IntegrityError), in_platform():
            row.save()


def test_a_long_destroyed_key_is_asked_for_once(
    center: UUID, epoch: UUID, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    kid = sealing_key(SealScope(center, epoch)).kid
    destroy_epoch_key(center, epoch)
    with in_platform():
        Key.objects.filter(kid=kid).update(destroyed_at=timezone.now() - timezone.timedelta(minutes=2))
    with pytest.raises(KeyDestroyed):
        opening_key(kid, center)
    with django_assert_num_queries(0), pytest.raises(KeyDestroyed):
        opening_key(kid, center)


def test_a_key_that_a_rollback_took_away_seals_nothing_afterwards(center: UUID) -> None:
    epoch = uuid7()
    with pytest.raises(ZeroDivisionError), in_center(center):
        create_epoch_key(center, epoch)
        assert sealing_key(SealScope(center, epoch)), "inside its transaction the key is there"
        raise ZeroDivisionError
    with pytest.raises(KeyMissing):
        sealing_key(SealScope(center, epoch))


def test_a_test_that_plays_commit_hooks_leaves_no_key_behind(
    center: UUID, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    epoch, name = uuid7(), "epoch"
    with django_capture_on_commit_callbacks(execute=True) as hooks:
        create_epoch_key(center, epoch)
    assert hooks
    assert KEYS.get((center, name, epoch)) is None


def test_keys_of_a_center_are_seen_in_its_own_scope_and_by_the_platform(center: UUID) -> None:
    with in_center(center):
        assert Key.objects.filter(center_id=center).count() == 3
    with in_center(uuid7()):
        assert not Key.objects.filter(center_id=center).exists()
    with transaction.atomic():
        assert not Key.objects.filter(center_id=center).exists()
    with in_platform():
        assert Key.objects.filter(center_id=center).count() == 3


def test_twenty_at_once_get_the_same_key(fresh_database: object) -> None:
    center, epoch, start = uuid7(), uuid7(), Barrier(20)
    create_center_keys(center)
    KEYS.clear()

    def ask(_: int) -> bytes:
        try:
            start.wait()
            with in_center(center):
                create_epoch_key(center, epoch)
                return sealing_key(SealScope(center, epoch)).secret
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        secrets = list(pool.map(ask, range(20)))
    assert len(set(secrets)) == 1
    KEYS.clear()
    assert sealing_key(SealScope(center, epoch)).secret == secrets[0], "another key is stored"
    assert len(keys_of(center)) == 4


def test_another_thread_waits_for_a_key_that_is_not_committed_yet(fresh_database: object) -> None:
    center, epoch = uuid7(), uuid7()
    create_center_keys(center)

    def ask() -> bytes:
        try:
            create_epoch_key(center, epoch)
            return sealing_key(SealScope(center, epoch)).secret
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with in_center(center):
            create_epoch_key(center, epoch)
            mine = sealing_key(SealScope(center, epoch)).secret
            theirs = pool.submit(ask)
        assert theirs.result(timeout=10) == mine


def test_a_committed_key_is_remembered_and_a_destroyed_one_forgotten(fresh_database: object) -> None:
    center, epoch = uuid7(), uuid7()
    create_center_keys(center)
    create_epoch_key(center, epoch)
    name = (center, Key.Purpose.EPOCH, epoch)
    kept = KEYS.get(name)
    assert isinstance(kept, DataKey)
    assert KEYS.get(kept.kid) == kept

    with in_center(center):
        destroy_epoch_key(center, epoch)
        KEYS.put(kept.kid, kept)  # as another thread would, that read the row before the commit
    assert KEYS.get(name) is None
    assert KEYS.get(kept.kid) is None
