"""Twilio's signatures, made from their description."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urldefrag


def sign(url: str, params: Iterable[tuple[str, str]], token: str) -> str:
    """Return the value of X-Twilio-Signature for a form posted to `url`.

    url      as configured, with its query; the fragment steers retries and is not signed
    params   every name and value; a name with several values counts each distinct one once, sorted
    token    the account's auth token
    returns  base64 of HMAC-SHA1 over the URL and the names and values, sorted, with nothing between
    """
    pairs = sorted(set(params))
    text = urldefrag(url).url + "".join(name + value for name, value in pairs)
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()


def body_hash(body: bytes) -> str:
    """Return what Twilio puts into the URL as bodySHA256 when the body is not a form."""
    return hashlib.sha256(body).hexdigest()
