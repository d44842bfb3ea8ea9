"""Root keys: outside the database and its backups. They wrap center keys and never touch a value.

`QUIETLINE_ROOT_KEYS` holds them, or `QUIETLINE_ROOT_KEYS_PATH` names a file that does: `id:key`,
sixteen hexadecimal digits and 32 bytes in base64, one or more, parted by commas or lines. The first
one writes; the others only open.
"""

import base64
import binascii
import os
import secrets
import stat
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from encryption.envelope import KEY_ID, DataKey

KEY_LENGTH = 32
_FEWEST_DIFFERENT_BYTES = 8  # 32 random bytes never have fewer; a key typed by hand does


class RootKeyProblem(Exception):
    """Why the root keys cannot be used: one sentence for whoever runs the installation, without a key."""


def new_root_key_line() -> str:
    """A new root key as one line, to be put first among the root keys."""
    key = base64.b64encode(os.urandom(KEY_LENGTH)).decode()
    return f"{secrets.token_hex(KEY_ID)}:{key}"


def root_keys() -> dict[bytes, DataKey]:
    """Every root key by its id, the writing one first. Raises RootKeyProblem."""
    return _load(settings.QUIETLINE_ROOT_KEYS, str(settings.QUIETLINE_ROOT_KEYS_PATH))


def writing_root_key() -> DataKey:
    """The root key that wraps what is new."""
    return next(iter(root_keys().values()))


def check_root_keys() -> None:
    """Raise RootKeyProblem unless the root keys are sound and open what the keystore holds (ENC-06)."""
    from encryption.key_check import check_against_keystore

    check_against_keystore(root_keys())


@lru_cache(maxsize=8)
def _load(text: str, path: str) -> dict[bytes, DataKey]:
    if text and path:
        raise RootKeyProblem("QUIETLINE_ROOT_KEYS and QUIETLINE_ROOT_KEYS_PATH are both set; keep one.")
    if not text and not path:
        raise RootKeyProblem(
            "There is no root key. Set QUIETLINE_ROOT_KEYS_PATH to a file that only this user can read."
        )
    return parse_root_keys(text or _read(Path(path)))


def parse_root_keys(text: str) -> dict[bytes, DataKey]:
    """Root keys by their id, out of their own form. Raises RootKeyProblem."""
    entries = text.replace(",", "\n").split()
    keys = [_parse_entry(entry, number) for number, entry in enumerate(entries, start=1)]
    if not keys:
        raise RootKeyProblem("The place for root keys is empty.")
    by_id = {key.kid: key for key in keys}
    if len(by_id) != len(keys):
        raise RootKeyProblem("Two root keys have the same id; every root key needs its own.")
    return by_id


def _parse_entry(entry: str, number: int) -> DataKey:
    name, colon, encoded = entry.partition(":")
    if not colon:
        raise RootKeyProblem(f"Root key {number} is not in the form id:key.")
    try:
        kid, secret = bytes.fromhex(name), base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise RootKeyProblem(f"Root key {number} cannot be read: the id is hexadecimal, the key is base64.") from None
    if len(kid) != KEY_ID:
        raise RootKeyProblem(f"The id of root key {number} has {len(kid)} bytes; it needs {KEY_ID}.")
    if len(secret) != KEY_LENGTH:
        raise RootKeyProblem(f"Root key {number} has {len(secret)} bytes; it needs {KEY_LENGTH}.")
    if len(set(secret)) < _FEWEST_DIFFERENT_BYTES:
        raise RootKeyProblem(f"Root key {number} is not random; make one with a generator.")
    return DataKey(kid, secret)


def _read(path: Path) -> str:
    """The file's text, once nobody else can read it and no commit or image can carry it away."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise RootKeyProblem(f"{path} is not a file.")
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise RootKeyProblem(
                    f"{path} can be read or changed by other users of this machine; run: chmod 600 {path}"
                )
            _refuse_inside_the_code(path)
            return file.read().decode("ascii")
    except OSError as problem:
        raise RootKeyProblem(f"{path} cannot be read: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise RootKeyProblem(f"{path} does not hold root keys in the form id:key.") from None


def _refuse_inside_the_code(path: Path) -> None:
    path, base = path.resolve(), Path(settings.BASE_DIR).resolve()
    if not path.is_relative_to(base):
        return
    folders = [folder for folder in path.parents if folder.is_relative_to(base)]
    if not any(_is_ignored(path.relative_to(folder).parts[0], folder) for folder in folders):
        raise RootKeyProblem(f"{path} lies among the code, where a commit could take it along; move it away.")


def _is_ignored(name: str, folder: Path) -> bool:
    """Whether the folder's own .gitignore keeps this name, or everything, out of the repository."""
    try:
        lines = (folder / ".gitignore").read_text().split()
    except OSError:
        return False
    return any(line.strip("/") in (name, "*") for line in lines)
