"""From a seed and a number to one request, and to what its answer may not be."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict

from simulate.bad import bodies, headers, wild
from simulate.bad.doors import Door, all_doors
from simulate.bad.request import FORM, Request
from simulate.bad.skeletons import POSTS, QUERIES, fields_of
from simulate.bad.world import World
from simulate.sign import signature

WEIGHTS = (56, 28, 12, 4)  # of webhooks, of staff's pages, of strangers' pages, of files
METHODS = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "POST", "PROPFIND", "get", "G\x7fT", "X" * 300)
STATIC = ("/static/favicon.svg", "/static/css/layout.css", "/static/", "/static/nothing.js", "/static/../manage.py")
NOWHERE = "00000000-0000-0000-0000-000000000000"
DOUBLED = ("/hooks/twilio/", "conversations/", "..;/", "%2e%2e/", "%252e/", "%00/", "/", "./")


@dataclass
class Case:
    """One request. `kinds` names what is wrong with it, `must_refuse` why it may not succeed."""

    number: int
    door: str
    who: str
    request: Request
    kinds: list[str] = field(default_factory=list)
    must_refuse: str = ""
    is_webhook: bool = False
    is_static: bool = False
    is_cold: bool = False  # the process has forgotten keys and doors before it


def chance_of(seed: int, number: int) -> Random:
    return Random(f"{seed}:{number}")


def make(seed: int, number: int, world: World) -> Case:
    """The case with this number: the same doors and the same wild values whenever it is made."""
    chance = chance_of(seed, number)
    how = chance.choices((_webhook, _staff, _stranger, _file), WEIGHTS)[0]
    case = how(number, world, chance)
    case.is_cold = chance.random() < 0.05
    return case


def is_for_socket(seed: int, number: int) -> bool:
    """Some numbers are sockets: see `sockets`."""
    return Random(f"{seed}:{number}:socket").random() < 0.03


def _webhook(number: int, world: World, chance: Random) -> Case:
    door = chance.choice([door for door in all_doors() if door.is_webhook])
    case = _begin(number, door, "twilio", world, chance)
    case.is_webhook = True
    case.request.headers = {"Content-Type": FORM}
    if chance.random() < 0.15:
        case.kinds += headers.spoil(case.request.headers, chance)
    _fill(case, door, world, chance)
    if chance.random() < 0.05:
        case.request.method = chance.choice(METHODS)
        case.kinds.append("method")
    _sign(case, door, world, chance)
    return case


def _sign(case: Case, door: Door, world: World, chance: Random) -> None:
    """As Twilio does, so that what lies behind the signature is reached too; one in ten is forged."""
    post = _as_read(case.request)
    address = settings.PUBLIC_BASE_URL + case.request.target
    right = signature(address, dict(post.lists()), world.door.auth_token)
    case.request.headers["X-Twilio-Signature"] = right
    if chance.random() < 0.1:
        wrong = headers.wrong_signature(right, chance)
        case.request.headers["X-Twilio-Signature"] = wrong
        case.kinds.append("signature")
        case.must_refuse = "forged" if wrong != right else ""
    elif post.getlist("AccountSid") != [world.door.account_sid]:
        case.must_refuse = "another account"
    elif door.name in ("hook-message", "hook-voice") and post.getlist("To") != [world.door.number]:
        case.must_refuse = "another number"


def _as_read(request: Request) -> QueryDict:
    try:
        return QueryDict(request.body, encoding="utf-8")
    except TooManyFieldsSent:
        return QueryDict("")


def _staff(number: int, world: World, chance: Random) -> Case:
    who = chance.choice(("naomi", "ruth", "adina", "adina"))
    door = chance.choice([door for door in all_doors() if not door.is_webhook and door.name != "csp-report"])
    case = _begin(number, door, who, world, chance)
    browser = world.browsers[who]
    case.request.headers = {
        "Cookie": browser.cookies,
        "X-CSRFToken": browser.token,
        "Origin": settings.STAFF_ORIGINS[0],
    }
    _finish(case, door, world, chance)
    return case


def _stranger(number: int, world: World, chance: Random) -> Case:
    doors = all_doors()
    door = chance.choice([door for door in doors if door.is_open] if chance.random() < 0.85 else doors)
    case = _begin(number, door, "stranger", world, chance)
    cookie = f"{settings.CSRF_COOKIE_NAME}={'a' * 32}"
    case.request.headers = {"Cookie": cookie, "X-CSRFToken": "a" * 32, "Origin": settings.STAFF_ORIGINS[0]}
    if not door.is_open and not case.must_refuse:
        case.must_refuse = "nobody has signed in"
    _finish(case, door, world, chance)
    return case


def _finish(case: Case, door: Door, world: World, chance: Random) -> None:
    if chance.random() < 0.3:
        case.request.headers["HX-Request"] = "true"
    if chance.random() < 0.2:
        case.kinds += headers.spoil(case.request.headers, chance)
    if case.request.method == "POST":
        case.request.headers.setdefault("Content-Type", FORM)
        _fill(case, door, world, chance)
    if chance.random() < 0.04:
        case.request.method = chance.choice(METHODS)
        case.kinds.append("method")


def _file(number: int, world: World, chance: Random) -> Case:
    path = chance.choice((*STATIC, "/static/" + _quoted(chance), "/" + _quoted(chance), *DOUBLED))
    if not path.startswith("/"):
        path = "/" + path
    case = Case(number, "file", "stranger", Request("GET", path), ["paths"], is_static=path.startswith("/static/"))
    case.kinds += headers.spoil(case.request.headers, chance)
    if chance.random() < 0.2:
        case.request.method = chance.choice(METHODS)
    return case


def _begin(number: int, door: Door, who: str, world: World, chance: Random) -> Case:
    """The line of the request: mostly a door as it should be asked, sometimes a path or a query that is wild."""
    is_post = door.is_webhook or chance.random() < (0.75 if door.name in POSTS else 0.2)
    case = Case(number, door.name, who, Request("POST" if is_post else "GET", "/"))
    case.request.target = _path(case, door, world, chance) + _query(case, door, chance)
    return case


def _path(case: Case, door: Door, world: World, chance: Random) -> str:
    if not door.has_parameter:
        return door.path()
    luck = chance.random()
    if luck < 0.88:
        return door.path(_id(door, world, chance))
    case.kinds.append("id")
    if luck < 0.92 and door.kind_of_id == "conversations":
        case.must_refuse = "another center's"
        return door.path(chance.choice(world.strange))
    choices: tuple[Callable[[], str], ...] = (
        lambda: NOWHERE,
        lambda: str(UUID(int=chance.getrandbits(128))),
        lambda: _quoted(chance),
        lambda: _id(door, world, chance).upper(),
        lambda: chance.choice(DOUBLED) + _id(door, world, chance),
    )
    return door.path(chance.choice(choices)())


def _id(door: Door, world: World, chance: Random) -> str:
    if door.name == "invitation":
        return world.invitation
    known = world.ids.get(door.kind_of_id) or [pk for ids in world.ids.values() for pk in ids]
    return chance.choice(known)


def _quoted(chance: Random) -> str:
    """A wild value in a path, percent-encoded or, one in five, as it is as far as a request line can hold it."""
    _kind, value = wild.any_value(chance)
    if chance.random() < 0.8:
        return bodies.quoted(value[:6000])
    return "".join(chr(byte) for byte in value[:6000] if byte > 0x20 and byte != 0x7F and chr(byte) not in "?#")


def _query(case: Case, door: Door, chance: Random) -> str:
    usual = QUERIES.get(door.name, {})
    if chance.random() < (0.5 if door.is_webhook or not usual else 0.15):
        return ""
    pairs = bodies.pairs_of(usual) or [(b"next", b"/")]
    if chance.random() < 0.6:
        case.kinds += bodies.spoil(pairs, chance)
    return "?" + bodies.joined(pairs)[:60_000]


def _fill(case: Case, door: Door, world: World, chance: Random) -> None:
    pairs = bodies.pairs_of(fields_of(door, world, chance))
    if chance.random() < 0.9:
        case.kinds += bodies.spoil(pairs, chance)
    case.request.body = bodies.joined(pairs).encode()
    if door.name == "csp-report":
        case.request.headers["Content-Type"] = "application/csp-report"
        case.request.body = bodies.report(chance)
    if chance.random() < 0.12:
        case.kinds.append(bodies.disguise(case.request, pairs, chance))
