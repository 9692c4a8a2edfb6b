"""The rules in `examples/` are in canonical form and without any finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl import project
from dsl.diagnostics import render
from dsl.formatter import format_program
from dsl.parser import parse
from dsl.values import Instant, read_instant

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(EXAMPLES.rglob("*.way"))
NOW = read_instant("2026-11-22T12:00:00Z") or Instant(0)


def test_there_are_rules_for_the_demo_and_for_the_shop() -> None:
    assert {path.relative_to(EXAMPLES).as_posix() for path in FILES} >= {
        "demo/rules/onboarding.way",
        "ecom/rules.way",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(EXAMPLES).as_posix())
def test_rules_are_as_the_formatter_writes_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert format_program(parse(text, file=path.name).program) == text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(EXAMPLES).as_posix())
def test_rules_have_neither_errors_nor_warnings(path: Path) -> None:
    # The rule of the demo's story is published beside those of the demo.
    beside = sorted((path.parent / "rules").glob("*.way"))
    sources = {each.name: each.read_text(encoding="utf-8") for each in (path, *beside)}
    found = project.load(sources, at=NOW).diagnostics
    assert [render(each, sources) for each in found] == []
