"""A neighbour that speaks clamd's protocol, or does not: for the faults of the door to a virus scanner."""

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# In two halves, so that no scanner warns of this file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

Answer = Callable[["Neighbour", bytes], None]


class Neighbour(socketserver.StreamRequestHandler):
    """One connection: PING is answered, a file is read to its end and given to the answer of the day."""

    def handle(self) -> None:
        server: Any = self.server
        command = self._until_nul()
        if command == b"zPING":
            self.wfile.write(b"PONG\0")
        elif command == b"zINSTREAM":
            server.scanned.append(self._file())
            server.answer(self, server.scanned[-1])

    def _until_nul(self) -> bytes:
        command = b""
        while (sign := self.rfile.read(1)) not in (b"\0", b""):
            command += sign
        return command

    def _file(self) -> bytes:
        file = b""
        while length := int.from_bytes(self.rfile.read(4)):
            file += self.rfile.read(length)
        return file


def as_clamd_does(neighbour: Neighbour, file: bytes) -> None:
    neighbour.wfile.write(b"stream: Eicar-Test FOUND\0" if EICAR in file else b"stream: OK\0")


def saying(answer: bytes) -> Answer:
    return lambda neighbour, file: neighbour.wfile.write(answer) and None


def drop_by_drop(neighbour: Neighbour, file: bytes) -> None:
    for sign in b"stream: OK\0":
        time.sleep(0.2)
        neighbour.wfile.write(bytes([sign]))


def without_end(neighbour: Neighbour, file: bytes) -> None:
    while True:
        neighbour.wfile.write(b"stream: OK" * 500)


def silent(neighbour: Neighbour, file: bytes) -> None:
    time.sleep(2)


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up on us in the middle of an answer was right to."""


class _Tcp6(_Tcp):
    address_family = socket.AF_INET6


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The same."""


@contextmanager
def neighbour(answer: Answer = as_clamd_does, *, path: str = "", host: str = "127.0.0.1") -> Iterator[Any]:
    """Listen, at a path or at a port of this machine; `.address` is what CLAMD says, `.scanned` what came."""
    server: Any = _Unix(path, Neighbour) if path else (_Tcp6 if ":" in host else _Tcp)((host, 0), Neighbour)
    server.answer, server.scanned = answer, []
    server.address = path or f"{f'[{host}]' if ':' in host else host}:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
