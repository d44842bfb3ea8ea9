"""Headers that nobody should send, as far as a web server lets them through: no NUL, no line breaks."""

from collections.abc import Callable
from random import Random

from django.conf import settings

from simulate.bad import wild

Spoil = Callable[[Random], str]


def _wild(chance: Random) -> str:
    _kind, value = wild.any_value(chance)
    return "".join(chr(byte) for byte in value[:8000] if byte not in (0, 10, 13))


def _choice(*values: str) -> Spoil:
    return lambda chance: chance.choice((*values, _wild(chance)))


def _cookie(chance: Random) -> str:
    """Session and token as junk: octal escapes in quoted values become any byte behind the parser."""
    session, token = settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME
    junk = chance.choice(
        ('"\\000aaaaaaaaaa"', '"\\377\\376aaaaaaa"', "a" * 32, "a" * 5000, '""', '"', "x\\", _wild(chance))
    )
    return chance.choice(
        (
            f"{session}={junk}",
            f"{session}={junk}; {token}={junk}; messages={junk}",
            f"{token}={junk}",
            f"messages={junk}; django_language={junk}",
            f"{session}=a; {session}=b; {session}={junk}",
            _wild(chance),
            "; " * 1000,
        )
    )


def _charset(chance: Random) -> str:
    return "text/plain; charset=" + chance.choice(("hex", "undefined", "unicode_escape", "utf-7", "nothing"))


HEADERS: dict[str, Spoil] = {
    "Cookie": _cookie,
    "Host": _choice(
        "example.org", "quietline.test:99999", "quietline.test.", "[::1]", "[", "QUIETLINE.TEST", "a:b:c", "",
    ),
    "Origin": _choice(
        "null", "https://example.org", "https://[", "", "https://quietline.test:443", "https://" + "a" * 3000,
    ),
    "Referer": _choice("https://[", "http://example.org/", "https://quietline.test@example.org/", "//"),
    "Sec-Fetch-Site": _choice("cross-site", "none", "same-site", ""),
    "X-CSRFToken": _choice("", "a" * 32, "a" * 64, "\xff" * 32),
    "X-Forwarded-For": _choice("1.2.3.4", "::1, 2.3.4.5", "a" * 5000, "[::1]:80", ",,,", "fe80::1%" + "e" * 40),
    "X-Forwarded-Host": _choice("example.org", ""),
    "X-Forwarded-Proto": _choice("http", "https, http", ""),
    "X-HTTP-Method-Override": _choice("DELETE", "GET"),
    "Accept-Language": _choice(
        "es", "xx-" + "y" * 3000, "*;q=9", "en;q=NaN", "," * 500, "zh-Hant-x-\xff", "en-US;q=0.1",
    ),
    "Accept-Encoding": _choice("br", "gzip;q=0", "*", "identity;q=0", "\xff"),
    "Accept": _choice("*/*", "text/html;q=nan", "a/b;" * 400),
    "User-Agent": _choice("", "a" * 8000, "\xff\xfe"),
    "Range": _choice("bytes=0-", "bytes=9-1", "bytes=-" + "9" * 4400, "bytes=0-0,1-1", "bytes=٣-", "bytes=a-b"),
    "If-None-Match": _choice("*", '"a"', "W/" * 500),
    "If-Modified-Since": _choice(
        "Thu, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 99999 23:59:59 GMT", "Mon, 99 Foo 2026", "0",
    ),
    "HX-Request": _choice("true", "false", "True", ""),
    "HX-Current-URL": _choice("https://[", "https://quietline.test/?view=%00", "//a:b:c/", "https://example.org/x"),
    "HX-Current-URL-URI-AutoEncoded": _choice("true"),
    "HX-Target": _choice("body", "#" + "x" * 5000),
    "HX-Trigger": _choice("%00", "a"),
    "HX-Prompt": _choice("%ff%fe", "%u0000"),
    "HX-Prompt-URI-AutoEncoded": _choice("true"),
    "HX-Triggering-Event": _choice("{", "[" * 5000, "null", '{"a": 1e999}'),
    "HX-Boosted": _choice("true"),
    "HX-History-Restore-Request": _choice("true"),
    "Expect": _choice("100-continue"),
    "Upgrade": _choice("websocket", "h2c"),
    "Content-Type": _charset,
    "Transfer-Encoding": _choice("chunked", "gzip"),
    "Authorization": _choice("Basic \xff", "Bearer " + "a" * 4000),
}  # fmt: skip


def spoil(headers: dict[str, str], chance: Random) -> list[str]:
    """Set one or several headers to what they should not be; return their names as kinds."""
    names = chance.sample(list(HEADERS), chance.choice((1, 1, 2, 5)))
    headers.update({name: HEADERS[name](chance)[:16_000].replace("\r", "").replace("\n", "") for name in names})
    return [f"header {name}" for name in names]


def wrong_signature(right: str, chance: Random) -> str:
    """Anything but the right one: empty, junk, not ASCII, endless, cut, of another case, several in one."""
    choices = (
        "",
        "=",
        "a",
        right[:-1],
        right.swapcase(),
        right + right,
        f"{right}, {right}",
        f" {right}x",
        "A" * 100_000,
    )
    return chance.choice((*choices, _wild(chance), "\xff\xfe", "sha256=" + right, right.replace("=", "\xbd")))
