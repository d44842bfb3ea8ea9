"""Places to die inside the product: each is there, is passed by the right process, and only in a simulation."""

import ast
import importlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulate import points
from simulate.points import FIRED, FOLDER, POINTS, arm, disarm, fired
from trial.options import ROOT

PRODUCT = ("config", "backup", "messaging", "accounts", "audit", "encryption", "jobs", "tenancy")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / FIRED).mkdir()
    return tmp_path


def in_a_process(program: str, folder: Path, *places: str, **more: str) -> "subprocess.CompletedProcess[str]":
    path = os.pathsep.join([*places, str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, FOLDER: str(folder), **more}
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, cwd="/")


SITE = str(ROOT / "simulate" / "site")
# A module of our own that needs no Django, in the place of one of the product's.
STAND_IN = "import os\ndef put(x): return x\n"
PASSING = "import stand_in\nfor n in range(5): print(stand_in.put(n), flush=True)\n"


@pytest.fixture
def stand_in(folder: Path) -> str:
    (folder / "stand_in.py").write_text(STAND_IN)
    (folder / "sitecustomize.py").write_text(
        "from simulate import points\n"
        "points.POINTS = {'here': points.Point('stand_in', 'put', 'before', 'web')}\n"
        "points.watch()\n"
    )
    return str(folder)


def test_every_point_names_a_function_of_the_product() -> None:
    for name, point in POINTS.items():
        holder = importlib.import_module(point.module)
        for part in point.function.split("."):
            holder = getattr(holder, part)
        assert callable(holder), name
        assert point.moment in ("before", "within", "after", "later")


def test_there_are_thirty_points_and_each_kind_of_process_has_some() -> None:
    assert len(POINTS) >= 30
    assert {point.process for point in POINTS.values()} == {"web", "worker", "beat"}


def test_whoever_passes_an_armed_point_for_the_nth_time_dies_there(folder: Path, stand_in: str) -> None:
    arm(folder, "here", 3)
    done = in_a_process(PASSING, folder, stand_in)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.split() == ["0", "1"]
    assert fired(folder) == {"here": 1}


def test_a_point_that_is_not_armed_costs_nobody_anything(folder: Path, stand_in: str) -> None:
    done = in_a_process(PASSING, folder, stand_in)
    assert (done.returncode, done.stdout.split()) == (0, ["0", "1", "2", "3", "4"])


def test_outside_of_a_trial_nothing_is_wrapped(folder: Path, stand_in: str) -> None:
    arm(folder, "here", 1)
    assert in_a_process(PASSING, folder, stand_in, QUIETLINE_TRIAL="").returncode == 0


def test_a_process_that_is_not_started_by_a_simulation_knows_no_points() -> None:
    program = "import sys; print('simulate.points' in sys.modules)"
    assert in_a_process(program, Path("/nowhere")).stdout.strip() == "False"
    assert in_a_process(program, Path("/nowhere"), SITE).stdout.strip() == "True"


def test_points_are_taken_back(folder: Path) -> None:
    arm(folder, "send_claimed", 2)
    assert disarm(folder) == 1
    assert disarm(folder) == 0
    assert points.fired(folder) == {}


def test_the_product_has_no_word_of_it() -> None:
    for room in PRODUCT:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    assert not any(name.name.startswith("simulate") for name in node.names), file
                if isinstance(node, ast.ImportFrom):
                    assert not (node.module or "").startswith("simulate"), file
