from collections.abc import Iterator

from django.core.management.base import BaseCommand

from accounts.roles import ALLOWED, Permission, Role


class Command(BaseCommand):
    help = "Print what each role may do, as the table in docs/trust-model.md."

    def handle(self, **options: object) -> None:
        self.stdout.write("\n".join(_table()))


def _table() -> Iterator[str]:
    yield _row("", *(str(role.label) for role in Role))
    yield "|" + "---|" * (len(Role) + 1)
    for one in Permission:
        yield _row(str(one.label), *("yes" if one in ALLOWED[role] else "no" for role in Role))


def _row(first: str, *cells: str) -> str:
    return f"| {' | '.join((first, *cells))} |".replace("|  |", "| |")
