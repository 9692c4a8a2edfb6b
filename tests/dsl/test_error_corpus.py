"""Broken inputs and exactly what is said about them: `tests/corpus/errors`."""

from __future__ import annotations

import os

import pytest

from tests.dsl.cases import Case, cases

CASES = cases("errors")


@pytest.mark.parametrize("case", CASES, ids=[case.path.stem for case in CASES])
def test_a_broken_input_gives_exactly_these_messages(case: Case) -> None:
    if os.environ.get("WAYPOST_ACCEPT"):
        case.accept()
        return
    assert case.said() == case.expected


def test_the_corpus_is_there() -> None:
    assert len(CASES) >= 130
