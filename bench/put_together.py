"""Makes the search texts of the one center, as `python -m bench.put_together` in the product's environment."""

import os
import sys

import django


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from accounts.models import Center
    from audit.context import Actor, acting
    from messaging.actions.search.texts import gather
    from tenancy.scope import in_platform

    with in_platform():
        center = Center.objects.get()
    with acting(Actor.command("bench")):
        gather(center.pk)
    return 0


if __name__ == "__main__":
    sys.exit(main())
