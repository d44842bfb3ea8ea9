"""Pictures of strangers: decoded in a process of its own that may do nothing else, and drawn anew.

What is shown are new pixels: place, camera, comments and whatever else hides in a file stay behind.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from messaging.pictures.turns import TooBusy, Turns

__all__ = ["Picture", "TooBusy", "drawn_anew", "drawn_for_phone"]

CHILD = Path(__file__).with_name("child.py")
SECONDS = 15  # by the clock; the child gives itself five of work
SECONDS_WHILE_ASKED = 8  # where a person waits
# Half a gigabyte each at most; six of the ten threads of a web process, so that pages go on whatever is added.
TURNS = Turns(2, waiting=4, seconds=5)


@dataclass(frozen=True)
class Picture:
    """A picture drawn anew, as a browser shows it."""

    content_type: str
    width: int
    height: int
    content: bytes = field(repr=False)


def drawn_anew(file: bytes) -> Picture | None:
    """The picture in a file, for a page; None if it is none that can be opened safely (FILE-04, FILE-05).

    Raises `TooBusy`. JPEG, PNG, GIF and WebP of at most 25 million pixels and 300 frames.
    """
    return _drawn(file, SECONDS)


def drawn_for_phone(file: bytes) -> Picture | None:
    """The same, as every phone shows it: JPEG, or GIF if it moves, at most 2,048 pixels long."""
    return _drawn(file, SECONDS_WHILE_ASKED, "phone")


def _drawn(file: bytes, seconds: float, *how: str) -> Picture | None:
    with TURNS.one():
        done = _run([sys.executable, "-I", str(CHILD), *how], file, seconds)
    head, _, content = done.stdout.partition(b"\n")
    if done.returncode or not content:
        return None
    said = json.loads(head)
    return Picture(said["content_type"], said["width"], said["height"], content)


def _run(command: list[str], file: bytes, seconds: float) -> "subprocess.CompletedProcess[bytes]":
    """The child ends itself after five seconds of work, so more by the clock means a machine that is too busy."""
    try:
        return subprocess.run(  # noqa: S603  # our own file, and no word of the picture on the command line
            command, input=file, capture_output=True, timeout=seconds, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        raise TooBusy from None
