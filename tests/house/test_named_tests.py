"""A page that says a test shows something names one that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMISES = ("docs/explanation/threat-model.md", "docs/reference/versioning.md")
NAMED = re.compile(r"\[(test_\w+)\]\(([^)\s]+\.py)\)")


def missing(page: Path, text: str) -> list[str]:
    """Tests that a page names and that are not where it says."""
    faults = []
    for name, link in NAMED.findall(text):
        file = (page.parent / link).resolve()
        if not file.is_file() or not re.search(rf"^ *(async )?def {name}\(", file.read_text(), re.MULTILINE):
            faults.append(f"{name} is not in {link}")
    return faults


@pytest.mark.parametrize("page", PROMISES)
def test_every_test_that_a_page_names_is_there(page: str) -> None:
    path = ROOT / page
    assert missing(path, path.read_text()) == []


def test_one_that_is_not_there_would_be_found() -> None:
    page = ROOT / PROMISES[0]
    text = "[test_nothing_of_it](../../tests/house/test_docs.py) [test_any](../../tests/house/test_none.py)"
    assert missing(page, text) == [
        "test_nothing_of_it is not in ../../tests/house/test_docs.py",
        "test_any is not in ../../tests/house/test_none.py",
    ]


def test_every_threat_has_its_test() -> None:
    text = (ROOT / PROMISES[0]).read_text()
    tables = [block for block in text.split("\n\n") if block.startswith("| threat ")]
    rows = [row for table in tables for row in table.strip().splitlines()[2:]]
    assert len(rows) > 30
    assert [row for row in rows if not NAMED.search(row.split(" | ")[-1])] == []
