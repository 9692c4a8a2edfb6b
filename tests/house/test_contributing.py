"""A newcomer adds an operator in one file and one test table, as CONTRIBUTING.md says: done here, in a copy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = (
    "dsl",
    "engine",
    "api",
    "widgets",
    "examples",
    "tests/engine",
    "tests/oracle",
    "tests/databases.py",
    "tests/profiles.py",
    "pyproject.toml",
    "README.md",
)
NOT_COPIED = shutil.ignore_patterns("node_modules", "dist", "__pycache__", "*.way.lock")
BLOCK = re.compile(r"^```python\n# (\S+\.py)\n(.*?)^```", re.MULTILINE | re.DOTALL)

ASKING = """
from dsl.complete import complete
from dsl.explain import explain_condition, write
from dsl.formatter import format_condition
from dsl.parser import parse_condition
from dsl.project import load
from dsl.reference.page import reference_page

text = 'email has domain "example.com"'
parsed = parse_condition(text)
print("parser:", type(parsed.condition).__name__, parsed.condition.operator, len(parsed.diagnostics))
print("formatter:", format_condition(parse_condition('email   has\\n domain  "example.com"').condition))
print("checker:", len(load({"a.way": f"segment s where {text}\\n"}).diagnostics))
wrong = load({"a.way": 'attribute seats: number\\nsegment s where seats has domain "x"\\n'})
print("checker of a number:", [each.message for each in wrong.diagnostics if "has domain" in each.message] != [])
survey = 'survey s "S" {\\n  ask email mail "Mail?"\\n  ask text why "Why?" if mail has domain "x"\\n  once\\n}\\n'
print("checker of a browser's question:", load({"a.way": survey}).ok)
start = "segment s where email "
offered = complete(start, len(start), load({"a.way": f"segment s where {text}\\n"}))
print("completion:", "has domain" in {each.label for each in offered})
print("explain:", *write(explain_condition(parsed.condition, load({}))))
rows = [line for line in reference_page().splitlines() if line.startswith("| `has domain` |")]
print("reference:", len(rows), "address of this domain" in rows[0])
"""

EXPECTED = """\
parser: Comparison has domain 0
formatter: email has domain "example.com"
checker: 0
checker of a number: True
checker of a browser's question: False
completion: True
explain: email has domain “example.com”
reference: 1 True
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree in which the walkthrough has been followed."""
    tree = tmp_path_factory.mktemp("newcomer")
    for name in COPIED:
        source, target = ROOT / name, tree / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=NOT_COPIED)
        else:
            target.write_bytes(source.read_bytes())
    blocks = BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    (family, body), (table, row) = blocks
    with (tree / family).open("a", encoding="utf-8") as module:
        module.write(f"\n\n{body}")
    tests = (tree / table).read_text(encoding="utf-8")
    assert tests.count("\nTABLE = [\n") == 1
    (tree / table).write_text(tests.replace("\nTABLE = [\n", f"\nTABLE = [\n{row}"), encoding="utf-8")
    return tree


def run(tree: Path, *arguments: str, given: str = "") -> str:
    """What Python prints in the copy, with the copy's modules."""
    cache = tree / "cache"
    environment = {**os.environ, "PYTHONPATH": str(tree), "XDG_CACHE_HOME": str(cache)}
    ran = subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_new_operator_is_known_everywhere(copy: Path) -> None:
    assert run(copy, "-c", ASKING) == EXPECTED


def test_eval_decides_it(copy: Path) -> None:
    question = """{"condition": "email has domain \\"example.com\\"", "traits": {"email": "ada@EXAMPLE.com"}}\n"""
    answers = run(copy, "-m", "api.cli.main", "eval", given=question + question.replace("ada@", "ada@not-"))
    assert answers == '{"value":true}\n{"value":false}\n'


def test_its_row_is_a_test_that_passes_and_the_others_still_do(copy: Path) -> None:
    table = "tests/engine/test_conditions_attributes.py"
    printed = run(copy, "-m", "pytest", table, "-v", "--no-header", "-p", "no:cacheprovider")
    (own,) = [line for line in printed.splitlines() if "has domain" in line]
    assert "PASSED" in own
    assert "failed" not in printed


def test_the_tree_itself_knows_nothing_of_it() -> None:
    from dsl.operators import OPERATORS

    assert "has domain" not in OPERATORS
