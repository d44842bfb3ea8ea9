"""The virus scanner beside us: clamd, where there is one (FILE-07). What is no clear answer is none.

clamd(8), INSTREAM: pieces, each after its length in four bytes, a length of zero ends them; one answer, ended by NUL.
Our own sixty lines and not a library: docs/decisions/scanner.md.
"""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

SECONDS = 30.0  # for all of one file
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
        with _connected(seconds) as connection:
            connection.sendall(question)
            return _answer(connection, deadline)
    except OSError:
        raise NotScanned from None


def _answer(connection: socket.socket, deadline: float) -> bytes:
    answer = b""
    while not answer.endswith(b"\0"):
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        came = connection.recv(LONGEST_ANSWER)
        answer += came
        if not came or len(answer) > LONGEST_ANSWER:
            raise NotScanned
    return answer[:-1]


@contextmanager
def _connected(seconds: float) -> Iterator[socket.socket]:
    host, _, port = settings.CLAMD.rpartition(":")
    is_path = settings.CLAMD.startswith("/")
    with socket.socket(socket.AF_UNIX if is_path else socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(seconds)
        connection.connect(settings.CLAMD if is_path else (host, int(port)))
        yield connection
