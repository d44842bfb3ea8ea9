from trial.welcome import code_of


def test_the_codes_shown_are_those_of_an_authenticator() -> None:
    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B
    assert code_of(key, at=59) == "287082"
    assert code_of(key, at=1111111109) == "081804"
