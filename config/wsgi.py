"""Pages and webhooks. See docs/decisions/http-through-wsgi.md."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from config.hooks import HooksApart
from config.utf8 import Utf8Only

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = Utf8Only(HooksApart(get_wsgi_application()))

from config.opening import open_doors  # noqa: E402  # needs the models that the line above loads

open_doors()

gc.collect()
gc.freeze()  # what is loaded by now stays: the collector need not look at it again and again
