"""One process of the simulation: makes its world, runs its share of the numbers, and says what it saw as JSON lines."""

import json
import os
import sys
import time

ORIGIN = "https://quietline.test"
NOBODY = "http://127.0.0.1:9"  # where Twilio would be asked, nobody listens


def main() -> None:
    """python -m simulate.bad.worker SEED FIRST END STEP SECONDS"""
    seed, first, end, step = map(int, sys.argv[1:5])
    until = time.monotonic() + float(sys.argv[5])
    prepare()
    from simulate.bad.runner import Runner  # it loads models, which want the settings

    runner = Runner(seed, first if step > 1 else 0)
    for done in runner.run(range(first, end, step), until):
        print(json.dumps({"done": done}), flush=True)
    print(json.dumps(runner.told()), flush=True)


def prepare() -> None:
    """Django on the environment's database, at an address of https as in production."""
    os.environ.update(PUBLIC_BASE_URL=ORIGIN, STAFF_BASE_URL=ORIGIN, EXTRA_STAFF_ORIGINS="", SPOOL_PATH="")
    os.environ["TWILIO_API_BASE_URL"] = NOBODY
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


if __name__ == "__main__":
    main()
