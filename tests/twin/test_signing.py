"""Signatures, with the official library as the judge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from twin.signing import body_hash, sign

TOKEN = "0123456789abcdef0123456789abcdef"
HOOK = "https://center.example.org/webhooks/twilio/sms"
PARAMS = {
    "MessageSid": "SM" + "1" * 32,
    "AccountSid": "AC" + "2" * 32,
    "From": "+16145550101",
    "To": "+15005550006",
    "Body": "Hi there & 👋",
    "NumMedia": "0",
}

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
urls = st.builds(
    "{}://{}{}/{}{}".format,
    st.sampled_from(["https", "http"]),
    st.sampled_from(["center.example.org", "127.0.0.1", "Center.Example.org"]),
    st.sampled_from(["", ":8000", ":8443"]),
    st.sampled_from(["", "hooks", "hooks/", "a%20b", "%C3%A9"]),
    st.sampled_from(["", "?x=1", "?message=SM1&x=a%20b", "?x="]),
)


@pytest.mark.parametrize(
    ("url", "more", "signature"),
    [
        (HOOK, {}, "eqYBqrtWL2y9zpB7+tcSv1hTZ1k="),
        (HOOK.replace(".org", ".org:443"), {}, "MO2evAhRe5JghLYg69oElfqUhWA="),
        (HOOK + "/", {}, "WE/Uu6QrklI6IcMmqdQxXKb+auM="),
        (HOOK.replace("https", "http"), {}, "85KJcoUGKf65CXw/QWd6WaaBYeg="),
        (HOOK + "?center=7&x=a%20b", {}, "j1D87vojrOziZNoo2z6t9MwvwAE="),
        (HOOK + "#rc=3&rp=all", {}, "eqYBqrtWL2y9zpB7+tcSv1hTZ1k="),
        (HOOK, {"Body": " Hi "}, "63mGxzg4sUI384YFAepCq+0f93s="),
        (HOOK, {"MediaUrl0": "https://api.twilio.com/x"}, "O2H2qgXqcQJsHMyXmeyD2ixb6+A="),
    ],
)
def test_published_signatures_come_out_the_same(url: str, more: dict[str, str], signature: str) -> None:
    assert sign(url, {**PARAMS, **more}.items(), TOKEN) == signature


def test_a_body_that_is_no_form_is_hashed_into_the_url() -> None:
    url = "https://center.example.org/hook?bodySHA256=" + body_hash(b'{"a":1}')
    assert sign(url, [], TOKEN) == "zKaRMBYBzovZYGWQ2Y3gYY9Z/5o="


@given(urls, st.dictionaries(words, words, max_size=8), words.filter(str.strip))
def test_the_library_accepts_every_signature(url: str, params: dict[str, str], token: str) -> None:
    assert RequestValidator(token).validate(url, params, sign(url, params.items(), token))


@given(urls, st.dictionaries(words, st.lists(words, min_size=1, max_size=4), max_size=5))
def test_the_library_accepts_repeated_names(url: str, params: dict[str, list[str]]) -> None:
    class Repeating(dict[str, list[str]]):
        def getall(self, name: str) -> list[str]:
            return self[name]

    pairs = [(name, value) for name, values in params.items() for value in values]
    assert RequestValidator(TOKEN).validate(url, Repeating(params), sign(url, pairs, TOKEN))


@given(urls, st.dictionaries(words, words, min_size=1, max_size=4))
def test_the_library_refuses_another_token(url: str, params: dict[str, str]) -> None:
    assert not RequestValidator(TOKEN + "x").validate(url, params, sign(url, params.items(), TOKEN))
