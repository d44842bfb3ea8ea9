"""The document of the webhooks (docs/webhooks.openapi.json) is kept by their doors, whatever is made of it."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.urls import get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.models import Line
from messaging.twilio import BadPost, CallPost, DialPost, InboundText, LegPost, RecordingPost, StatusPost
from tests.cast import ACCOUNT, LINE_NUMBER
from tests.doors import post_signed

pytestmark = pytest.mark.django_db
DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "docs" / "webhooks.openapi.json").read_text())
HOOKS = [path.rsplit("/", 1)[1] for path in DOCUMENT["paths"]]
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def of(hook: str) -> dict[str, Any]:
    operation: dict[str, Any] = DOCUMENT["paths"][f"/hooks/twilio/{{line_id}}/{hook}"]["post"]
    return operation


def fields(hook: str) -> dict[str, Any]:
    schema: dict[str, Any] = of(hook)["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    return schema


def address(line: Line, hook: str) -> str:
    """A door's address, with what its query has to say."""
    asked = [one["name"] for one in of(hook)["parameters"] if one["in"] == "query" and one.get("required")]
    return f"/hooks/twilio/{line.pk}/{hook}" + "".join(f"?{name}=CA{'1' * 32}" for name in asked)


def sound(hook: str) -> st.SearchStrategy[dict[str, str]]:
    """What the document allows, for this line."""
    printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=100)
    given_: dict[str, st.SearchStrategy[str]] = {}
    for name, rule in fields(hook)["properties"].items():
        text = st.text(max_size=300) if name == "Body" else printable
        given_[name] = st.from_regex(rule["pattern"], fullmatch=True) if "pattern" in rule else text
    given_ |= {"AccountSid": st.just(ACCOUNT), "To": st.just(LINE_NUMBER)}
    required = {name: given_.pop(name) for name in fields(hook)["required"]}
    return st.fixed_dictionaries(required, optional=given_).map(_without_line_end)


def _without_line_end(values: dict[str, str]) -> dict[str, str]:
    return {name: value if name == "Body" else value.rstrip("\n") for name, value in values.items()}


def test_the_document_names_every_webhook_that_there_is() -> None:
    routes = {f"/{route}" for part in get_resolver().url_patterns for route in _routes(part)}
    ours = {route.replace("<uuid:line_id>", "{line_id}") for route in routes if route.startswith("/hooks/")}
    assert set(DOCUMENT["paths"]) == ours


def _routes(part: Any) -> list[str]:
    within = getattr(part, "url_patterns", None)
    return [str(part.pattern)] if within is None else [f"{part.pattern}{one.pattern}" for one in within]


@pytest.mark.parametrize("hook", HOOKS)
def test_whatever_the_document_allows_is_taken(line: Line, hook: str) -> None:
    @QUICK
    @given(sound(hook))
    def check(values: dict[str, str]) -> None:
        answer = post_signed(address(line, hook), values)
        assert str(answer.status_code) in {"200", "204"} & set(of(hook)["responses"]), values

    check()


@pytest.mark.parametrize("hook", HOOKS)
def test_whatever_else_is_signed_is_answered_as_the_document_says(line: Line, hook: str) -> None:
    names = st.sampled_from([*fields(hook)["properties"], "Unknown"])
    anything = st.one_of(st.text(max_size=200), st.integers().map(str), st.floats().map(str))

    @QUICK
    @given(sound(hook), st.dictionaries(names, anything, max_size=3))
    def check(values: dict[str, str], wild: dict[str, str]) -> None:
        answer = post_signed(address(line, hook), {**values, **wild})
        assert str(answer.status_code) in set(of(hook)["responses"]) - {"503"}, wild

    check()


NAMES = [
    "MessageSid", "CallSid", "From", "Body", "NumMedia", "MessageStatus", "CallStatus", "ErrorCode", "OptOutType",
    "DialCallStatus", "DialBridged", "DialCallDuration", "Digits", "RecordingSid", "RecordingStatus",
    "RecordingDuration",
]  # fmt: skip
PARSERS = [InboundText, StatusPost, CallPost, DialPost, LegPost, RecordingPost]


@pytest.mark.parametrize("parse", [kind.from_post for kind in PARSERS])
def test_a_post_is_read_or_refused_by_the_name_of_a_parameter(parse: Any) -> None:
    @settings(QUICK, max_examples=400)
    @given(st.lists(st.tuples(st.sampled_from(NAMES), st.one_of(st.text(), st.integers().map(str)))))
    def check(pairs: list[tuple[str, str]]) -> None:
        try:
            parse(QueryDict(urlencode(pairs)))
        except BadPost as bad:
            assert str(bad) in NAMES

    check()


@pytest.mark.parametrize("hook", HOOKS)
def test_what_schemathesis_makes_of_the_document_breaks_nothing(line: Line, hook: str) -> None:
    import schemathesis

    document = schemathesis.openapi.from_dict(DOCUMENT)
    operation = document[f"/hooks/twilio/{{line_id}}/{hook}"]["POST"]
    modes = [operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode]

    @QUICK
    @given(st.one_of(modes))
    def check(case: Any) -> None:
        body = case.body if isinstance(case.body, dict) else {"Body": repr(case.body)}
        values = {str(name): str(value) for name, value in body.items()}
        answer = post_signed(address(line, hook), values)
        assert str(answer.status_code) in set(of(hook)["responses"]) - {"503"}

    check()
