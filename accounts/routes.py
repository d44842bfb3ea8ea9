"""Every address of the product, and whether the table of permissions knows it."""

from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.roles import NEEDS


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """All of them, however deep they are included."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern)
        else:
            yield pattern


def refuse_unlisted(resolver: URLResolver | None = None) -> None:
    """Raise `ImproperlyConfigured` while an address that asks for a sign-in needs no permission, or the table names
    one that does not exist. Whoever adds a page says who may see it."""
    guarded = {str(one.name) for one in patterns(resolver) if getattr(one.callback, "login_required", True)}
    if odd := sorted(guarded ^ NEEDS.keys()):
        raise ImproperlyConfigured(f"accounts/roles.py and the addresses differ: {', '.join(odd)}")
