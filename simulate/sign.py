"""Twilio's signature, computed without the product's own code."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence


def signature(address: str, parameters: Mapping[str, Sequence[str]], token: str) -> str:
    """HMAC-SHA1 over the address, and every name with its distinct values, in order."""
    said = "".join(name + value for name in sorted(parameters) for value in sorted(set(parameters[name])))
    digest = hmac.digest(token.encode(), (address + said).encode("utf-8", "surrogatepass"), hashlib.sha1)
    return base64.b64encode(digest).decode()
