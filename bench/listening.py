"""Starts `bench.listeners`, and asks them what they have heard."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from simulate.stack import Stack
from trial.environment import of_owner, python
from trial.options import ROOT

PROCESSES = 2  # with sockets in them, for each call


class Person(NamedTuple):
    """Somebody's session, and whether she sees what colleagues hold."""

    session: str
    staff: str
    all: bool


class News(NamedTuple):
    """One frame: in whose session, when, and of what."""

    session: str
    moment: float
    conversation: str
    sequence: int


class Listening:
    """Processes that hold sockets."""

    def __init__(self, processes: "list[subprocess.Popen[str]]") -> None:
        self._processes = processes

    def heard(self) -> list[News]:
        """What came since the last question."""
        for process in self._processes:
            print("heard", file=process.stdin, flush=True)
        return [News(*each) for process in self._processes for each in json.loads(_line(process))]


def people(stack: Stack, count: int, sessions: int) -> list[Person]:
    """Sessions of the people of the stack's center in turn, who are made so many."""
    command = python("bench.people", str(count), str(sessions))
    environment = of_owner(stack.folder, stack.state)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"There are no sessions:\n{done.stderr[-2000:]}")
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"session"')]
    return [Person(**json.loads(line)) for line in lines]


@contextmanager
def listening(stack: Stack, port: int, people: list[Person]) -> Iterator[Listening]:
    """Sockets of these sessions, all of them open."""
    processes = [_started(stack, port, people[number::PROCESSES]) for number in range(PROCESSES)]
    try:
        for process in processes:
            _line(process)
        yield Listening(processes)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _started(stack: Stack, port: int, people: list[Person]) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        python("bench.listeners"), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    sessions = [person.session for person in people]
    told = {"address": f"ws://127.0.0.1:{port}/ws/bell/", "origin": stack.state.address, "sessions": sessions}
    print(json.dumps(told), file=process.stdin, flush=True)
    return process


def _line(process: "subprocess.Popen[str]") -> str:
    answer = process.stdout.readline() if process.stdout else ""
    if not answer:
        raise RuntimeError("Sockets could not be opened, or were closed.")
    return answer
