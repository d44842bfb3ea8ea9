from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.own_account import own_account_of
from config.modes import MODES


def page(request: HttpRequest) -> dict[str, Any]:
    """What every page may draw: who is signed in, where, and what she may do. Lazy parts cost nothing undrawn."""
    member = getattr(request, "member", None)
    return {
        "member": member,
        "account": SimpleLazyObject(lambda: own_account_of(member)) if member else None,
        "may": member.permissions if member else (),
        "idle_seconds": member.center.idle_seconds if member else settings.SESSION_IDLE_SECONDS,
        "is_trial": settings.TRIAL,
        "all_modes": MODES,
    }
