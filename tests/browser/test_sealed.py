"""What was said stands nowhere in clear: not in database files, WAL, dumps, Valkey or logs (ENC-02)."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, text_from
from trial.postgresql import programs
from trial.valkey import url

NUMBER = "+16145550151"
MARKS = {
    "text": "zinnober lantern one",
    "reply": "zinnober lantern two",
    "note": "zinnober lantern three",
    "draft": "zinnober lantern four",
    "name": "Zinnobera",
    "template": "zinnober lantern five",
    "number": NUMBER,
    "digits": NUMBER[2:],
}


@pytest.fixture(scope="module")
def planted(stack: Stack, browser: Browser, states: dict[str, Any]) -> Stack:
    """Every mark, through the door that it comes in by in real life."""
    text_from(stack, NUMBER, MARKS["text"])
    context = desk_of(stack, browser, "admin", states)
    page = context.new_page()
    page.goto("/")
    page.locator(".rows a", has_text=MARKS["text"]).click()
    _write(page)
    page.goto("/settings/templates/new/")
    page.get_by_label("Name").fill("A mark")
    page.get_by_label("Words").fill(MARKS["template"])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(MARKS["template"])).to_be_visible()
    context.close()
    return stack


def _write(page: Page) -> None:
    page.locator("textarea[name=body]").first.fill(MARKS["reply"])
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message--out", has_text=MARKS["reply"])).to_contain_text("Delivered", timeout=20_000)
    page.get_by_label("First name").fill(MARKS["name"])
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#conversation-title")).to_contain_text(MARKS["name"])
    page.keyboard.press("Escape")
    page.get_by_text("Note", exact=True).first.click()
    page.get_by_label("Your note for colleagues").fill(MARKS["note"])
    page.get_by_role("button", name="Keep note").click()
    expect(page.locator(".note", has_text=MARKS["note"])).to_be_visible()
    page.get_by_text("Reply", exact=True).first.click()
    with page.expect_response(lambda response: "/draft/" in response.url):
        page.locator("textarea[name=body]").first.fill(MARKS["draft"])


def _state(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((stack.data / "state.json").read_text())
    return found


def _superuser(stack: Stack) -> str:
    state = _state(stack)
    return f"postgresql://postgres:{state['superuser_password']}@127.0.0.1:{state['postgresql_port']}/quietline"


def _files(stack: Stack) -> Iterator[Path]:
    """Everything below the data folder but the twin's own: it plays the phone network, which sees all."""
    for path in stack.data.rglob("*"):
        if path.is_file() and not path.name.startswith("twin"):
            yield path


def _found_in(content: bytes) -> list[str]:
    seen = content.lower()
    utf16 = content.decode("utf-16-le", errors="ignore").lower()
    return [name for name, mark in MARKS.items() if mark.lower().encode() in seen or mark.lower() in utf16]


def test_no_file_of_the_stack_holds_a_mark(planted: Stack) -> None:
    with psycopg.connect(_superuser(planted), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    found = {str(path): marks for path in _files(planted) if (marks := _found_in(path.read_bytes()))}
    assert found == {}


def test_the_search_finds_a_mark_that_is_there(planted: Stack) -> None:
    with psycopg.connect(_superuser(planted), autocommit=True) as connection:
        connection.execute("CREATE TABLE planted (words text)")
        connection.execute("INSERT INTO planted VALUES (%s)", ["a cinnabar pebble"])
        connection.execute("CHECKPOINT")
        try:
            assert any(b"cinnabar pebble" in path.read_bytes() for path in _files(planted))
        finally:
            connection.execute("DROP TABLE planted")


def test_a_dump_holds_no_mark(planted: Stack) -> None:
    command = [str(programs() / "pg_dump"), "--dbname", _superuser(planted), "--inserts"]
    dump = subprocess.run(command, check=True, capture_output=True).stdout
    assert b"messaging_message" in dump
    assert _found_in(dump) == []


def test_valkey_holds_no_mark(planted: Stack) -> None:
    state = _state(planted)
    with redis.Redis.from_url(url(state["valkey_port"], state["valkey_password"])) as client:
        held = b" ".join(key + repr(client.dump(key)).encode() for key in client.scan_iter())
    assert _found_in(held) == []


def test_the_log_of_all_this_proves_itself(planted: Stack) -> None:
    assert "entries under" in planted.manage("verify_audit")
