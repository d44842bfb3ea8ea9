"""What the handler must not be asked to read: it would fail before anything of ours could answer."""

from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
UTF8 = {"utf-8", "utf8"}
LONGEST_LENGTH = 18  # digits


class Utf8Only:
    """Drops a charset that is not UTF-8, and a length that is no number, from what a request says of itself.

    Django decodes by whatever codec a request names, such as "hex" or "undefined", and then fails outside its own
    handling of errors; "unicode_escape" would let in text that no database holds.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        kind, _semicolon, parameters = environ.get("CONTENT_TYPE", "").partition(";")
        if not set(_charsets(parameters)) <= UTF8:
            environ["CONTENT_TYPE"] = kind
        length = environ.get("CONTENT_LENGTH", "")
        if length and not (length.isascii() and length.isdigit() and len(length) <= LONGEST_LENGTH):
            environ["CONTENT_LENGTH"] = "0"
        return self._application(environ, start_response)


def _charsets(parameters: str) -> Iterable[str]:
    for parameter in parameters.split(";"):
        name, _equals, value = parameter.partition("=")
        if name.strip().lower().rstrip("*") == "charset":
            yield value.strip().strip("\"'").lower()
