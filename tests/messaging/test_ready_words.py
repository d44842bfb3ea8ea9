"""Ready words as an admin writes them: what would tell somebody else what the center is does not leave by itself."""

from typing import Any

import pytest

from accounts.models import Membership
from messaging.actions.words.ready import AUTO, REPLIES, TEXT_BACK
from messaging.actions.words.spoken import SPOKEN
from messaging.actions.words.telling import telling_words
from messaging.models import Line, Template, TemplateUse
from tenancy.scope import in_center
from tests.doors import signed_in

pytestmark = pytest.mark.django_db
BY_ITSELF = [use for use in TemplateUse if use != TemplateUse.REPLY]


def write(member: Membership, body: str, use: str = TemplateUse.MISSED_CALL, **more: str) -> Any:
    posted = {"use": use, "language": "en", "name": "Words", "body": body, **more}
    return signed_in(member).post("/settings/templates/new/", posted)


def kept(line: Line) -> list[str]:
    with in_center(line.center_id):
        return [template.body for template in Template.objects.filter(retired_at=None)]


@pytest.mark.parametrize("use", BY_ITSELF)
def test_what_leaves_by_itself_may_not_tell_what_the_center_is(line: Line, adina: Membership, use: str) -> None:
    body = "Sorry we missed you. Your ULTRASOUND is at ten."
    answer = write(adina, body, use, is_confirmed="on")
    assert answer.status_code == 422
    assert "It would tell what the center is: ultrasound." in answer.content.decode()
    assert "staff pick these words only" not in answer.content.decode().casefold()
    assert body not in kept(line)


@pytest.mark.parametrize(
    "telling",
    [
        "are you pregnant?", "about your pregnancy", "está embarazada", "el EMBARAZO", "an abortion", "su aborto",
        "the baby", "su bebé", "un ultrasonido", "una ecografía", "our clinic", "la clínica", "women\u2019s health",
        "your test results", "los resultados de ayer", "medical staff", "adopción", "Harbor  house here",
        "see https://bit.ly/x", "see harborhouse.org", "www.example", "prenatal", "birth control", "Plan B",
    ],
)  # fmt: skip
def test_each_of_these_tells(telling: str) -> None:
    assert telling_words(f"Hi, {telling}", center_name="Harbor House", quiet_name="Harbor")


@pytest.mark.parametrize(
    "quiet",
    [
        "Harbor here, sorry we missed you", "We plan by the day and hope to help", "¿Cuándo le podemos llamar?",
        "We are at the harbor. House rules apply.", "Would you rather text or talk?", "Is 10.30 ok?",
    ],
)  # fmt: skip
def test_none_of_these_tells(quiet: str) -> None:
    assert not telling_words(quiet, center_name="Harbor House", quiet_name="Harbor")


def test_a_name_that_is_the_quiet_one_may_be_said() -> None:
    assert not telling_words("Harbor House here", center_name="Harbor House", quiet_name="harbor house")


def test_no_words_that_a_center_begins_with_tell() -> None:
    bodies = [body for _, body in (AUTO | TEXT_BACK | SPOKEN).values()]
    bodies += [body for replies in REPLIES.values() for _, body in replies]
    assert not [body for body in bodies if telling_words(body, center_name="Harbor House", quiet_name="Harbor")]


def test_words_for_staff_to_pick_are_kept_once_somebody_has_confirmed_them(line: Line, adina: Membership) -> None:
    body = "An ultrasound takes ten minutes."
    asked = write(adina, body, TemplateUse.REPLY)
    assert asked.status_code == 422
    assert "or confirm below" in asked.content.decode()
    assert 'name="is_confirmed"' in asked.content.decode()
    assert body not in kept(line)
    assert write(adina, body, TemplateUse.REPLY, is_confirmed="on").status_code == 302
    assert body in kept(line)


def test_words_that_tell_and_were_there_before_are_marked_in_the_list(line: Line, adina: Membership) -> None:
    words = "Tells what the center is"
    with in_center(line.center_id):
        for use in (TemplateUse.REPLY, TemplateUse.VOICEMAIL):
            template = Template.objects.filter(use=use).first()
            assert template is not None
            assert words not in signed_in(adina).get("/settings/templates/").content.decode()
            template.body = "Harbor House, the clinic."
            template.save()
    assert signed_in(adina).get("/settings/templates/").content.decode().count(words) == 1


def test_quiet_words_are_kept_without_a_question(line: Line, adina: Membership) -> None:
    assert 'name="is_confirmed"' not in signed_in(adina).get("/settings/templates/new/").content.decode()
    assert write(adina, "Sorry we missed you.").status_code == 302
    assert "Sorry we missed you." in kept(line)
