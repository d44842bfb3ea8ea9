"""The virus scanner beside us: clamd, where there is one (FILE-07). What is no clear answer is none.

clamd(8), INSTREAM: pieces, each after its length in four bytes, a length of zero ends them; one answer, ended by NUL.
Our own sixty lines and not a library: docs/decisions/scanner.md.
"""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

SECONDS = 20.0  # for all of one file, from the first attempt to connect to the last sign of the answer
SECONDS_TO_ANSWER = 1.0  # when it is only asked whether it is there
PIECE = 64 * 1024
LONGEST_ANSWER = 4096
CLEAN, FOUND = re.compile(rb"stream: OK"), re.compile(rb"stream: [^\x00\r\n]+ FOUND")


class NotScanned(Exception):
    """The scanner has not said whether a file is clean: it is away, too slow, or did not make sense."""


def is_on() -> bool:
    """Whether this installation has a scanner."""
    return bool(settings.CLAMD)


def answers() -> bool:
    """Whether the scanner is there."""
    try:
        return _asked(b"zPING\0", SECONDS_TO_ANSWER) == b"PONG"
    except NotScanned:
        return False


def is_harmful(file: bytes) -> bool:
    """Whether the scanner warns of a file. Raises `NotScanned` for whatever is neither yes nor no."""
    answer = _asked(b"zINSTREAM\0" + b"".join(_pieces(file)), SECONDS)
    if FOUND.fullmatch(answer):
        return True
    if CLEAN.fullmatch(answer):
        return False
    raise NotScanned


def _pieces(file: bytes) -> Iterator[bytes]:
    for start in range(0, len(file), PIECE):
        piece = file[start : start + PIECE]
        yield len(piece).to_bytes(4) + piece
    yield bytes(4)


def _asked(question: bytes, seconds: float) -> bytes:
    """One question and its answer, without its end. Raises `NotScanned`."""
    deadline = time.monotonic() + seconds
    try:
        with _connected(deadline) as connection:
            connection.settimeout(_left(deadline))  # for all of it, not for each piece (Python 3.5)
            connection.sendall(question)
            return _answer(connection, deadline)
    except OSError:
        raise NotScanned from None


def _answer(connection: socket.socket, deadline: float) -> bytes:
    answer = b""
    while not answer.endswith(b"\0"):
        connection.settimeout(_left(deadline))
        came = connection.recv(LONGEST_ANSWER)
        answer += came
        if not came or len(answer) > LONGEST_ANSWER:
            raise NotScanned
    return answer[:-1]


@contextmanager
def _connected(deadline: float) -> Iterator[socket.socket]:
    """To the first of the scanner's places that lets us in: "localhost" is two addresses."""
    last: OSError = ConnectionRefusedError()
    for family, address in _places():
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(_left(deadline))
            try:
                connection.connect(address)
            except OSError as error:
                last = error
                continue
            yield connection
            return
    raise last


def _places() -> Iterator[tuple[int, Any]]:
    if settings.CLAMD.startswith("/"):
        yield socket.AF_UNIX, settings.CLAMD
        return
    host, _, port = settings.CLAMD.rpartition(":")
    for family, _kind, _protocol, _name, address in socket.getaddrinfo(
        host.strip("[]"), int(port), type=socket.SOCK_STREAM
    ):
        yield family, address


def _left(deadline: float) -> float:
    """What is left until then, in seconds. Raises TimeoutError when nothing is: zero would not wait at all."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
