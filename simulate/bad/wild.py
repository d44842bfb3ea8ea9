"""Values that nobody should send: the bad-input matrix, as bytes, so that what is not UTF-8 has a place too."""

from collections.abc import Callable
from random import Random

MARK = b"<zq7 onx=1>"  # must never stand in a page as it is
SUM, ANSWER = b"{{191|add:193}}{{191*193}}${191*193}#{191*193}", b"36863"
INJECTED = b"x-zq7"  # must never become a header

Wild = Callable[[Random], bytes]


def _one_of(*values: str | bytes) -> Wild:
    encoded = [value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value for value in values]
    return lambda chance: chance.choice(encoded)


def _repeated(unit: str | bytes, *lengths: int) -> Wild:
    piece = unit.encode() if isinstance(unit, str) else unit
    return lambda chance: piece * chance.choice(lengths)


def _random_bytes(chance: Random) -> bytes:
    return chance.randbytes(chance.randrange(1, 200))


def _random_characters(chance: Random) -> bytes:
    points = (chance.choice((0x250, 0x3000, 0x10FFFF)) for _ in range(chance.randrange(1, 40)))
    return "".join(chr(chance.randrange(point)) for point in points).encode("utf-8", "surrogatepass")


def _around_a_limit(chance: Random) -> bytes:
    limit = chance.choice((4, 20, 40, 80, 100, 120, 128, 254, 255, 1600, 4000, 10_000, 16_000))
    return chance.choice((b"a", "é".encode(), "😀".encode())) * (limit + chance.randrange(-1, 2))


def _within_words(chance: Random) -> bytes:
    kind = chance.choice(("NUL", "not UTF-8", "bidirectional", "control characters", "line breaks"))
    return b"before " + WILD[kind](chance) + b" after"


