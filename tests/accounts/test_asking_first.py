"""What cannot be taken back is asked about first: its form stands in a dialog, behind a button that only opens it."""

import re

import pytest

from accounts.models import Membership
from messaging.models import Line, Template, TemplateUse
from tenancy.scope import in_center
from tests.doors import signed_in

pytestmark = pytest.mark.django_db
DIALOG = re.compile(r"<dialog.*?</dialog>", re.DOTALL)


def stands_in_a_dialog(page: str, address: str) -> bool:
    outside, inside = DIALOG.sub("", page), " ".join(DIALOG.findall(page))
    return f'action="{address}"' in inside and f'action="{address}"' not in outside


def test_ending_somebodys_work_and_new_recovery_codes_are_asked_about_first(
    adina: Membership, naomi: Membership
) -> None:
    desk = signed_in(adina)
    assert stands_in_a_dialog(desk.get(f"/staff/{naomi.pk}/").content.decode(), f"/staff/{naomi.pk}/end/")
    assert stands_in_a_dialog(desk.get("/settings/").content.decode(), "/settings/recovery-codes/")


@pytest.mark.parametrize(
    ("use", "what_follows"),
    [
        (TemplateUse.REPLY, "Staff can no longer pick them"),
        (TemplateUse.MISSED_CALL, "are sent instead, or nothing"),
        (TemplateUse.VOICEMAIL, "callers hear the words that Quietline brings"),
    ],
)
def test_removing_ready_words_is_asked_about_first(line: Line, adina: Membership, use: str, what_follows: str) -> None:
    with in_center(line.center_id):
        template = Template.objects.filter(use=use).first()
    assert template is not None
    page = signed_in(adina).get(f"/settings/templates/{template.pk}/").content.decode()
    assert stands_in_a_dialog(page, f"/settings/templates/{template.pk}/remove/")
    assert what_follows in page
