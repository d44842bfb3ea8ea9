"""What `bin/up` may be told."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_DATA = ROOT / ".quietline"


@dataclass(frozen=True)
class Options:
    """How one start of the trial is to be.

    twilio_api  another API address than the twin's; empty with `demo`: the twin's own
    public_url  what webhooks are signed for; empty: the address on this machine
    """

    port: int = 8000
    data: Path = DEFAULT_DATA
    demo: bool = True
    twilio_api: str = ""
    public_url: str = ""

    @property
    def address(self) -> str:
        """Where the web server answers on this machine."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address_of_passkeys(self) -> str:
        """The same server under a name: browsers keep no passkey for an address of digits."""
        return f"http://localhost:{self.port}"

    @property
    def public(self) -> str:
        return self.public_url or self.address


def read_options(arguments: list[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog="bin/up", description="Start all of Quietline on this machine.")
    parser.add_argument("--port", type=_port, default=8000, help="where to answer (8000)")
    parser.add_argument("--data", type=folder_named, default=DEFAULT_DATA, help="folder of all data (.quietline/)")
    parser.add_argument("--no-demo", action="store_true", help="no demo data and no twin of Twilio")
    parser.add_argument("--twilio-api", type=_url, help="this API address instead of the twin's")
    parser.add_argument("--public-url", type=_url, help="what webhooks are signed for")
    given = parser.parse_args(arguments)
    return Options(given.port, given.data, not given.no_demo, given.twilio_api or "", given.public_url or "")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port; use a number from 1 to 65535")
    return int(text)


def folder_named(text: str) -> Path:
    """The folder that a command line means."""
    if not text:
        raise argparse.ArgumentTypeError("name a folder")
    return Path(text).expanduser().absolute()


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise argparse.ArgumentTypeError(f"{text} is not an address like https://line.example.org")
    return text.rstrip("/")
