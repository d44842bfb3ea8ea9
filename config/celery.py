"""The worker and the clock. Work itself is in `jobs`; the clock's process also numbers the log."""

import gc
import os
import threading
from pathlib import Path
from typing import Any

import structlog
from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init, worker_process_init, worker_ready
from django.db import InterfaceError, OperationalError

PAUSE = 5.0  # seconds

log = structlog.get_logger(__name__)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("quietline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def schedule(sender: Celery, **kwargs: Any) -> None:
    from accounts import tasks as accounts
    from jobs import tasks as jobs
    from messaging import tasks as messaging

    sender.conf.beat_schedule = {**jobs.BEAT, **accounts.BEAT, **messaging.BEAT}


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """Celery configures logging of its own unless somebody answers this signal."""


@worker_init.connect
@beat_init.connect
def begin_when_sound(**kwargs: Any) -> None:
    from config.opening import begin_work

    begin_work()


@worker_init.connect
def load_before_forking(**kwargs: Any) -> None:
    """What is in memory before the forks is shared by them, unless the collector writes its marks into it.

    But no connection: a fork that closed it would end it for this process too.
    """
    app.loader.import_default_modules()
    _close_connections()
    gc.collect()
    gc.freeze()


@worker_ready.connect
@beat_init.connect
def say_ready(**kwargs: Any) -> None:
    """Whoever watches these processes waits for this file: they answer on no port."""
    if file := os.environ.get("READY_FILE"):
        Path(file).touch()


@worker_ready.connect
def look_for_what_was_missed(**kwargs: Any) -> None:
    """While nothing ran, texts may have come: Twilio's lists are compared at once, or when the database is back."""
    threading.Thread(target=begin_reconciling, args=(threading.Event(),), name="reconciler", daemon=True).start()


def begin_reconciling(stop: threading.Event) -> None:
    """Arrange the first comparison of every line; each then arranges the next. Without this one there is none."""
    from messaging.actions.reconciling import keep_reconciling

    while not stop.is_set():
        try:
            keep_reconciling()
            break
        except (OperationalError, InterfaceError) as problem:
            log.warning("reconciler_waits_for_the_database", error=type(problem).__name__)
            _close_connections()
            stop.wait(PAUSE)
    _close_connections()


@beat_init.connect
def number_the_log(**kwargs: Any) -> None:
    """One sequencer beside the clock; an advisory lock makes a second one wait."""
    from audit.runner import run_forever

    threading.Thread(target=run_forever, args=(threading.Event(),), name="sequencer", daemon=True).start()


@beat_init.connect
def empty_the_spool(**kwargs: Any) -> None:
    """Webhooks that waited on disk while the database was away."""
    from messaging.actions.draining import drain_forever

    threading.Thread(target=drain_forever, args=(threading.Event(),), name="spool", daemon=True).start()


@worker_process_init.connect
def start_without_inherited_connections(**kwargs: Any) -> None:
    """A forked process may not share its parent's database pool."""
    _close_connections()


def _close_connections() -> None:
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
