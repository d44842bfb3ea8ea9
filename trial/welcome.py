"""What the person who started the trial reads when everything answers."""

import asyncio
import base64
import hashlib
import hmac
import struct
import sys
import time
from typing import Any

from trial.folder import DataFolder, State
from trial.options import Options
from trial.say import answer

STEP = 30  # seconds that a code holds (RFC 6238)


def show(options: Options, folder: DataFolder, state: State) -> None:
    """The one line that says ready, then how to sign in and where the phone is."""
    answer(f"ready {options.address}\n")
    if options.demo:
        _show_demo(options, folder.read("demo.json"), state)
    elif first := folder.read("first-admin.json"):
        answer(f"The first admin begins here, once, within 72 hours:\n  {first['link']}")
        answer(f"and signs in from then on as {first['email']} at {options.address}/sign-in/")
    answer("\nCtrl-C stops everything. The same command goes on where it was.")


def _show_demo(options: Options, demo: dict[str, Any], state: State) -> None:
    answer(f"Sign in     {options.address}/sign-in/")
    answer(f"Passkeys    {options.address_of_passkeys}/sign-in/  (they belong to a name, not to digits)")
    answer(f"Password    {demo['password']}  (everybody's)")
    for person in demo["people"]:
        answer(f"  {person['role']:11} {person['email']:24} authenticator key {person['authenticator_key']}")
    show_codes(demo)
    if sys.stdin.isatty():
        answer("  Press Enter here for the codes of the moment, or add a key to an authenticator app.")
        asyncio.get_running_loop().add_reader(sys.stdin, _on_enter, demo)
    answer(f"Phone page  http://127.0.0.1:{state.twin_port}/  (write to the center as a client would)")
    answer(f"Mail page   http://127.0.0.1:{state.twin_port}/mail  (every mail that Quietline sends to its people)")


def show_codes(demo: dict[str, Any]) -> None:
    """Each person's code of this moment; one code signs in once."""
    codes = "  ".join(
        f"{person['email'].partition('@')[0]} {code_of(person['authenticator_key'])}" for person in demo["people"]
    )
    answer(f"Codes now   {codes}  (for {STEP - int(time.time()) % STEP} s)")


def _on_enter(demo: dict[str, Any]) -> None:
    if sys.stdin.readline():
        show_codes(demo)
    else:
        asyncio.get_running_loop().remove_reader(sys.stdin)


def code_of(key: str, at: float | None = None) -> str:
    """The six digits that an authenticator with this key shows (RFC 4226, 5.3)."""
    counter = int((time.time() if at is None else at) // STEP)
    digest = hmac.digest(base64.b32decode(key), struct.pack(">Q", counter), hashlib.sha1)
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFF_FFFF
    return f"{number % 1_000_000:06}"
