"""How far a request or its answer comes before its connection is cut."""

from collections.abc import Callable

ALL = 1 << 30  # more than there is: the end of this part has not been seen yet


def _line(data: bytes) -> int:
    return min(8, len(data))


def _head(data: bytes) -> int:
    end = data.find(b"\r\n")
    return ALL if end < 0 else end + 20


def _body(data: bytes) -> int:
    end = data.find(b"\r\n\r\n")
    return ALL if end < 0 else end + 6


def _none(data: bytes) -> int:
    return 0


Reach = Callable[[bytes], int]
# How many bytes of the request, or of the answer, may pass before the connection is reset.
PLACES: dict[str, tuple[Reach | None, Reach | None]] = {
    "before any byte": (_none, None),
    "in the request line": (_line, None),
    "in the request's head": (_head, None),
    "in the request's body": (_body, None),
    "before the answer": (None, _none),
    "in the answer's first line": (None, _line),
    "in the answer's head": (None, _head),
    "in the answer's body": (None, _body),
}
