"""What is shipped works where nothing else is: the wheel, an empty environment, another folder."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

import pytest

from api.demo import story
from release.archives import build_python, copy_tree

pytestmark = pytest.mark.thorough


def run(*command: str | Path, cwd: Path) -> str:
    ran = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=600)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    return build_python(copy_tree(folder / "tree"), folder, "1790000000")[0]


def test_the_demo_plays_its_story_from_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    run(environment / "bin" / "pip", "install", "--quiet", wheel, cwd=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    played = run(environment / "bin" / "waypost", "demo", "--check", "--data", tmp_path / "data", cwd=elsewhere)
    assert played.count("✓") == len(story.PARTS) + 1
    assert "✗" not in played
    assert "verify_help" in played
    assert list(elsewhere.iterdir()) == []
