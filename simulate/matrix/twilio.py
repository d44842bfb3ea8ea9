"""Twilio misbehaves, by the twin's own faults: its API, its lists, its files, its webhooks."""

import base64
import urllib.request
from random import Random

from simulate.breakable import BreakableStack
from simulate.matrix.kind import Fault
from simulate.people import CANARY, LINE, QUIET_CLIENT
from simulate.stack import direct


def _fault(kind: str, times: int, match: dict[str, str], **more: object) -> Fault:
    def strike(stack: BreakableStack, chance: Random) -> None:
        stack.twin("POST", "/twin/faults", {"kind": kind, "match": match, "times": times, **more})

    return strike


def _api(kind: str, times: int = 1, **more: object) -> Fault:
    """Twilio's API misbehaves for texts of ours."""
    return _fault(kind, times, {"path": "/Messages.json$", "method": "POST"}, **more)


def _listing(kind: str, **more: object) -> Fault:
    """Twilio's lists cannot be had when a text in doubt, or one that was missed, is looked for."""
    return _fault(kind, 1, {"path": "/Messages.json", "method": "GET"}, **more)


def _media(kind: str, **more: object) -> Fault:
    """A picture cannot be had, or not at once."""
    return _fault(kind, 1, {"path": "/Media", "method": "GET"}, **more)


def _webhook(kind: str, about: str, times: int = 3, **more: object) -> Fault:
    """What Twilio tells us comes twice, late, in another order, forged, or never."""
    return _fault(kind, times, {"about": about}, **more)


def _emptied_before_it_was_heard(stack: BreakableStack, chance: Random) -> None:
    """A text whose webhook never came, and whose words are no longer at Twilio when its list is looked at."""
    _webhook("drop", "message", times=1)(stack, chance)
    words = {"from": QUIET_CLIENT, "to": LINE, "body": f"{CANARY} soon forgotten"}
    (text,) = stack.twin("POST", "/twin/send", words)["messages"]
    account, secret = stack.demo["account_sid"], stack.demo["auth_token"]
    address = f"http://127.0.0.1:{stack.state.twin_port}/2010-04-01/Accounts/{account}/Messages/{text['sid']}.json"
    proof = base64.b64encode(f"{account}:{secret}".encode()).decode()
    request = urllib.request.Request(address, b"Body=", {"Authorization": f"Basic {proof}"}, method="POST")
    direct.open(request, timeout=10).close()


TWILIO = {
    "API: 429": _api("429", times=3),
    "API: 500": _api("500"),
    "API: 500 after accepting": _api("500", accept=True),
    "API: 502 in HTML": _api("html502"),
    "API: 502 in HTML after accepting": _api("html502", accept=True),
    "API: silent": _api("hang", seconds=12),
    "API: silent after accepting": _api("hang", seconds=12, accept=True),
    "API: slow": _api("slow", seconds=2),
    "API: cut before accepting": _api("drop_before"),
    "API: cut after accepting": _api("drop_after_accept"),
    "API: half an answer": _api("broken_body"),
    "list: 500": _listing("500"),
    "list: cut": _listing("drop_before"),
    "list: half of it": _listing("broken_body"),
    "list: slow": _listing("slow", seconds=3),
    "file: gone": _media("404"),
    "file: 500": _media("500"),
    "file: cut": _media("drop_before"),
    "file: slow": _media("slow", seconds=3),
    "text told twice": _webhook("duplicate", "message"),
    "text told twenty times at once": _webhook("burst", "message", times=1),
    "text told late": _webhook("delay", "message", seconds=3),
    "texts told in another order": _webhook("reorder", "message", copies=3),
    "text never told": _webhook("drop", "message"),
    "text never told, and emptied": _emptied_before_it_was_heard,
    "text told with a bad signature": _webhook("bad_signature", "message"),
    "call told twice": _webhook("duplicate", "voice", times=1),
    "call never told": _webhook("drop", "voice", times=1),
    "end of a call never told": _webhook("drop", "call_status", times=1),
    "status told twice": _webhook("duplicate", "status"),
    "statuses told in another order": _webhook("reorder", "status", copies=3),
    "status never told": _webhook("drop", "status"),
    "status told with a bad signature": _webhook("bad_signature", "status"),
}
