"""The mailbox of a trial: real mail programs can talk to it, and it keeps what it is sent."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.twin.conftest import Rig
from tests.twin.test_page import inline_code
from twin.archive import Archive
from twin.hub import Hub
from twin.mailbox import KEPT, LARGEST, Envelope, Mailbox

STATIC = Path(__file__).resolve().parents[2] / "twin" / "static"


def letter(subject: str = "Good morning", body: str = "It rains.\n") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "here@house.test", "ruth@house.test"
    message.set_content(body)
    return message


def bring(port: int, *messages: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as server:
        for message in messages:
            server.send_message(message)


@pytest.fixture
async def port(rig: Rig) -> AsyncIterator[int]:
    yield await rig.twin.mailbox.open("127.0.0.1", 0)
    rig.twin.mailbox.close()


async def mails(rig: Rig) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await rig.get("/twin/mails"))["mails"]
    return found


async def test_what_is_brought_is_listed_newest_first(rig: Rig, port: int) -> None:
    body = "Añadida.\n.a line that begins with a dot\n..two\n"
    await asyncio.to_thread(bring, port, letter(), letter("Buenos días: añadida", body))
    newest, oldest = await mails(rig)
    assert (newest["subject"], oldest["subject"]) == ("Buenos días: añadida", "Good morning")
    assert newest["body"] == body
    assert (newest["to"], newest["sender"]) == (["ruth@house.test"], "here@house.test")


async def test_a_page_that_is_open_hears_of_it(rig: Rig, port: int) -> None:
    with rig.twin.world.hub.listening() as news:
        await asyncio.to_thread(bring, port, letter())
        heard = await asyncio.wait_for(news.get(), 5)
    assert heard
    assert heard[0] == "mail"


async def test_broken_conversations_leave_nothing_and_it_goes_on(rig: Rig, port: int) -> None:
    for said in (b"", b"DATA\r\n", b"x" * 5000, b"\xff\xfe\r\nMAIL\r\nRCPT\r\n", b"RCPT TO:<a@b>\r\nDATA\r\nhalf"):
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        await writer.drain()
        writer.close()
    await asyncio.to_thread(bring, port, letter())
    assert [mail["subject"] for mail in await mails(rig)] == ["Good morning"]


async def test_a_mail_that_is_too_large_is_not_kept(rig: Rig, port: int) -> None:
    large = letter(body="a line\n" * (LARGEST // 6))
    with pytest.raises((smtplib.SMTPException, OSError)):
        await asyncio.to_thread(bring, port, large)
    assert await mails(rig) == []


def test_mails_outlive_a_restart_and_the_oldest_go(tmp_path: Path) -> None:
    box = Mailbox(Archive(tmp_path / "state"), Hub())
    for number in range(KEPT + 3):
        box.take(Envelope("here@house.test", ["ruth@house.test"]), letter(str(number)).as_bytes())
    again = Mailbox(Archive(tmp_path / "state"), Hub()).newest()
    assert [mail["subject"] for mail in again[:2]] == [str(KEPT + 2), str(KEPT + 1)]
    assert len(again) == KEPT


async def test_the_page_is_served_with_nothing_written_into_it(rig: Rig) -> None:
    async with rig.session.get(rig.url("/mail")) as response:
        assert response.status == 200
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert inline_code(await response.text()) == []
    assert "innerHTML" not in (STATIC / "mail.js").read_text()
