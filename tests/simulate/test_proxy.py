"""The proxies break what they say they break, and nothing else."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from simulate.network import Network, proxied
from simulate.places import PLACES

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + b"a" * 20
REQUEST = b"POST /texts HTTP/1.1\r\nHost: twilio\r\nContent-Length: 20\r\n\r\n" + b"q" * 20


class Server:
    """Answers every request whole, and remembers what it heard."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        place = len(self.heard)
        self.heard.append(b"")
        with line:
            try:
                while part := line.recv(4096):
                    self.heard[place] += part
                    if self.heard[place].endswith(b"q" * 20):
                        line.sendall(ANSWER)
            except OSError:
                return

    def bytes_heard(self, expected: int) -> int:
        """How many, once as many as expected have come, or nothing more comes."""
        deadline = time.monotonic() + 1
        while (count := len(b"".join(self.heard))) < expected and time.monotonic() < deadline:
            time.sleep(0.02)
        return count

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def network(server: Server) -> Iterator[Network]:
    with proxied(there=server.port) as network:
        yield network


def ask(network: Network, seconds: float = 5) -> bytes:
    """The answer, as far as it came before the connection ended."""
    heard = b""
    place = ("127.0.0.1", network.ports["there"])
    with suppress(ConnectionResetError), socket.create_connection(place, timeout=seconds) as line:
        line.sendall(REQUEST)
        while len(heard) < len(ANSWER) and (part := line.recv(4096)):
            heard += part
    return heard


def test_without_a_rule_everything_passes(network: Network, server: Server) -> None:
    assert ask(network) == ANSWER
    assert server.heard == [REQUEST]


@pytest.mark.parametrize(
    ("place", "request_bytes", "answer_bytes"),
    [
        ("before any byte", 0, 0),
        ("in the request line", 8, 0),
        ("in the request's head", 40, 0),
        ("in the request's body", len(REQUEST) - 18, 0),
        ("before the answer", len(REQUEST), 0),
        ("in the answer's first line", len(REQUEST), 8),
        ("in the answer's head", len(REQUEST), 35),
        ("in the answer's body", len(REQUEST), len(ANSWER) - 18),
    ],
)
def test_one_connection_is_cut_at_each_place(
    network: Network, server: Server, place: str, request_bytes: int, answer_bytes: int
) -> None:
    network.break_route("there", "cut", times=1, place=place)
    heard = ask(network)
    assert heard in (ANSWER[:answer_bytes], b""), "with a reset, what was on its way may be lost too"
    assert server.bytes_heard(request_bytes) == request_bytes
    assert ask(network) == ANSWER, "the next one passes"


def test_every_place_is_tried_above() -> None:
    assert len(PLACES) == 8


def test_a_reset_ends_what_is_open(network: Network) -> None:
    with socket.create_connection(("127.0.0.1", network.ports["there"]), timeout=5) as line:
        line.sendall(REQUEST)
        assert line.recv(4096)
        network.break_route("there", "reset", seconds=0.2)
        with pytest.raises(ConnectionResetError):
            line.recv(4096)


def test_an_unreachable_port_refuses_and_comes_back(network: Network) -> None:
    network.break_route("there", "refuse", seconds=0.3)
    with pytest.raises(ConnectionRefusedError):
        ask(network)
    time.sleep(0.5)
    assert ask(network) == ANSWER


def test_of_two_refusals_the_later_end_counts(network: Network) -> None:
    network.break_route("there", "refuse", seconds=0.3)
    network.break_route("there", "refuse", seconds=0.9)
    time.sleep(0.5)
    with pytest.raises(ConnectionRefusedError):
        ask(network)
    time.sleep(0.7)
    assert ask(network) == ANSWER


def test_a_black_hole_answers_nothing_and_then_resets(network: Network, server: Server) -> None:
    network.break_route("there", "blackhole", seconds=0.6)
    began = time.monotonic()
    assert ask(network) == b""
    assert time.monotonic() - began > 0.4
    assert server.heard in ([], [b""])


@pytest.mark.parametrize(("kind", "more"), [("stall", {}), ("delay", {"delay": 0.3})])
def test_what_is_held_comes_later_and_whole(network: Network, kind: str, more: dict[str, float]) -> None:
    network.break_route("there", kind, seconds=0.4, **more)
    began = time.monotonic()
    assert ask(network) == ANSWER
    assert time.monotonic() - began > 0.25


def test_small_pieces_are_the_same_bytes(network: Network, server: Server) -> None:
    network.break_route("there", "trickle", seconds=1)
    assert ask(network) == ANSWER
    assert server.heard == [REQUEST]


def test_half_open_means_that_nobody_tells_the_near_side(network: Network) -> None:
    with socket.create_connection(("127.0.0.1", network.ports["there"]), timeout=0.3) as line:
        line.sendall(REQUEST)
        assert line.recv(4096)
        network.break_route("there", "half_open", seconds=1)
        line.sendall(REQUEST)
        with pytest.raises(TimeoutError):
            line.recv(4096)


def test_the_same_bytes_are_said_once_more(network: Network, server: Server) -> None:
    network.break_route("there", "duplicate", times=1)
    assert ask(network) == ANSWER
    deadline = time.monotonic() + 5
    while len(server.heard) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.1)
    assert server.heard == [REQUEST, REQUEST]


def test_one_connection_is_overtaken_by_the_next(network: Network) -> None:
    network.break_route("there", "delay", times=1, delay=0.5)
    ends: list[str] = []

    def slow() -> None:
        ask(network)
        ends.append("first")

    first = threading.Thread(target=slow)
    first.start()
    time.sleep(0.1)
    ask(network)
    ends.append("second")
    first.join()
    assert ends == ["second", "first"]
