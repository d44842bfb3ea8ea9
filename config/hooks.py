"""Webhooks, and what Twilio fetches, go through a short chain: nothing that belongs to people stands in their way.

A text brings no session, no language, no form and no cookie; looking for them would cost more than keeping it.
See docs/decisions/short-chain-for-webhooks.md.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
PREFIXES = ("/hooks/", "/m/")


class HookHandler(WSGIHandler):
    """Django's own handler with `HOOK_MIDDLEWARE` in the place of `MIDDLEWARE`."""

    _get_response: Callable[[HttpRequest], HttpResponse]

    def load_middleware(self, is_async: bool = False) -> None:
        nothing: list[Any] = []
        self._view_middleware = self._template_response_middleware = self._exception_middleware = nothing
        chain = convert_exception_to_response(self._get_response)
        for name in reversed(settings.HOOK_MIDDLEWARE):
            chain = convert_exception_to_response(import_string(name)(chain))
        self._middleware_chain = chain


class HooksApart:
    """Sends what Twilio posts and fetches through the short chain, and everything else through Django's."""

    def __init__(self, pages: Application) -> None:
        self._pages, self._hooks = pages, HookHandler()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_hook = environ.get("PATH_INFO", "").startswith(PREFIXES)
        return (self._hooks if is_hook else self._pages)(environ, start_response)
