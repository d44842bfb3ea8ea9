from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.template import Context
from django.utils import timezone

from config.templatetags.quietline import hx, icon, local_time, shown


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("plain ñ 漢字", "plain ñ 漢字"),
        ("one\ntwo\r\nthree\rfour", "one\ntwo\nthree\nfour"),
        ("a\u202eb\u2066c", "abc"),
        ("a\x00b", "ab"),
        ("\ufeffx\u200by", "xy"),
        ("👩‍👧", "👩‍👧"),
        ("a\u200d\u200d\u200db", "a\u200db"),
        ("e" + "\u0301" * 40, "e" + "\u0301" * 3),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_shown_takes_out_what_would_hide_reorder_or_pile_up(given: str, seen: str) -> None:
    assert shown(given) == seen


def test_shown_leaves_escaping_to_the_template() -> None:
    assert not hasattr(shown("<b>"), "__html__"), "marked safe, words would become markup"


def test_hx_gives_the_nonce_of_this_page() -> None:
    assert hx(Context({"request": SimpleNamespace(csp_nonce='a"b')})) == 'hx-nonce="a&quot;b"'


def test_an_icon_is_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in icon("send")


@pytest.mark.parametrize(
    ("span", "words"), [({"seconds": 20}, "now"), ({"minutes": 12}, "12 min"), ({"hours": 30}, "1 d")]
)
def test_a_wait_is_said_in_its_largest_unit(span: dict[str, int], words: str) -> None:
    assert f">{words}<" in local_time(timezone.now() - timedelta(**span), "ago")


def test_a_time_carries_its_moment_for_the_browser() -> None:
    assert 'datetime="2026-11-24T14:05:00+00:00"' in local_time(datetime(2026, 11, 24, 14, 5, tzinfo=UTC))
