"""What is shipped works where nothing else is: the wheel, an empty environment, another folder."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    ran = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=600)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    return next(folder.glob("waypost-*.whl"))


def test_the_wheel_holds_what_runs_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in ("dsl/grammar.lark", "widgets/dist/waypost.js", "widgets/tooltip/schema.json"):
        assert needed in names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {
        "dsl",
        "engine",
        "api",
        "widgets",
        "examples",
    }
    assert [name for name in names if "node_modules" in name or name.endswith(".test.ts")] == []


def test_the_demo_plays_its_story_from_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    run(environment / "bin" / "pip", "install", "--quiet", wheel, cwd=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    played = run(environment / "bin" / "waypost", "demo", "--check", "--data", tmp_path / "data", cwd=elsewhere)
    assert "verify_help" in played
    assert list(elsewhere.iterdir()) == []
