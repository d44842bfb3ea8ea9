"""A mailbox for a trial: a small mail server that takes whatever it is sent and passes nothing on (RFC 5321)."""

import asyncio
import email
import itertools
import logging
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any

from twin.archive import Archive
from twin.hub import Hub

LOG = logging.getLogger("twin")
KEPT = 200
LARGEST = 1024 * 1024  # bytes of one mail
LONGEST_LINE = 2048  # bytes; RFC 5321 asks for 1,000
PATIENCE = 30.0  # seconds
ENDS = {b".\r\n", b".\n"}


@dataclass(slots=True)
class Mail:
    """One mail as a person reads it."""

    id: str
    to: list[str]
    sender: str
    subject: str
    body: str
    at: float


@dataclass(slots=True)
class Envelope:
    """Who sends, and to whom, as the conversation says."""

    sender: str = ""
    to: list[str] = field(default_factory=list)


class Mailbox:
    """What came, newest first, for the mail page and for tests."""

    def __init__(self, archive: Archive, hub: Hub) -> None:
        self._archive, self._hub = archive, hub
        self._numbers = itertools.count(time.time_ns())
        self._mails = deque((Mail(**row) for row in archive.rows("mail")), maxlen=KEPT)
        self._server: asyncio.Server | None = None

    def newest(self) -> list[dict[str, Any]]:
        return [asdict(mail) for mail in reversed(self._mails)]

    async def open(self, host: str, port: int) -> int:
        """Take mail at a port from now on; return which one. raises OSError when it cannot be had."""
        self._server = await asyncio.start_server(self._talk, host, port, limit=LONGEST_LINE)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        if self._server:
            self._server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Conversation(self, reader, writer).hold()
        except (OSError, EOFError, TimeoutError, ValueError):
            LOG.info("a mail conversation was broken off")
        finally:
            writer.close()

    def take(self, envelope: Envelope, raw: bytes) -> None:
        """Keep one mail, and tell open pages."""
        message = email.message_from_bytes(raw, policy=modern)
        part = message.get_body(("plain",))
        body = part.get_content().replace("\r\n", "\n") if isinstance(part, EmailMessage) else ""
        number = str(next(self._numbers))
        mail = Mail(number, envelope.to, envelope.sender, str(message["subject"] or ""), body, time.time())
        if len(self._mails) == KEPT:
            self._archive.drop("mail", self._mails[0].id)
        self._mails.append(mail)
        self._archive.put("mail", mail.id, mail)
        self._hub.publish("mail", mail.id)


class _Conversation:
    """One connection of somebody who brings mail."""

    def __init__(self, mailbox: Mailbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._mailbox, self._reader, self._writer = mailbox, reader, writer
        self._envelope = Envelope()

    async def hold(self) -> None:
        await self._say("220 mailbox of a trial")
        while True:
            line = (await self._line()).decode("utf-8", "replace").strip()
            verb, _, rest = line.partition(" ")
            if verb.upper() == "QUIT":
                await self._say("221 bye")
                return
            await self._say(await self._answer(verb.upper(), rest))

    async def _answer(self, verb: str, rest: str) -> str:
        if verb in {"EHLO", "HELO", "RSET"}:
            self._envelope = Envelope()
            return "250 mailbox"
        if verb == "NOOP":
            return "250 well"
        if verb == "MAIL":
            self._envelope = Envelope(sender=_address(rest))
            return "250 well"
        if verb == "RCPT":
            self._envelope.to.append(_address(rest))
            return "250 well"
        if verb == "DATA":
            return await self._take_mail()
        return "502 not here"

    async def _take_mail(self) -> str:
        if not self._envelope.to:
            return "503 to whom"
        await self._say("354 go on")
        raw = bytearray()
        while (line := await self._line()) not in ENDS:
            raw += line.removeprefix(b".")
            if len(raw) > LARGEST:
                raise ValueError("This mail is too large.")
        self._mailbox.take(self._envelope, bytes(raw))
        self._envelope = Envelope()
        return "250 kept"

    async def _line(self) -> bytes:
        line = await asyncio.wait_for(self._reader.readline(), PATIENCE)
        if not line.endswith(b"\n"):
            raise EOFError
        return line

    async def _say(self, words: str) -> None:
        self._writer.write(words.encode() + b"\r\n")
        await self._writer.drain()


def _address(rest: str) -> str:
    """What stands between the angle brackets of MAIL FROM and RCPT TO."""
    return rest.partition("<")[2].partition(">")[0]
