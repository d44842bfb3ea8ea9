"""The only Celery tasks. They hold no work of their own: a lost one costs a second."""

from celery import shared_task

from jobs import runner

BEAT = {
    "run-due": {"task": "jobs.run_due", "schedule": 1.0, "options": {"expires": 5}},
    "forget-done": {"task": "jobs.forget_done", "schedule": 3600.0, "options": {"expires": 600}},
}


@shared_task(name="jobs.run_due")
def run_due() -> None:
    runner.run_due()


@shared_task(name="jobs.forget_done")
def forget_done() -> None:
    runner.forget_done()
