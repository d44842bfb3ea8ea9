"""How Twilio writes times and numbers, and how a text is cut into parts."""

import re
import time
from datetime import UTC, datetime
from email.utils import format_datetime

E164 = re.compile(r"\+[1-9]\d{6,14}")

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_ESCAPED = frozenset("^{}\\[~]|€\f")


def rfc2822(moment: float | None) -> str | None:
    """Return a moment as `Mon, 23 Nov 2026 15:04:05 +0000`, or None for none."""
    return None if moment is None else format_datetime(datetime.fromtimestamp(moment, UTC))


def carrier_time(moment: float) -> str:
    """Return a moment as carriers write it in delivery receipts: YYMMDDhhmm."""
    return time.strftime("%y%m%d%H%M", time.gmtime(moment))


def national(number: str) -> str:
    """Return an American number as people write it; any other as it is."""
    if re.fullmatch(r"\+1\d{10}", number):
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


def country(number: str) -> str:
    """Return US for a number under +1, else nothing: the twin looks nothing up."""
    return "US" if re.fullmatch(r"\+1\d{10}", number) else ""


def count_segments(body: str) -> int:
    """Return in how many parts a text travels: 160 or 153 GSM-7 characters each, 70 or 67 of UCS-2."""
    if all(c in GSM_7 or c in GSM_7_ESCAPED for c in body):
        length, alone, joined = len(body) + sum(c in GSM_7_ESCAPED for c in body), 160, 153
    else:
        length, alone, joined = len(body.encode("utf-16-le", "surrogatepass")) // 2, 70, 67
    return 1 if length <= alone else -(-length // joined)


def encodable(text: str) -> str:
    """Return a text with lone surrogates replaced, which no wire can carry."""
    return text.encode("utf-8", "replace").decode()
