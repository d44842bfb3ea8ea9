"""Every answer has the form that Twilio's own API description gives it."""

import json
import re
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from tests.twin.conftest import ACCOUNT, BASIC, LINE, MAYA, SERVICE, Rig

DESCRIPTION = Path(__file__).parent / "openapi"
BASE = "/2010-04-01/Accounts/{AccountSid}"
PNG = "iVBORw0KGgo="

formats = FormatChecker()


@formats.checks("date-time-rfc-2822", raises=ValueError)
def is_rfc2822(value: object) -> bool:
    return value is None or (isinstance(value, str) and parsedate_to_datetime(value).tzinfo is not None)


@formats.checks("phone-number")
def is_phone_number(value: object) -> bool:
    return value is None or re.fullmatch(r"\+\d{7,15}", str(value)) is not None


@cache
def description(name: str) -> dict[str, Any]:
    """Return one API description as JSON Schema can read it, each object closed to unknown names."""
    return modern(json.loads((DESCRIPTION / name).read_text()))


def modern(node: Any) -> Any:
    """Return OpenAPI 3.0 as JSON Schema 2020-12: `nullable` becomes a type, enums may then be null."""
    if isinstance(node, list):
        return [modern(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: modern(value) for key, value in node.items() if key not in {"example", "examples"}}
    if node.pop("nullable", False) is True:
        node = {"anyOf": [node, {"type": "null"}]}
    elif node.get("type") == "object" and "properties" in node:
        node.setdefault("additionalProperties", False)
    return node


def check(body: Any, path: str, method: str = "get", status: int = 200, name: str = "v2010.json") -> None:
    """Hold an answer against the schema of its operation."""
    whole = description(name)
    schema = whole["paths"][path][method]["responses"][str(status)]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": whole["components"]}, format_checker=formats).validate(body)


async def test_the_check_can_fail(rig: Rig) -> None:
    _, good = await rig.api("GET", "/Messages.json")
    check(good, BASE + "/Messages.json")
    sent = await rig.send()
    for wrong in ({"num_media": 0}, {"status": "on its way"}, {"date_created": "2026-11-24"}, {"invented": "1"}):
        with pytest.raises(ValidationError):
            check({**sent, **wrong}, BASE + "/Messages.json", "post", 201)


@pytest.mark.parametrize("sender", [{"From": LINE}, {"From": "", "MessagingServiceSid": SERVICE}])
async def test_a_text_conforms_from_creation_to_delivery(rig: Rig, sender: dict[str, str]) -> None:
    sent = await rig.send(**sender)
    check(sent, BASE + "/Messages.json", "post", 201)
    await rig.statuses(sent["sid"], 2)
    _, fetched = await rig.api("GET", f"/Messages/{sent['sid']}.json")
    check(fetched, BASE + "/Messages/{Sid}.json")
    assert fetched.keys() == sent.keys()


async def test_a_failed_text_conforms(rig: Rig) -> None:
    sent = await rig.send(to="+16145550104")
    await rig.statuses(sent["sid"], 2)
    _, fetched = await rig.api("GET", f"/Messages/{sent['sid']}.json")
    check(fetched, BASE + "/Messages/{Sid}.json")
    assert fetched["error_code"] == 30003


async def test_lists_and_pictures_conform(rig: Rig) -> None:
    rows = await rig.text_in(times=3, media=[{"content_type": "image/png", "data": PNG}])
    _, listed = await rig.api("GET", "/Messages.json?PageSize=1&Page=1")
    check(listed, BASE + "/Messages.json")
    assert listed["previous_page_uri"]
    assert listed["next_page_uri"]
    message = f"/Messages/{rows[0]['sid']}"
    _, files = await rig.api("GET", f"{message}/Media.json")
    check(files, BASE + "/Messages/{MessageSid}/Media.json")
    _, one = await rig.api("GET", f"{message}/Media/{files['media_list'][0]['sid']}.json")
    check(one, BASE + "/Messages/{MessageSid}/Media/{Sid}.json")


async def test_numbers_and_the_account_conform(rig: Rig) -> None:
    _, numbers = await rig.api("GET", "/IncomingPhoneNumbers.json")
    check(numbers, BASE + "/IncomingPhoneNumbers.json")
    path = f"/IncomingPhoneNumbers/{numbers['incoming_phone_numbers'][0]['sid']}.json"
    _, changed = await rig.api("POST", path, {"FriendlyName": "Front desk"})
    check(changed, BASE + "/IncomingPhoneNumbers/{Sid}.json", "post")
    async with rig.session.get(rig.url(f"/2010-04-01/Accounts/{ACCOUNT}.json"), headers=BASIC) as response:
        check(await response.json(), "/2010-04-01/Accounts/{Sid}.json")


async def test_calls_and_recordings_conform(rig: Rig) -> None:
    rig.center.says("/voice", "<Response><Record/></Response>")
    call = await rig.post("/twin/call", {"from": MAYA, "to": LINE, "ending": "voicemail"})
    _, fetched = await rig.api("GET", f"/Calls/{call['sid']}.json")
    check(fetched, BASE + "/Calls/{Sid}.json")
    _, listed = await rig.api("GET", "/Calls.json")
    check(listed, BASE + "/Calls.json")
    recording = (await rig.get("/twin/ledger"))["recordings"][0]["sid"]
    _, described = await rig.api("GET", f"/Recordings/{recording}.json")
    check(described, BASE + "/Recordings/{Sid}.json")
    for path, schema in (
        ("/Recordings.json", "/Recordings.json"),
        (f"/Calls/{call['sid']}/Recordings.json", "/Calls/{CallSid}/Recordings.json"),
        (f"/Calls/{call['sid']}/Recordings/{recording}.json", "/Calls/{CallSid}/Recordings/{Sid}.json"),
    ):
        check((await rig.api("GET", path))[1], BASE + schema)


async def test_the_call_of_a_phone_that_was_rung_conforms(rig: Rig) -> None:
    rig.center.says("/voice", "<Response><Dial>+16145550199</Dial></Response>")
    await rig.post("/twin/call", {"from": MAYA, "to": LINE, "ending": "answer"})
    leg = (await rig.get("/twin/ledger"))["legs"][0]["sid"]
    _, fetched = await rig.api("GET", f"/Calls/{leg}.json")
    check(fetched, BASE + "/Calls/{Sid}.json")


@pytest.mark.parametrize("fields", ["", "?Fields=line_type_intelligence,reassigned_number"])
async def test_lookup_has_the_described_names(rig: Rig, fields: str) -> None:
    async with rig.session.get(rig.url(f"/v2/PhoneNumbers/{MAYA}{fields}"), headers=BASIC) as response:
        body = await response.json()
    described = description("lookups_v2.json")["components"]["schemas"]
    assert body.keys() == described["LookupResponse"]["properties"].keys()
    if fields:
        names = described["LineTypeIntelligenceInfo"]["properties"].keys()
        assert body["line_type_intelligence"].keys() == names


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "614555"}, 21211),
        ({"To": "+15005550001"}, 21211),
        ({"To": "+15005550009"}, 21614),
        ({"To": LINE}, 21266),
        ({"From": ""}, 21603),
        ({"From": "+16145559999"}, 21606),
        ({"From": "+15005550008"}, 21611),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"MediaUrl": "ftp://example.org/x"}, 21620),
        ({"StatusCallback": "/relative"}, 21609),
        ({"StatusCallback": "https://under_score.example.org/"}, 21609),
        ({"ScheduleType": "fixed"}, 35118),
        ({"ScheduleType": "fixed", "MessagingServiceSid": SERVICE}, 35111),
        ({"ScheduleType": "fixed", "MessagingServiceSid": SERVICE, "SendAt": "2026-01-01T00:00:00Z"}, 35114),
        ({"MessagingServiceSid": "MG" + "9" * 32}, 21703),
    ],
)
async def test_what_twilio_refuses_is_refused_with_its_code(rig: Rig, form: dict[str, str], code: int) -> None:
    status, body = await rig.api("POST", "/Messages.json", {"To": MAYA, "From": LINE, "Body": "Hi", **form})
    assert (status, body["code"], body["status"]) == (400, code, 400)
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert (await rig.get("/twin/ledger"))["messages"] == []


async def test_1600_characters_pass(rig: Rig) -> None:
    assert (await rig.send(Body="x" * 1600))["num_segments"] == "11"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/Messages/SM" + "1" * 32 + ".json", (404, 20404)),
        ("GET", "/Conferences.json", (404, 20404)),
        ("PUT", "/Messages.json", (405, 20004)),
    ],
)
async def test_what_is_not_there_is_refused_in_twilios_form(
    rig: Rig, method: str, path: str, expected: tuple[int, int]
) -> None:
    status, body = await rig.api(method, path)
    assert (status, body["code"]) == expected
