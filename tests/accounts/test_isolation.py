"""Another center's ids are no ids at all; a colleague's conversation is none of a specialist's business."""

import re
from uuid import uuid4

import pytest

from accounts.models import Center, Membership
from messaging.actions.lines import add_line
from messaging.models import Conversation, FollowUp, Line, Message, Template
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import ACCOUNT, LINE_NUMBER, TOKEN, sid, signed_in, text_in

pytestmark = pytest.mark.django_db

GETS = ["conversations/{conversation}/", "conversations/{conversation}/entries/", "conversations/{conversation}/older/",
        "conversations/{conversation}/colleagues/", "conversations/{conversation}/templates/"]  # fmt: skip
POSTS = ["conversations/{conversation}/replies/", "conversations/{conversation}/notes/",
         "conversations/{conversation}/draft/", "conversations/{conversation}/take/",
         "conversations/{conversation}/release/", "conversations/{conversation}/assign/",
         "conversations/{conversation}/close/", "conversations/{conversation}/reopen/",
         "conversations/{conversation}/name/", "conversations/{conversation}/follow-ups/",
         "messages/{message}/undo/", "messages/{message}/decision/", "follow-ups/{follow_up}/settle/",
         "settings/templates/{template}/", "settings/templates/{template}/remove/",
         "staff/{membership}/role/", "staff/{membership}/end/"]  # fmt: skip


@pytest.fixture
def foreign(other_center: Center, mara: Membership) -> dict[str, object]:
    """One row of each kind in another center."""
    line = add_line(other_center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN)
    text_in(line, "not for you", MessageSid=sid(9))
    with in_center(other_center.pk):
        conversation = Conversation.objects.get()
        return {
            "conversation": conversation.pk,
            "message": Message.objects.get().pk,
            "follow_up": FollowUp.objects.get().pk,
            "template": Template.objects.all()[0].pk,
            "membership": mara.pk,
        }


def _body(response: object) -> bytes:
    return re.sub(rb'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"', b"", response.content)  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", [*GETS, *POSTS])
def test_a_foreign_id_is_the_same_as_no_id(adina: Membership, foreign: dict[str, object], path: str) -> None:
    client = signed_in(adina)
    ask = client.get if path in GETS else client.post
    theirs = ask("/" + path.format(**foreign))
    nobodys = ask("/" + path.format(**{name: uuid4() for name in foreign}))
    assert theirs.status_code == nobodys.status_code == 404
    assert _body(theirs) == _body(nobodys)


def test_a_list_shows_nothing_of_another_center(ruth: Membership, foreign: dict[str, object]) -> None:
    page = signed_in(ruth).get("/?view=open").content.decode()
    assert "not for you" not in page
    assert str(foreign["conversation"]) not in page


def test_a_specialist_sees_what_is_hers_and_what_nobody_holds(line: Line, naomi: Membership, ruth: Membership) -> None:
    text_in(line, "held by ruth")
    with in_center(line.center_id):
        conversation = Conversation.objects.get()
    address = f"/conversations/{conversation.pk}/"
    specialist = signed_in(naomi)
    assert specialist.get(address).status_code == 200
    signed_in(ruth).post(address + "take/")
    assert specialist.get(address).status_code == 404
    assert specialist.post(address + "replies/", {"body": "x", "last_sequence": 1, "key": uuid7()}).status_code == 404
    assert "held by ruth" not in specialist.get("/?view=open").content.decode()
    assert "held by ruth" not in specialist.get("/follow-ups/").content.decode()
