"""The twin as a process of its own, as the product meets it: over the network alone."""

import base64
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN

ROOT = Path(__file__).resolve().parent.parent
SERVICE = "MG" + "3" * 32
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class TwinProcess:
    """A running twin. It knows the line of the cast, and calls nobody back."""

    def __init__(self, address: str) -> None:
        self.address = address

    def begin_anew(self, **number: str) -> None:
        """Forget all texts and faults; `number` adds to what the twin knows of the line."""
        numbers = [{"number": LINE_NUMBER} | number]
        account = {"sid": ACCOUNT, "auth_token": TOKEN, "numbers": numbers}
        delivery = {"default": "no_callbacks", "queued_after": 0, "sent_after": 0, "delivered_after": 0}
        self.ask("PUT", "/twin/config", {"accounts": [account], "delivery": delivery})
        self.ask("DELETE", "/twin/ledger")
        self.ask("DELETE", "/twin/faults")

    def misbehave(self, kind: str, **fault: Any) -> None:
        self.ask("POST", "/twin/faults", {"kind": kind, **fault})

    @property
    def ledger(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.ask("GET", "/twin/ledger")
        return answer

    @property
    def texts(self) -> list[dict[str, Any]]:
        """The texts that Twilio would have sent."""
        return [text for text in self.ledger["messages"] if text["direction"].startswith("outbound")]

    def redact(self, sid: str) -> None:
        """Empty a text at Twilio, as its redaction for health data does."""
        path = f"{self.address}/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json"
        secret = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        request = urllib.request.Request(path, b"Body=", {"Authorization": f"Basic {secret}"}, method="POST")
        _direct.open(request, timeout=10).close()

    def ask(self, method: str, path: str, data: Any = None) -> Any:
        body = None if data is None else json.dumps(data).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, body, headers, method=method)
        with _direct.open(request, timeout=10) as response:
            return json.load(response)


@contextmanager
def running_twin() -> Iterator[TwinProcess]:
    command = [sys.executable, "-m", "twin", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline().split()
            assert ready[:1] == ["ready"], "the twin should have started"
            yield TwinProcess(ready[1])
        finally:
            process.terminate()
