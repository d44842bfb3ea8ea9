from typing import Any

from django.conf import settings
from django.http import HttpRequest

from config.modes import MODES


def page(request: HttpRequest) -> dict[str, Any]:
    """What every page may draw: who is signed in and where. Lazy parts cost nothing when not drawn."""
    return {"member": getattr(request, "member", None), "is_trial": settings.TRIAL, "all_modes": MODES}