WILD: dict[str, Wild] = {
    "NUL": _one_of(b"\x00", b"a\x00b", b"\x00" * 50, "\u2400"),
    "not UTF-8": _one_of(b"\xff", b"\xfe\xfe\xff\xff", b"abc\x80", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98"),
    "lone surrogates": _one_of("\ud800", "\udfff", "a\udc80b", "\udc00\ud800", b"\\ud800"),
    "overlong UTF-8": _one_of(b"\xc0\xaf", b"\xc0\x80", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xf8\x88\x80\x80\x80"),
    "beyond Unicode": _one_of(b"\xf4\x90\x80\x80", b"\xf7\xbf\xbf\xbf", "\U0010ffff", "\ufffe\uffff"),
    "UTF-16": _one_of("Hallo".encode("utf-16"), "+1614".encode("utf-16-le"), b"\xff\xfe\x00\xd8"),
    "bidirectional": _one_of("\u202e+16145550101", "\u2066a\u2069\u2067b", "\u200f\u200e" * 40, "abc\u202egpj.exe"),
    "zero width": _one_of("\u200b" * 500, "\u2060", "a\u200db", "\ufeff", "\u00ad", "\u034f" * 100),
    "combining marks": _repeated("a" + "\u0301\u0338\u20e3" * 300, 1, 5),
    "emoji clusters": _repeated("👨‍👩‍👧‍👦🏽‍🦱🏳️‍🌈🇺🇸", 1, 50, 300),
    "control characters": _one_of("\x01\x02\x1b[31m", "\x7f", "\x85", "\u2028\u2029", "\x0b\x0c", "\x1f"),
    "line breaks": _one_of("\r\n" + INJECTED.decode() + ": 1", "a\r\n\r\n<html>", "\n", "%0d%0a" + INJECTED.decode()),
    "markup": _one_of(
        MARK, b"'\">" + MARK, b"</textarea>" + MARK, b"</title>" + MARK, b"&lt;zq7&gt;" + MARK, b"<!--" + MARK
    ),
    "template syntax": _one_of(SUM, b"{% include 'base.html' %}" + SUM, b"{% debug %}", b"{{ settings.SECRET_KEY }}"),
    "format strings": _one_of("%s%s%n", "%(name)s", "{0.__class__}", "{}", "%", "%%", "%c%d"),
    "SQL": _one_of("' OR 1=1--", "'; SELECT pg_sleep(9)--", "id__gt", "\\'; DROP", "%' LIKE '%"),
    "formulas": _one_of("=1+1", "@SUM(A1)", "-1+cmd|' /C calc'!A0", "\t=1"),
    "paths": _one_of("../../etc/passwd", "..%2f..%2f", "%252e%252e/", "C:\\x", "file:///etc/passwd", "//example.org/"),
    "links": _one_of(
        "https://example.org", "//example.org", "javascript:alert(1)", "/\\example.org", "http:///a", "/\t/e.org", "/["
    ),
    "nothing": _one_of("", " ", "\t", "\u3000", "\u00a0"),
    "long": _repeated("x", 1_000, 20_000, 60_000),
    "very long": _repeated("x", 70_000, 300_000, 1_000_000),
    "around a limit": _around_a_limit,
    "many digits": _repeated("9", 20, 400, 4_301, 10_000),
    "numbers": _one_of(
        "-1", "0", "1", "11", "1e9", "NaN", "inf", "-inf", "1.5", "0x10", "٣", "१", "+1", " 1", "1_0", "007", "²",
        "2147483647", "2147483648", "9223372036854775808", "999999999", "1e309", "-0", "½", "1,0",
    ),
    "words of machines": _one_of("true", "null", "undefined", "None", "[]", "{}", '{"a": 1}', "[object Object]", "on"),
    "nested JSON": _repeated("[", 1_000, 30_000),
    "dates": _one_of(
        "0000-00-00", "0001-01-01", "0001-01-01T00:00", "9999-12-31", "9999-12-31T23:59", "2026-02-30", "2026-13-01",
        "10000-01-01", "-0001-01-01", "2038-01-19T03:14:08", "2026-11-01T01:30", "2026-03-08T02:30", "2026-W01-1",
        "20261231", "1969-12-31", "2016-12-31T23:59:60", "0001-01-01T00:00:00+14:00~", "9999-12-31T23:59:59-23:00~x",
    ),
    "times": _one_of(
        "24:00", "23:59:59.9999999", "-1:00", "25:61", "\u0663:\u0660\u0660", "12", "0:0:0:0", "00:00+14:00"
    ),
    "ids": _one_of(
        "00000000-0000-0000-0000-000000000000", "{01936d5c-0000-7000-8000-000000000000}", "urn:uuid:" + "0" * 32,
        "f" * 32, "ffffffff-ffff-ffff-ffff-ffffffffffff", "01936d5c00007000800000000000000", "0" * 33, "SM" + "0" * 32,
        "SM" + "g" * 32, "sm" + "0" * 32, "CA" + "1" * 31, "AC" + "9" * 32, "SM" + "٣" * 32,
    ),
    "telephone numbers": _one_of(
        "anonymous", "+266696687", "12345", "sip:a@b.example", "+", "+0", "+1", "+1614555010100000", "whatsapp:+1614",
        "+1 (614) 555-0101", "Restricted", "QUIET", "client:x", "+٣٣٣٣٣٣٣٣٣", "++16145550101", "+16145550101\n",
    ),
    "e-mail addresses": _one_of(
        "a@b", "@", "a@[1]", '"a b"@x.org', "a@b.org\nBcc: c@d.org", "ä@ü.example", "a@" + "b." * 200 + "org", "a@b..c"
    ),
    "any characters": _random_characters,
    "any bytes": _random_bytes,
    "within words": _within_words,
}  # fmt: skip
KINDS = list(WILD)
RARE = {"very long": 0.1, "long": 0.4, "nested JSON": 0.4, "combining marks": 0.5}  # they cost time and find little
_WEIGHTS = [RARE.get(kind, 1) for kind in KINDS]


def any_kind(chance: Random) -> str:
    return chance.choices(KINDS, _WEIGHTS)[0]


def any_value(chance: Random) -> tuple[str, bytes]:
    """A kind of the matrix, and a value of that kind."""
    kind = any_kind(chance)
    return kind, WILD[kind](chance)
