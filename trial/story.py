"""The first conversations of the demo: texts come in through the twin, and its people answer some of them."""

import http.client
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from accounts.models import Membership
from audit.context import Actor, acting
from encryption.blind_index import email_index
from messaging.actions.client_card import name_client, set_tag
from messaging.actions.clients import find_conversation
from messaging.actions.closing import close
from messaging.actions.notes import write_note
from messaging.actions.replies import write_reply
from messaging.actions.tags import add_tag
from messaging.models import Conversation, Outcome
from messaging.twilio import door_of
from tenancy.scope import in_center
from trial import probes
from trial.folder import State

PATIENCE = 60  # seconds until web and twin answer

TEXTS = (
    ("+16145550106", "Do you have a map? I could not find the door last time."),
    ("+16145550103", "Hi. A friend gave me this number. Is it ok to text here?"),
    ("+16145550102", "Hola, ¿puedo hablar con alguien esta semana? Salgo del trabajo a las tres"),
    ("+16145550101", "is anybody there"),
    ("+16145550101", "i dont want to talk on the phone, my mom is home"),
)
Act = Callable[[Conversation, Membership], Any]


def tell_story(demo: dict[str, Any], state: State, web_port: int) -> None:
    """Fill the inbox as a first day would. Waits for the web server and the twin."""
    _wait_for(web_port, "/health/ready")
    _wait_for(state.twin_port, "/twin/health")
    for sender, body in TEXTS:
        _text(state.twin_port, {"from": sender, "to": demo["number"], "body": body})
    _act(demo, "+16145550106", lambda row, by: name_client(row, name="Jo", by=by))
    _act(demo, "+16145550106", _reply("Of course: the green door beside the bakery. Ring twice, one of us comes down."))
    _act(demo, "+16145550106", lambda row, by: close(row, outcome=Outcome.ANSWERED, by=by))
    _act(demo, "+16145550103", _reply("Yes, you are in the right place. I am Naomi. What is going on today?"))
    _act(demo, "+16145550103", lambda row, by: set_tag(row, add_tag(row.center, "Shared phone"), on=True, by=by))
    _act(demo, "+16145550103", _note("Writes from a shared phone. Evenings after six are safe for her."))


def _reply(body: str) -> Act:
    return lambda row, by: write_reply(row, by=by, body=body, last_sequence=row.sequence, client_key=uuid4())


def _note(body: str) -> Act:
    return lambda row, by: write_note(row, by=by, body=body, client_key=uuid4())


def _act(demo: dict[str, Any], number: str, act: Act) -> None:
    """What Naomi does in the conversation with this number."""
    with in_center(UUID(demo["center"])):
        naomi = Membership.objects.current().get(staff__email_index=email_index("naomi@quietline.test"))
        door = door_of(UUID(demo["line"]))
        row = find_conversation(door, number) if door else None
        if row is None:
            raise LookupError("a text of the story did not come in; see web.log and twin.log")
        with acting(Actor.staff(naomi.staff_id)):
            act(row, naomi)


def _wait_for(port: int, path: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not probes.http_answers(port, path):
        if time.monotonic() > deadline:
            raise TimeoutError(path)
        time.sleep(0.1)


def _text(port: int, text: dict[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", "/twin/send", json.dumps(text), {"Content-Type": "application/json"})
        connection.getresponse().read()
    finally:
        connection.close()
