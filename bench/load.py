"""Signed webhooks over HTTP, prepared beforehand and sent over kept connections: the generator costs little."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode, urlsplit

CLIENTS = [f"+1614555{number:04d}" for number in range(200, 300)]
_numbers = count(int(time.time() * 1000) << 20)


@dataclass(frozen=True)
class Target:
    """Where to post: `address` is what is signed, `port` where to connect."""

    address: str
    port: int
    token: str
    account: str
    line: str


def prepared(target: Target, clients: list[str], texts: int) -> list[bytes]:
    """Whole requests, each with an id of its own."""
    return [_request(target, clients[number % len(clients)]) for number in range(texts)]


async def flood(target: Target, requests: list[bytes], concurrency: int) -> float:
    """Send all as fast as they are answered; return texts a second."""
    waiting, began = iter(requests), time.perf_counter()
    await asyncio.gather(*(_sender(target, waiting, []) for _ in range(concurrency)))
    return len(requests) / (time.perf_counter() - began)


async def trickle(target: Target, requests: list[bytes], per_second: float) -> list[float]:
    """Send at a steady pace, whether or not the one before is answered; return the milliseconds of each."""
    took: list[float] = []
    began, sending = time.perf_counter(), []
    for number, request in enumerate(requests):
        await asyncio.sleep(max(began + number / per_second - time.perf_counter(), 0))
        sending.append(asyncio.create_task(_sender(target, iter([request]), took)))
    await asyncio.gather(*sending)
    return took


async def _sender(target: Target, requests: Iterator[bytes], took: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    for request in requests:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"An answer was {head[:40]!r}.")
        await reader.readexactly(_length(head))
        took.append((time.perf_counter() - began) * 1000)
    writer.close()


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))


def _request(target: Target, sender: str) -> bytes:
    values = {
        "MessageSid": f"SM{next(_numbers):032x}",
        "AccountSid": target.account,
        "From": sender,
        "To": target.line,
        "Body": "Are you open today? I would like to talk to somebody.",
        "NumMedia": "0",
        "ApiVersion": "2010-04-01",
    }
    body, address = urlencode(values).encode(), urlsplit(target.address)
    signed = target.address + "".join(name + values[name] for name in sorted(values))
    digest = hmac.digest(target.token.encode(), signed.encode(), hashlib.sha1)
    head = (
        f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"X-Twilio-Signature: {base64.b64encode(digest).decode()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
