"""What no template and no element may contain, whoever wrote it (security.md WEB-01, WEB-03)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
ELEMENTS = sorted((ROOT / "static" / "js" / "elements").glob("*.js"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE)
INLINE_STYLE = re.compile(r"<style|\sstyle\s*=", re.IGNORECASE)
HANDLER = re.compile(r"\s(?:on[a-z]+|hx-on[:\w-]*)\s*=|javascript:|js:", re.IGNORECASE)
EVALUATED_TRIGGER = re.compile(r"hx-trigger=\"[^\"]*\[")
TAG = re.compile(r"<(?!hx-)[a-z](?:\"[^\"]*\"|'[^']*'|[^\"'<>])*>")
SINKS = re.compile(
    r"\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\(\"(?:on|style)"
    r"|\.style\.|setTimeout\(\"|\bhtml\(|srcdoc|createContextualFragment|parseFromString"
)
ELSEWHERE = re.compile(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]", re.IGNORECASE)
NAMESPACE = "http://www.w3.org/2000/svg"


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


@pytest.mark.parametrize("path", named(TEMPLATES))
def test_a_template_holds_no_inline_script_style_or_handler(path: Path) -> None:
    words = path.read_text(encoding="utf-8")
    for pattern in (INLINE_SCRIPT, INLINE_STYLE, HANDLER, EVALUATED_TRIGGER):
        assert not pattern.search(words), pattern.pattern


def tags_without_nonce(words: str) -> list[str]:
    with_hx = [tag for tag in TAG.findall(words) if re.search(r"\shx-[a-z]", tag)]
    return [tag for tag in with_hx if "{% hx %}" not in tag]


@pytest.mark.parametrize("path", named(TEMPLATES))
def test_every_element_with_hx_attributes_carries_the_nonce(path: Path) -> None:
    assert tags_without_nonce(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", named(TEMPLATES))
def test_a_title_is_quietline_with_at_most_a_fixed_word(path: Path) -> None:
    for title in re.findall(r"{% block title %}(.*?){% endblock %}", path.read_text(encoding="utf-8"), re.DOTALL):
        assert re.fullmatch(r"\s*(?:{% translate ['\"][^'\"]+['\"] %} ·\s*)?", title), title


@pytest.mark.parametrize("path", named(TEMPLATES + STYLES + SCRIPTS))
def test_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    assert not ELSEWHERE.search(path.read_text(encoding="utf-8").replace(NAMESPACE, ""))


@pytest.mark.parametrize("path", named(SCRIPTS))
def test_a_script_never_writes_markup_or_evaluates_words(path: Path) -> None:
    assert not SINKS.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", named(ELEMENTS))
def test_a_file_defines_the_one_element_it_is_named_after(path: Path) -> None:
    defined = re.findall(r"customElements\.define\(\"([a-z-]+)\"", path.read_text(encoding="utf-8"))
    assert defined == [path.stem]


@pytest.mark.parametrize("path", named(STYLES))
def test_every_style_stands_in_a_layer(path: Path) -> None:
    words = re.sub(
        r"/\*.*?\*/|@font-face\s*{[^}]*}|@layer [\w, ]+;", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    assert re.match(r"\s*@layer \w+ {", words)


@pytest.mark.parametrize("name", ["icons.svg", "favicon.svg"])
def test_a_picture_of_ours_holds_no_script_and_no_link(name: str) -> None:
    words = (ROOT / "static" / name).read_text(encoding="utf-8").replace(NAMESPACE, "")
    assert not re.search(r"<script|\son[a-z]+=|href|https?:", words)


def test_every_icon_that_a_template_draws_is_in_the_sprite() -> None:
    sprite = (ROOT / "static" / "icons.svg").read_text(encoding="utf-8")
    words = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    drawn = set(re.findall(r"{% icon \"([a-z0-9-]+)\"", words))
    assert drawn, "no template draws an icon, or this looks for the wrong thing"
    assert {name for name in drawn if f'id="{name}"' not in sprite} == set()


@pytest.mark.parametrize(
    ("pattern", "bad"),
    [
        (INLINE_SCRIPT, '<script nonce="x">alert(1)</script>'),
        (INLINE_STYLE, '<p style="color: red">'),
        (INLINE_STYLE, "<style>p {}</style>"),
        (HANDLER, '<p onclick="x()">'),
        (HANDLER, '<p hx-on:click="x()">'),
        (HANDLER, "<p hx-vals='js:{a: 1}'>"),
        (EVALUATED_TRIGGER, '<p hx-trigger="click[ctrlKey]">'),
        (SINKS, "place.innerHTML = words"),
        (SINKS, "eval(words)"),
        (SINKS, "place.style.height = 1"),
        (ELSEWHERE, "url(//fonts.example.com/a.woff2)"),
        (ELSEWHERE, "https://cdn.example.com/x.js"),
    ],
)
def test_the_patterns_can_fail(pattern: re.Pattern[str], bad: str) -> None:
    assert pattern.search(bad)


def test_an_element_without_the_nonce_is_found() -> None:
    good, bad = '<a hx-get="/" hx-select="a > b" {% hx %}>', '<a class="x" hx-get="/">'
    assert tags_without_nonce(good + bad) == [bad]


@pytest.mark.parametrize("path", named(TEMPLATES))
def test_no_white_space_between_lines_of_a_template_says_anything(path: Path) -> None:
    """It is left out of what is sent (config/template_loader.py): of words to translate, too, it may not be a part."""
    words = path.read_text(encoding="utf-8")
    assert "<pre" not in words
    for inside in re.findall(r"<textarea[^>]*>(.*?)</textarea>", words, re.DOTALL):
        assert "\n" not in inside
    for said, inside in re.findall(r"{% blocktranslate(.*?)%}(.*?){% endblocktranslate %}", words, re.DOTALL):
        assert "\n" not in inside or " trimmed " in said
