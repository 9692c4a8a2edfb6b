"""The house rules that a machine can check: layers, types, style, and the size of things."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ("dsl", "engine", "api", "widgets", "examples", "release")
BIN = Path(sys.executable).parent


def modules() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "*.ts", "*.tsx", "*.js"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    # The rest was built, or generated from its one source, or is not ours; tests of its own compare it with that.
    written = (Path(name) for name in listed if not {"dist", "generated", "vendor"} & set(Path(name).parts))
    return [path for path in written if (ROOT / path).exists()]


@pytest.mark.parametrize(
    "command",
    [
        ("lint-imports", "--no-cache"),
        ("mypy", "--no-error-summary"),
        ("ruff", "check", "--quiet", "."),
        ("ruff", "format", "--quiet", "--check", "."),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_the_tree_is_clean(command: tuple[str, ...]) -> None:
    ran = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_no_module_is_longer_than_500_lines() -> None:
    long = {str(path): n for path in modules() if (n := len((ROOT / path).read_text().splitlines())) > 500}
    assert long == {}


def test_no_function_is_longer_than_60_lines() -> None:
    long = {
        f"{path}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for path in modules()
        if path.suffix == ".py" and path.parts[0] in CODE
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 60
    }
    assert long == {}


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "misc", "common", "manager"}
    assert [str(path) for path in modules() if path.stem in vague] == []


def test_no_module_hides_one_of_the_standard_library() -> None:
    first = {path.parts[0] for path in modules() if path.parts[0] in CODE}
    assert first & sys.stdlib_module_names == set()
