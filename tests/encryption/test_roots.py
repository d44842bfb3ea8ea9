import base64
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from encryption.keystore import create_center_keys
from encryption.models import Key
from encryption.roots import RootKeyProblem, check_root_keys, new_root_key_line, root_keys, writing_root_key
from tenancy.ids import uuid7
from tenancy.scope import in_platform

GOOD = base64.b64encode(bytes(range(32))).decode()


def in_settings(settings: Settings, text: str = "", path: Path | str = "") -> None:
    settings.QUIETLINE_ROOT_KEYS, settings.QUIETLINE_ROOT_KEYS_PATH = text, str(path)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "root-keys"
    path.write_text(new_root_key_line() + "\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is no root key"),
        (" , ", "empty"),
        ("0011223344556677", "not in the form id:key"),
        (f"{GOOD}", "not in the form id:key"),
        (f"zz11223344556677:{GOOD}", "cannot be read"),
        (f"0011223344556677:{GOOD[:-2]}", "cannot be read"),
        ("0011223344556677:päßword", "cannot be read"),
        (f"00112233:{GOOD}", "has 4 bytes; it needs 8"),
        (f"0011223344556677:{base64.b64encode(bytes(range(16))).decode()}", "has 16 bytes; it needs 32"),
        ("0011223344556677:", "has 0 bytes; it needs 32"),
        (f"0011223344556677:{base64.b64encode(bytes(32)).decode()}", "not random"),
        (f"0011223344556677:{GOOD},0011223344556677:{GOOD}", "same id"),
        (f"0011223344556677:{GOOD},broken", "Root key 2"),
    ],
)
def test_root_keys_that_cannot_work_are_refused_in_a_sentence(settings: Settings, text: str, sentence: str) -> None:
    in_settings(settings, text)
    with pytest.raises(RootKeyProblem, match=sentence) as problem:
        root_keys()
    assert GOOD not in str(problem.value), "the sentence shows a key"
    assert problem.value.__suppress_context__ or problem.value.__context__ is None


def test_a_new_line_is_a_root_key_and_never_the_same(settings: Settings) -> None:
    first, second = new_root_key_line(), new_root_key_line()
    assert first != second
    in_settings(settings, f"{first},{second}")
    assert [key.kid.hex() for key in root_keys().values()] == [first[:16], second[:16]]
    assert writing_root_key().kid.hex() == first[:16], "the first one writes"


def test_a_file_of_this_user_alone_is_read(settings: Settings, key_file: Path) -> None:
    in_settings(settings, path=key_file)
    assert len(root_keys()) == 1


def test_two_places_for_root_keys_are_one_too_many(settings: Settings, key_file: Path) -> None:
    in_settings(settings, new_root_key_line(), key_file)
    with pytest.raises(RootKeyProblem, match="both set"):
        root_keys()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610, 0o777])
def test_a_file_that_others_can_read_is_refused(settings: Settings, key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    in_settings(settings, path=key_file)
    with pytest.raises(RootKeyProblem, match="chmod 600"):
        root_keys()


def test_a_file_that_is_not_there_or_no_file_is_refused(settings: Settings, tmp_path: Path) -> None:
    in_settings(settings, path=tmp_path / "nowhere")
    with pytest.raises(RootKeyProblem, match="cannot be read: No such file"):
        root_keys()
    in_settings(settings, path=tmp_path)
    with pytest.raises(RootKeyProblem, match="cannot be read"):
        root_keys()
    in_settings(settings, path="/dev/null")
    with pytest.raises(RootKeyProblem, match="is not a file"):
        root_keys()


def test_a_file_of_something_else_is_refused(settings: Settings, key_file: Path) -> None:
    key_file.write_bytes(b"\xff\xfe\x00binary")
    in_settings(settings, path=key_file)
    with pytest.raises(RootKeyProblem, match="does not hold root keys"):
        root_keys()


def test_a_file_among_the_code_is_refused_unless_git_ignores_it(
    settings: Settings, key_file: Path, tmp_path: Path
) -> None:
    settings.BASE_DIR = tmp_path
    in_settings(settings, path=key_file)
    with pytest.raises(RootKeyProblem, match="among the code"):
        root_keys()

    data = tmp_path / ".quietline" / "keys"
    data.mkdir(parents=True)
    moved = key_file.rename(data / "root-keys")
    in_settings(settings, path=moved)
    with pytest.raises(RootKeyProblem, match="among the code"):
        root_keys()

    (tmp_path / ".gitignore").write_text("*.pyc\n.quietline/\n")
    assert len(root_keys()) == 1


def test_a_folder_that_ignores_itself_may_lie_among_the_code(
    settings: Settings, key_file: Path, tmp_path: Path
) -> None:
    (tmp_path / ".gitignore").write_text("*\n")
    settings.BASE_DIR = tmp_path
    in_settings(settings, path=key_file)
    assert len(root_keys()) == 1


def test_a_link_into_the_code_does_not_hide_where_the_file_lies(
    settings: Settings, key_file: Path, tmp_path: Path
) -> None:
    settings.BASE_DIR = tmp_path / "code"
    settings.BASE_DIR.mkdir()
    inside = key_file.rename(settings.BASE_DIR / "root-keys")
    link = tmp_path / "link"
    link.symlink_to(inside)
    in_settings(settings, path=link)
    with pytest.raises(RootKeyProblem, match="among the code"):
        root_keys()


@pytest.mark.django_db
def test_sound_keys_and_an_empty_keystore_may_start(settings: Settings) -> None:
    with in_platform():
        Key.objects.all().delete()
    in_settings(settings, new_root_key_line())
    check_root_keys()


@pytest.mark.django_db
def test_the_keys_that_sealed_the_keystore_may_start() -> None:
    create_center_keys(uuid7())
    check_root_keys()


@pytest.mark.django_db
def test_a_root_key_that_the_keystore_does_not_know_may_not_start(settings: Settings) -> None:
    create_center_keys(uuid7())
    needed = writing_root_key().kid.hex()
    in_settings(settings, new_root_key_line())
    with pytest.raises(RootKeyProblem, match=f"needs root key {needed}"):
        check_root_keys()


@pytest.mark.django_db
def test_the_right_id_with_the_wrong_bytes_may_not_start(settings: Settings) -> None:
    create_center_keys(uuid7())
    in_settings(settings, f"{writing_root_key().kid.hex()}:{GOOD[::-1][1:]}=")
    with pytest.raises(RootKeyProblem, match="wrong bytes"):
        check_root_keys()


@pytest.mark.django_db
def test_a_database_without_tables_does_not_stop_the_first_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.introspection, "table_names", lambda *args, **kwargs: [])
    monkeypatch.setattr(Key, "objects", None)
    check_root_keys()
