"""Lookup: what kind of line a number is, and whether it has changed hands."""

from typing import Any

from aiohttp import web

from twin.formats import E164, country, national
from twin.people import Person
from twin.rest.auth import any_account, twin_of

UNASKED = (
    "caller_name", "sim_swap", "call_forwarding", "line_status", "identity_match", "sms_pumping_risk",
    "phone_number_quality_score", "pre_fill",
)  # fmt: skip


async def fetch(request: web.Request) -> web.Response:
    """Show what is known of one number."""
    any_account(request)
    number = request.match_info["number"]
    number = number if number.startswith("+") else f"+{number}"
    person = twin_of(request).world.person(number)
    asked = request.query.get("Fields", "").split(",")
    valid = E164.fullmatch(number) is not None
    body: dict[str, Any] = dict.fromkeys(UNASKED) | {
        "calling_country_code": "1" if country(number) else None,
        "country_code": country(number) or None,
        "phone_number": number,
        "national_format": national(number),
        "valid": valid,
        "validation_errors": [] if valid else ["NOT_A_NUMBER"],
        "line_type_intelligence": _line(person) if "line_type_intelligence" in asked and valid else None,
        "reassigned_number": _hands(request, person) if "reassigned_number" in asked and valid else None,
        "url": f"https://lookups.twilio.com/v2/PhoneNumbers/{number}",
    }
    return web.json_response(body)


def _line(person: Person) -> dict[str, Any]:
    is_mobile = person.line_type == "mobile"
    return {
        "error_code": None,
        "mobile_country_code": "310" if is_mobile else None,
        "mobile_network_code": "410" if is_mobile else None,
        "carrier_name": "Twin",
        "type": person.line_type,
    }


def _hands(request: web.Request, person: Person) -> dict[str, Any]:
    return {
        "last_verified_date": request.query.get("LastVerifiedDate", ""),
        "is_number_reassigned": person.reassigned,
        "error_code": None,
    }
