"""What the twin is told: accounts and their numbers, people and their phones, how texts travel."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

from twin.errors import ConfigProblem
from twin.formats import E164
from twin.people import INVENTED, Person
from twin.plans import Delivery, is_plan
from twin.sids import sid_of

Row = TypeVar("Row")


@dataclass(slots=True)
class Number:
    """One phone number of an account, and the addresses that Twilio calls for it."""

    number: str
    name: str = ""
    message_url: str = ""
    message_fallback_url: str = ""
    status_url: str = ""  # for texts sent without a StatusCallback of their own
    voice_url: str = ""
    voice_fallback_url: str = ""
    call_status_url: str = ""
    messaging_service_sid: str | None = None
    opt_out: str = "default"  # default, advanced (a Messaging Service's), off
    plan: str = ""
    account: str = ""

    @property
    def sid(self) -> str:
        return sid_of("PN", self.account, self.number)

    @property
    def pool(self) -> str:
        """The sender that a STOP blocks: the whole Messaging Service, or this number alone."""
        return self.messaging_service_sid or self.number


@dataclass(slots=True)
class Account:
    """A Twilio account with its secrets. The auth token signs webhooks; API keys only sign in."""

    sid: str
    auth_token: str
    name: str = "Twin"
    numbers: list[Number] = field(default_factory=list)
    api_keys: list[dict[str, str]] = field(default_factory=list)

    def admits(self, user: str, secret: str) -> bool:
        """Whether this user name and password open the account."""
        keys = {self.sid: self.auth_token, **{key["sid"]: key["secret"] for key in self.api_keys}}
        return keys.get(user) == secret

    def number(self, number: str) -> Number | None:
        return next((own for own in self.numbers if own.number == number), None)

    def pool(self, service: str) -> list[Number]:
        return [own for own in self.numbers if own.messaging_service_sid == service]


@dataclass(slots=True)
class Config:
    """Everything the configuration says."""

    accounts: list[Account] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    delivery: Delivery = field(default_factory=Delivery)
    deliver_to: str = ""  # origin to connect to instead of the one in a webhook's URL
    media_origin: str = ""  # origin of short-lived media addresses; empty: this server by another name

    def account(self, sid: str) -> Account | None:
        return next((account for account in self.accounts if account.sid == sid), None)

    def numbers(self) -> list[Number]:
        return [number for account in self.accounts for number in account.numbers]

    def line(self, number: str) -> tuple[Account, Number] | None:
        """Return the account and the number of ours behind a phone number."""
        for account in self.accounts:
            if own := account.number(number):
                return account, own
        return None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def take(kind: type[Row], data: Any, where: str) -> Row:
    """Return a row made of a JSON object, refusing keys that mean nothing here."""
    if not isinstance(data, dict):
        raise ConfigProblem(f"{where} must be an object.")
    known = {item.name for item in fields(kind)}  # type: ignore[arg-type]  # only dataclasses are taken
    if strange := sorted(set(data) - known):
        raise ConfigProblem(f"{where} has an unknown key: {strange[0]}.")
    try:
        return kind(**{key: value for key, value in data.items() if value is not None})
    except TypeError:
        raise ConfigProblem(f"{where} lacks a key it needs.") from None


def read_config(data: Any) -> Config:
    """Return the configuration that a JSON object describes, or say what is wrong with it."""
    if not isinstance(data, dict):
        raise ConfigProblem("The configuration must be a JSON object.")
    rest = {key: value for key, value in data.items() if key not in {"accounts", "people", "delivery"}}
    config = take(Config, rest, "The configuration")
    config.accounts = [_account(item) for item in _items(data, "accounts")]
    people = [take(Person, item, "A person") for item in _items(data, "people")]
    config.people = people or [Person(**asdict(person)) for person in INVENTED]
    config.delivery = take(Delivery, data.get("delivery") or {}, "The delivery")
    _check_plans(config)
    _check_numbers([number.number for number in config.numbers()] + [p.number for p in config.people])
    return config


def _items(data: dict[str, Any], key: str) -> list[Any]:
    items = data.get(key) or []
    if not isinstance(items, list):
        raise ConfigProblem(f"{key} must be a list.")
    return items


def _account(data: Any) -> Account:
    account = take(Account, data, "An account")
    account.numbers = [take(Number, item, "A number") for item in _items(data, "numbers")]
    for number in account.numbers:
        number.account = account.sid
        number.name = number.name or "The center"
    return account


def _check_plans(config: Config) -> None:
    plans = [config.delivery.default, *(n.plan for n in config.numbers()), *(p.plan for p in config.people)]
    for plan in plans:
        if plan and not is_plan(plan):
            raise ConfigProblem(f"There is no delivery plan called {plan}.")


def _check_numbers(numbers: Iterable[str]) -> None:
    if not all(E164.fullmatch(number) for number in numbers):
        raise ConfigProblem("Every phone number must be written like +16145550101.")
