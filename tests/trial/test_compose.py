"""docker-compose.yml cannot run here; what can be checked without an engine is checked."""

import os
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from trial.options import ROOT

VALUES = {"PUBLIC_HOST": "line.example.org", "QUIETLINE_ROOT_KEYS": "a" * 16 + ":" + "b" * 43 + "="}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


def can_compose() -> bool:
    docker = shutil.which("docker")
    return bool(docker) and subprocess.run([docker, "compose", "version"], capture_output=True).returncode == 0


@pytest.mark.skipif(not can_compose(), reason="docker compose is not installed")
def test_docker_compose_accepts_the_file_and_wants_the_host_name() -> None:
    command = ["docker", "compose", "--env-file", os.devnull, "config", "--quiet"]
    good = subprocess.run(command, cwd=ROOT, env={**os.environ, **VALUES}, capture_output=True, text=True)
    assert good.returncode == 0, good.stderr
    without = {name: value for name, value in os.environ.items() if name not in VALUES}
    assert subprocess.run(command, cwd=ROOT, env=without, capture_output=True).returncode != 0


def test_nothing_runs_with_more_rights_than_it_needs(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_only_caddy_can_be_reached_from_outside(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["caddy"]


def test_only_migrations_and_backups_know_the_owner_of_the_tables(compose: dict[str, Any]) -> None:
    knowing = {name for name, service in compose["services"].items() if "for_owner" in str(service.get("volumes"))}
    assert knowing == {"backup", "generate", "migrate", "postgres"}


def test_increments_are_made_by_a_service_that_may_only_read(compose: dict[str, Any]) -> None:
    service = compose["services"]["increments"]
    assert "backup --increment" in str(service["command"])
    assert "for_backup:/run/backup:ro" in service["volumes"]
    assert "DATABASE_OWNER_URL_FILE" not in service["environment"]
    assert "profiles" not in service, "it runs without being asked"


def test_postgresql_tells_what_changed_and_keeps_no_more_of_its_log_than_the_disk_can_bear(
    compose: dict[str, Any],
) -> None:
    assert {"wal_level=logical", "max_slot_wal_keep_size=4GB"} < set(compose["services"]["postgres"]["command"])


def test_the_variables_a_person_must_give_are_the_two_of_the_example() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    wanted = set(re.findall(r"\$\{([A-Z_]+)", text)) | set(re.findall(r"environment: ([A-Z_]+)$", text, re.M))
    told = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert wanted == told == set(VALUES)


def test_the_image_holds_every_room_of_the_product_and_neither_trial_nor_twin(compose: dict[str, Any]) -> None:
    copied = set(re.findall(r"^COPY (\w+) \./", (ROOT / "Dockerfile").read_text(), re.M))
    rooms = {path.parent.name for path in ROOT.glob("*/apps.py")} - {"trial"}
    assert rooms | {"templates", "static", "locale"} == copied
