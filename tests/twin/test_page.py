"""The phone page: strict headers, nothing inline, and the ids that browser tests hold on to."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import twin
from tests.twin.conftest import Rig

STATIC = Path(twin.__file__).parent / "static"


class Page(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def inline_code(text: str) -> list[str]:
    """Return what a strict policy would refuse: scripts and styles written into the page."""
    found = []
    for tag, attributes in Page(text).elements:
        if tag == "style" or (tag == "script" and not attributes.get("src")):
            found.append(tag)
        found += [name for name in attributes if name == "style" or name.startswith("on")]
    return found


async def page(rig: Rig) -> tuple[str, dict[str, str]]:
    async with rig.session.get(rig.url("/")) as response:
        assert response.status == 200
        return await response.text(), dict(response.headers)


async def test_the_page_comes_with_a_policy_that_allows_its_own_files_only(rig: Rig) -> None:
    _, headers = await page(rig)
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert policy["require-trusted-types-for"] == "'script'"
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_nothing_is_written_into_the_page(rig: Rig) -> None:
    text, _ = await page(rig)
    assert inline_code(text) == []
    assert inline_code("<p onclick='x()' style='color:red'></p><script>x()</script><style></style>") == [
        "onclick", "style", "script", "style",
    ]  # fmt: skip


async def test_the_page_names_itself_and_says_what_it_is(rig: Rig) -> None:
    text, _ = await page(rig)
    assert "<title>Twin · phone</title>" in text
    assert "A double of the phone network. Nothing here leaves this computer." in text
    for needed in ('id="phone-text"', 'id="phone-send"', 'id="phone-call"', 'id="phone-picture"', 'id="plan"'):
        assert needed in text


async def test_every_file_of_the_page_is_served_and_reaches_nowhere_else(rig: Rig) -> None:
    text, _ = await page(rig)
    for path in re.findall(r'(?:src|href)="([^"]+)"', text):
        async with rig.session.get(rig.url(path)) as response:
            assert response.status == 200, path
            assert response.headers["Content-Security-Policy"]
    for file in STATIC.iterdir():
        addresses = re.findall(r"https?://[^\s\"']+", file.read_text())
        assert [address for address in addresses if "www.w3.org" not in address] == []


@pytest.mark.parametrize("name", ["phone.js", "drawing.js", "api.js", "calling.js"])
def test_words_never_become_markup(name: str) -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", (STATIC / name).read_text())
