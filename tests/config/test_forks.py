import gc

from config.celery import load_before_forking


def test_a_workers_forks_share_what_was_loaded_before_them() -> None:
    """The collector marks what it looks at, and so makes a copy of it in every fork."""
    gc.unfreeze()  # the pages' own start may have frozen what was there
    assert gc.get_freeze_count() == 0
    try:
        load_before_forking()
        assert gc.get_freeze_count() > 100_000
    finally:
        gc.unfreeze()
