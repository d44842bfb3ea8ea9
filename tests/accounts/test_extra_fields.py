"""What a form does not ask for, it does not take (AUTHZ-10).

Every address is sent its form twice: as it is, and with a field for every column of the product besides, filled with
ids of another center, higher roles and other states. Both have to change the same rows in the same way, and the access
log has to say how many fields were of no use.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test import Client as Browser

from accounts.forms import PersonForm
from accounts.models import Center, Membership, Role, Staff
from accounts.views import settings as settings_page
from audit.guard import audited
from tests.accounts.tables import all_rows, changes
from tests.accounts.worlds import FOREIGN, GUARDED, OWN, World, Worlds, address_of, body_of, undone
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

ROOMS = ("accounts", "messaging", "audit", "encryption", "jobs", "backup")
# Fields of a form that a plain post leaves out, or that say where it goes: they may change what happens.
ITS_OWN = {
    "settings-template": {"is_confirmed"},
    "settings-template-new": {"is_confirmed"},
    "settings-session-end": {"name"},
    "staff-session-end": {"name"},
    "passkey-new": {"name"},
    "reply": {"pictures"},
    "draft": {"key", "note_key", "version", "has_chosen", "note"},
    "confirm": {"code"},
    "client-name": {"name"},
    "print-ask": {"reason"},
    "who": {"known_by"},
}
ALONE = frozenset({"django_session"})  # when somebody was last here
MOST = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


def _columns() -> "dict[str, models.Field[Any, Any]]":
    ours = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
    fields = [field for model in ours for field in model._meta.concrete_fields]
    return {name: field for field in fields for name in (field.name, field.attname)}


def _value(field: "models.Field[Any, Any]", ids: dict[str, Any]) -> Any:
    """Something valid for the column that no form of hers could have meant."""
    if field.name == "role":
        return Role.ADMIN
    if field.choices:
        return list(field.choices)[-1][0]
    if isinstance(field, (models.ForeignKey, models.UUIDField)):
        related = field.related_model._meta.model_name if isinstance(field, models.ForeignKey) else ""
        return ids.get(str(related), ids["conversation"])
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, (models.DateTimeField, models.DateField)):
        return "2001-02-03T04:05"
    return "7" if isinstance(field, (models.IntegerField, models.PositiveIntegerField)) else "planted"


def _extra(foreign: World, elsewhere: Center) -> dict[str, Any]:
    ids = {**foreign, "center": elsewhere.pk, "staff": foreign["person"]}
    values = {name: _value(field, ids) for name, field in _columns().items()}
    return {
        **values,
        "pk": foreign["conversation"],
        "is_admin": "on",
        "is_superuser": "on",
        "next": "https://evil.example",
    }


def _outcome(browser: Browser, address: str, body: dict[str, Any], before: Any) -> Any:
    with undone():
        answer = browser.post(address, body)
        return answer.status_code, answer.headers.get("Location"), changes(before, all_rows(but=ALONE))


def _ignored(browser: Browser, address: str, body: dict[str, Any], log: pytest.LogCaptureFixture) -> int:
    """How many fields the access log says were of no use."""
    log.clear()
    with undone():
        browser.post(address, body)
    assert "planted" not in log.text
    assert "marker of hers" not in log.text
    lines: list[Any] = [record.msg for record in log.records if record.name == "access"]
    return int(lines[-1]["ignored"])


def _portions(fields: dict[str, Any], most: int) -> Iterator[dict[str, Any]]:
    """As many as one form may carry at a time."""
    rest = iter(fields.items())
    while some := dict(islice(rest, most)):
        yield some


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SPECIALIST])
def test_a_field_that_no_form_asks_for_changes_nothing(
    worlds: Worlds, staff: dict[str, Membership], other_center: Center, role: Role, record_property: Any
) -> None:
    mine, browser = worlds(role), signed_in(staff[role])
    extra, before, wrong, changed = _extra(mine[FOREIGN], other_center), all_rows(but=ALONE), [], 0
    for pattern in GUARDED:
        name, address = str(pattern.name), address_of(pattern, mine[OWN])
        body = body_of(name, mine[OWN])
        more = {field: value for field, value in extra.items() if field not in {*body, *ITS_OWN.get(name, ())}}
        plain = _outcome(browser, address, body, before)
        changed += bool(plain[2])
        for some in _portions(more, MOST - len(body)):
            crafted = _outcome(browser, address, {**body, **some}, before)
            if plain != crafted:
                wrong.append((name, plain[:2], crafted[:2], plain[2] - crafted[2], crafted[2] - plain[2]))
    record_property("cases", len(GUARDED))
    assert wrong == [], "\n".join(map(str, wrong))
    assert changed > 12, "forms have to change something, or this proves nothing"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SPECIALIST])
def test_the_log_counts_what_no_form_asked_for_and_says_none_of_its_names(
    worlds: Worlds, staff: dict[str, Membership], role: Role, caplog: pytest.LogCaptureFixture
) -> None:
    mine, browser, counted, wrong = worlds(role), signed_in(staff[role]), 0, []
    for pattern in GUARDED:
        name, address = str(pattern.name), address_of(pattern, mine[OWN])
        body = body_of(name, mine[OWN])
        plain = _ignored(browser, address, body, caplog)
        crafted = _ignored(browser, address, {**body, "is_superuser": "on", "marker of hers": "planted"}, caplog)
        counted += crafted > 0
        if crafted not in (0, plain + 2):
            wrong.append((name, plain, crafted))
    assert wrong == []
    assert counted > 20


class _Greedy(PersonForm):
    is_active = forms.BooleanField(required=False)


def test_the_comparison_would_notice_a_form_that_takes_more(
    worlds: Worlds, staff: dict[str, Membership], other_center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(person: Staff, *, is_active: bool, **fields: Any) -> None:
        person.is_active = not is_active
        with audited():
            person.save(update_fields=["is_active"])

    monkeypatch.setattr(settings_page, "PersonForm", _Greedy)
    monkeypatch.setattr(settings_page.people, "change_person", greedy)
    mine, browser, before = worlds(Role.SPECIALIST), signed_in(staff["specialist"]), all_rows(but=ALONE)
    plain, extra = body_of("settings", mine[OWN]), _extra(mine[FOREIGN], other_center)
    asked = [_outcome(browser, "/settings/", body, before) for body in (plain, plain, {**extra, **plain})]
    assert asked[0] == asked[1] != asked[2]
