"""Ways in, as they are used from outside: Twilio's signed posts, and a browser that has signed in."""

import time
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.test import Client
from django_otp.oath import totp
from twilio.request_validator import RequestValidator

from accounts.actions.factors import begin_totp
from accounts.models import Membership
from messaging.models import Line
from tests.cast import ACCOUNT, LINE_NUMBER, PASSWORD, PHONE, TOKEN

FORM = "application/x-www-form-urlencoded"
SID = "SM" + "1" * 32


def sid(number: int) -> str:
    return f"SM{number:032x}"


def parameters(**replaced: Any) -> dict[str, Any]:
    """What Twilio posts for a text; `None` leaves a parameter out."""
    values = {
        "MessageSid": SID,
        "SmsSid": SID,
        "AccountSid": ACCOUNT,
        "From": PHONE,
        "To": LINE_NUMBER,
        "Body": "Hello",
        "NumMedia": "0",
        "ApiVersion": "2010-04-01",
    }
    return {name: value for name, value in {**values, **replaced}.items() if value is not None}


def text_in(line: Line, body: str = "Hello", *, hook: str = "message", query: str = "", **replaced: Any) -> Any:
    """Post a text as Twilio does, signed with the line's token; `None` leaves a parameter out."""
    token = replaced.pop("token", TOKEN)
    path = f"/hooks/twilio/{line.pk}/{hook}{query}"
    return post_signed(path, parameters(**{"Body": body, **replaced}), token)


def post_signed(path: str, values: dict[str, Any], token: str = TOKEN) -> Any:
    signature = RequestValidator(token).compute_signature(settings.PUBLIC_BASE_URL + path, values)
    return browser().post(
        path,
        urlencode(values, doseq=True),
        content_type=FORM,
        headers={"X-Twilio-Signature": signature},
    )


def status_of(line: Line, message_id: UUID | None, status: str, message_sid: str, **more: str) -> Any:
    """Report a status as Twilio does."""
    query = f"?message={message_id}" if message_id else ""
    values = {"MessageSid": message_sid, "MessageStatus": status, "AccountSid": ACCOUNT, **more}
    return post_signed(f"/hooks/twilio/{line.pk}/status{query}", values)


def browser() -> Client:
    """A browser at the public address that follows the same rules as a real one: it sends CSRF tokens."""
    return Client(headers={"Host": "quietline.test"}, enforce_csrf_checks=False)


def with_a_way(member: Membership) -> Membership:
    """Somebody who has set up how she signs in, and has not yet."""
    device = begin_totp(member.staff)
    device.confirmed = True
    device.save()
    return member


def signed_in(member: Membership) -> Client:
    """A browser in which somebody has passed both factors, through the real pages."""
    staff = member.staff
    device = begin_totp(staff)
    device.confirmed = True
    device.save()
    client = browser()
    first = client.post("/sign-in/", {"email": staff.email, "password": PASSWORD}, secure=True)
    assert first.status_code == 302, "the password should have passed"
    code = f"{totp(device.key, t0=0, drift=0, step=30, digits=6):06d}"
    second = client.post("/sign-in/code/", {"code": code}, secure=True)
    assert second.status_code == 302, f"the code should have passed at {time.time()}"
    client.defaults["wsgi.url_scheme"] = "https"
    return client
