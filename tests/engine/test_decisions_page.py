"""The reference page of decisions: its tables are made from the code, and compared here."""

from __future__ import annotations

import sys
from pathlib import Path

from dsl.feelings import FEELINGS
from engine.emotion import NEUTRAL_SCORES
from engine.reasons import Reason
from widgets.registry import QUESTION_TYPES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "decisions.md"


def reasons_table() -> list[str]:
    rows = [f"| `{reason.value}` | {reason.meaning} |" for reason in Reason]
    return ["| reason | meaning |", "|---|---|", *rows]


def feelings_table() -> list[str]:
    rows = [f"| {feeling} | {valence:+.1f} |" for feeling, valence in FEELINGS.items()]
    return ["| feeling | valence |", "|---|---|", *rows]


def scores_table() -> list[str]:
    rows = []
    for name, spec in QUESTION_TYPES.items():
        if spec.scale is not None:
            low, high = spec.scale.low, spec.scale.high
            neutral = NEUTRAL_SCORES.get(name, (low + high) / 2)
            rows.append(f"| `{name}` | {low} | {neutral:g} | {high} |")
    return ["| question | −1 at | 0 at | +1 at |", "|---|---|---|---|", *rows]


TABLES = {"reasons": reasons_table, "feelings": feelings_table, "scores": scores_table}


def with_tables(page: str) -> str:
    for name, table in TABLES.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, found, rest = page.partition(begin)
        assert found, f"the page has no place for the table of {name}"
        page = before + begin + "\n".join(table()) + "\n" + end + rest.partition(end)[2]
    return page


def test_the_tables_of_the_page_are_made_from_the_code() -> None:
    assert PAGE.read_text() == with_tables(PAGE.read_text()), f"run `python {__file__} write`"


if __name__ == "__main__" and sys.argv[1:] == ["write"]:
    PAGE.write_text(with_tables(PAGE.read_text()))
