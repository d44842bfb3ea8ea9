"""Rules of ENC-09, read from the source: no own primitives, good randomness, constant-time comparison."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "messaging", "accounts", "audit", "encryption", "tenancy", "backup")  # jobs/ only spreads retries
FORBIDDEN = {"random", "Crypto", "Cryptodome", "nacl"}
SECRETS = {"commitment", "digest", "signature", "token", "secret", "mac", "tag"}


def sources(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text())


def imports(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def careless_comparisons(tree: ast.Module) -> list[int]:
    """Lines that compare something secret with == or !=."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            names = {last_name(one) for one in (node.left, *node.comparators)}
            if names & SECRETS:
                lines.append(node.lineno)
    return lines


def test_nothing_of_ours_uses_the_guessable_generator_or_another_cipher_library() -> None:
    bad = [(str(path), name) for path, tree in sources(*ROOMS) for name in imports(tree) & FORBIDDEN]
    assert bad == []


def test_this_room_makes_no_primitive_itself() -> None:
    assert [str(path) for path, tree in sources("encryption") if "hashlib" in imports(tree)] == []
    used = {
        node.attr
        for _, tree in sources("encryption")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and last_name(node.value) == "hmac"
    }
    assert used == {"compare_digest"}


def test_ciphers_are_called_in_five_files() -> None:
    users = {path.name for path, tree in sources("encryption") if "cryptography" in imports(tree)}
    assert users == {"envelope.py", "blind_index.py", "chunks.py", "drop.py", "offline.py"}


def test_secrets_are_compared_in_constant_time() -> None:
    bad = [
        (str(path), lines) for path, tree in sources("encryption", "accounts") if (lines := careless_comparisons(tree))
    ]
    assert bad == []


@pytest.mark.parametrize(
    ("line", "is_careless"),
    [
        ("if token == given: pass", True),
        ("if self.commitment != okm: pass", True),
        ("if okm == row.digest: pass", True),
        ("if hmac.compare_digest(token, given): pass", False),
        ("if name == given: pass", False),
        ("if token is None: pass", False),
    ],
)
def test_the_rule_for_comparisons_can_fail(line: str, is_careless: bool) -> None:
    assert bool(careless_comparisons(ast.parse(line))) == is_careless


def test_the_rule_for_imports_can_fail() -> None:
    assert imports(ast.parse("import random\nfrom nacl.public import Box\nfrom . import secrets")) == {
        "random",
        "nacl",
    }
