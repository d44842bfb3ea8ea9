"""Forms, spoiled: wild values, fields that are missing, doubled or without end, and bodies that are no forms."""

import gzip
import json
from collections.abc import Callable
from random import Random
from urllib.parse import quote_from_bytes

from simulate.bad import wild
from simulate.bad.request import FORM, Request

Pairs = list[tuple[bytes, bytes]]
CHARSETS = (
    "utf-7", "hex", "undefined", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf-16", "utf-8-sig",
    "base64", "rot13", "zlib", "ascii", "latin-1", "shift_jis", "nothing", "\xff", "utf_32_be", "cp037", "mbcs",
)  # fmt: skip
BOUNDARY = b"zq7boundary"


def pairs_of(fields: dict[str, str]) -> Pairs:
    return [(name.encode(), value.encode()) for name, value in fields.items()]


def quoted(value: bytes) -> str:
    return quote_from_bytes(value, safe="")


def joined(pairs: Pairs) -> str:
    """As a browser or Twilio would write them."""
    return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in pairs)


def spoil(pairs: Pairs, chance: Random) -> list[str]:
    """Change one field or several; return the kinds of what was done."""
    times = chance.choices((1, 2, 4, len(pairs) or 1), (60, 22, 12, 6))[0]
    return [chance.choices(_WAYS, _OFTEN)[0](pairs, chance) for _ in range(times)]


def _replace(pairs: Pairs, chance: Random) -> str:
    kind, value = wild.any_value(chance)
    if pairs:
        place = chance.randrange(len(pairs))
        pairs[place] = (pairs[place][0], value)
    return kind


def _drop(pairs: Pairs, chance: Random) -> str:
    if pairs:
        del pairs[chance.randrange(len(pairs))]
    return "missing field"


def _double(pairs: Pairs, chance: Random) -> str:
    if pairs:
        name, value = chance.choice(pairs)
        pairs.insert(chance.randrange(len(pairs) + 1), (name, chance.choice((value, b"other"))))
    return "doubled field"


def _rename(pairs: Pairs, chance: Random) -> str:
    if pairs:
        place = chance.randrange(len(pairs))
        pairs[place] = (wild.any_value(chance)[1][:2000], pairs[place][1])
    return "another name"


def _add(pairs: Pairs, chance: Random) -> str:
    pairs.append((wild.any_value(chance)[1][:2000], wild.any_value(chance)[1]))
    return "unknown field"


def _flood(pairs: Pairs, chance: Random) -> str:
    pairs.extend([(b"f%d" % number, b"1") for number in range(chance.choice((190, 201, 2000)))])
    return "fields without end"


def _swap(pairs: Pairs, chance: Random) -> str:
    if len(pairs) > 1:
        one, other = chance.sample(range(len(pairs)), 2)
        first, second = pairs[one], pairs[other]
        pairs[one], pairs[other] = (first[0], second[1]), (second[0], first[1])
    return "swapped values"


def _media(pairs: Pairs, chance: Random) -> str:
    """Pictures: none, some, with gaps, more than there can be."""
    count = chance.choice((1, 3, 10, 11, 40))
    pairs.extend(
        (b"MediaUrl%d" % number, b"https://api.twilio.com/x") for number in range(count) if chance.random() < 0.9
    )
    said = str(chance.choice((count, count + 1, 0, -1))).encode()
    pairs[:] = [(name, said if name == b"NumMedia" else value) for name, value in pairs]
    return "pictures"


_WAYS: tuple[Callable[[Pairs, Random], str], ...] = (_replace, _drop, _double, _rename, _add, _flood, _swap, _media)
_OFTEN = (70, 7, 6, 5, 5, 1, 3, 3)


def disguise(request: Request, pairs: Pairs, chance: Random) -> str:
    """Make the body something else than it says, or say something else than it is."""
    return chance.choice(_DISGUISES)(request, pairs, chance)


