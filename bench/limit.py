"""The limit: what a text costs at the least. Signature, one seal, one transaction, one publish; nothing of ours.

Served by the same server with the same workers as the product, so that the ratio is the product's own cost.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import redis
from psycopg_pool import ConnectionPool

from encryption.envelope import Context, DataKey, seal
from tenancy.ids import uuid7

KEY = DataKey(bytes(range(8)), bytes(range(32)))
CENTER = UUID(int=1)
TOKEN = os.environ["BENCH_TOKEN"].encode()
ADDRESS = os.environ["BENCH_ADDRESS"]

_pool = ConnectionPool(os.environ["BENCH_DSN"], min_size=1, max_size=12, open=True)
_valkey = redis.Redis.from_url(os.environ["VALKEY_URL"])


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    values = dict(parse_qsl(body.decode(), keep_blank_values=True))
    if not _is_signed(values, environ["HTTP_X_TWILIO_SIGNATURE"]):
        start_response("403 Forbidden", [])
        return [b""]
    _keep(values)
    start_response("200 OK", [("Content-Type", "text/xml")])
    return [b"<Response/>"]


def _keep(values: dict[str, str]) -> None:
    row, conversation = uuid7(), int(values["From"][-3:])
    sealed = seal(values["Body"].encode(), key=KEY, context=Context("bench.text.v1", CENTER, row))
    with _pool.connection() as connection, connection.transaction():
        found = connection.execute(
            "UPDATE bench_conversation SET sequence = sequence + 1 WHERE id = %s RETURNING sequence", [conversation]
        ).fetchone()
        connection.execute(
            "INSERT INTO bench_text VALUES (%s, %s, %s, %s, %s)",
            [row, conversation, found[0] if found else 0, sealed, values["MessageSid"]],
        )
    _valkey.publish("bench", str(row))


def _is_signed(values: dict[str, str], signature: str) -> bool:
    signed = ADDRESS + "".join(name + values[name] for name in sorted(values))
    digest = hmac.digest(TOKEN, signed.encode(), hashlib.sha1)
    return hmac.compare_digest(base64.b64encode(digest).decode(), signature)
