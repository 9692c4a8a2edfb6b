"""The files for running it elsewhere: read by the tools that judge them, and naming only settings that there are."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.app import build_app
from api.config import declarations

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
SETTINGS = {declared.variable for _, declared in declarations()}


def judged(*command: object) -> str:
    """What a tool says; fails where it finds anything."""
    ran = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_the_dockerfile_is_clean() -> None:
    assert judged(PROGRAMS / "hadolint", ROOT / "Dockerfile") == ""


def test_the_container_runs_as_nobody_in_particular_and_tells_of_its_health() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", text, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", text, re.MULTILINE)
    (path,) = re.findall(r"127\.0\.0\.1:8000(/\w+)", text)
    assert path in {str(rule) for rule in build_app().url_map.iter_rules()}


def test_the_container_gets_every_file_that_the_wheel_is_made_of() -> None:
    copied = set(re.findall(r"^COPY ((?:[\w.]+ )+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    names = {name for line in copied for name in line.split()}
    assert {"pyproject.toml", "README.md", "LICENSE", "dsl", "engine", "api", "widgets", "examples"} <= names
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert names == allowed


def test_the_compose_file_is_one() -> None:
    judged(PROGRAMS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "deploy" / "compose.yaml")


def test_every_variable_is_a_setting() -> None:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
    named = set(re.findall(r"\b(WAYPOST_\w+|DATABASE_URL)\b", (ROOT / "Dockerfile").read_text()))
    named |= set(re.findall(r"\b(WAYPOST_\w+)=", (ROOT / "deploy" / "waypost.service").read_text()))
    for service in ("waypost", "worker"):
        named |= compose["services"][service]["environment"].keys()
    assert named - SETTINGS == set()


def test_a_server_beside_a_worker_leaves_the_work_to_it() -> None:
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    assert services["waypost"]["environment"]["WAYPOST_WORKER"] == "off"
    assert services["worker"]["command"] == ["waypost", "worker"]


@pytest.mark.systemd
def test_the_systemd_unit_is_one_and_shuts_itself_in(tmp_path: Path) -> None:
    unit = tmp_path / "waypost.service"
    text = (ROOT / "deploy" / "waypost.service").read_text()
    unit.write_text(text.replace("/opt/waypost/bin/waypost", str(PROGRAMS / "waypost")))
    judged("systemd-analyze", "verify", unit)
    exposure = judged("systemd-analyze", "security", "--offline=true", unit)
    (level,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", exposure)
    assert float(level) < 3