def _as_multipart(request: Request, pairs: Pairs, chance: Random) -> str:
    request.headers["Content-Type"] = "multipart/form-data; boundary=" + BOUNDARY.decode()
    request.body = _parts(pairs) + b"--" + BOUNDARY + b"--\r\n"
    return "multipart"


def _as_broken_multipart(request: Request, pairs: Pairs, chance: Random) -> str:
    _as_multipart(request, pairs, chance)
    if chance.random() < 0.4:
        request.headers["Content-Type"] = "multipart/form-data" + chance.choice(
            (
                "",
                "; boundary=",
                "; boundary=\xff",
                "; boundary=" + "x" * 300,
                '; boundary="a',
                "; charset=hex; boundary=zq7boundary",
            )
        )
    cut = chance.randrange(len(request.body) + 1)
    junk = chance.choice(
        (b"", b"\x00", b'Content-Disposition: form-data; name="', b"Content-Transfer-Encoding: base64\r\n\r\n!")
    )
    request.body = request.body[:cut] + junk + request.body[cut + chance.randrange(30) :]
    return "broken multipart"


def _parts(pairs: Pairs) -> bytes:
    head = b"--" + BOUNDARY + b'\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    return b"".join(head % (name.replace(b'"', b"%22"), value) for name, value in pairs)


def _as_json(request: Request, pairs: Pairs, chance: Random) -> str:
    request.headers["Content-Type"] = "application/json"
    request.body = json.dumps({name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}).encode()
    return "JSON"


def _as_bytes(request: Request, pairs: Pairs, chance: Random) -> str:
    request.body = wild.any_value(chance)[1]
    return "no form"


def _of_another_type(request: Request, pairs: Pairs, chance: Random) -> str:
    types = ("text/plain", "", "application/xml", "x" * 500, FORM + ", text/html", FORM.upper(), ";;;", "\xff/\xfe")
    request.headers["Content-Type"] = chance.choice(types)
    return "content type"


def _in_another_charset(request: Request, pairs: Pairs, chance: Random) -> str:
    kind = chance.choice((FORM, "multipart/form-data; boundary=" + BOUNDARY.decode(), "text/plain"))
    if kind.startswith("multipart"):
        _as_multipart(request, pairs, chance)
    request.headers["Content-Type"] = f"{kind}; charset={chance.choice(CHARSETS)}"
    return "charset"


def _compressed(request: Request, pairs: Pairs, chance: Random) -> str:
    request.headers["Content-Encoding"] = chance.choice(("gzip", "deflate", "br", "identity, gzip"))
    request.body = gzip.compress(request.body, mtime=0)
    return "compressed"


def _of_another_length(request: Request, pairs: Pairs, chance: Random) -> str:
    lengths = ("", "0", "-1", "abc", "1", "٣", "99999999999", "1e3", "+5", "0x10", "9" * 5000, "5, 5", "\xb2")
    request.headers["Content-Length"] = chance.choice(lengths).encode().decode("latin-1")
    return "content length"


def _with_separators(request: Request, pairs: Pairs, chance: Random) -> str:
    separators = (b"&" * 500, b";", b"&&=&", b"=" * 500, b"%", b"%zz", b"%u0041", b"+", b"&%00=%00", b"&\x00")
    request.body += chance.choice(separators)
    return "separators"


_DISGUISES = (
    _as_multipart, _as_broken_multipart, _as_broken_multipart, _as_json, _as_bytes, _of_another_type,
    _in_another_charset, _compressed, _of_another_length, _with_separators,
)  # fmt: skip


def report(chance: Random) -> bytes:
    """What a browser reports of a broken policy, more or less."""
    _kind, value = wild.any_value(chance)
    said = value.decode("utf-8", "replace")
    shapes = (
        {"csp-report": {"effective-directive": said}},
        {"csp-report": {"violated-directive": [said]}},
        {"csp-report": said},
        [said] * 20,
        {said: {"csp-report": None}},
    )
    return chance.choice((json.dumps(chance.choice(shapes)).encode(), value, b'{"csp-report": ' + value))
