"""The codes of messages: each is declared once, each has an example that gives it, and the page tells of all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dsl.codes import CODES, Code
from dsl.codes.reference import checked, reference_page
from dsl.diagnostics import Severity

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"
WITH_EXAMPLE = [code for code in CODES.values() if code.example]


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_a_code_says_what_and_why(code: Code) -> None:
    assert re.fullmatch(r"WP\d{3}", code.id)
    assert code.title
    assert code.doc.endswith(".")
    assert (code.severity is Severity.WARNING) == (code.id >= "WP500")


@pytest.mark.parametrize("code", WITH_EXAMPLE, ids=[code.id for code in WITH_EXAMPLE])
def test_an_example_gives_its_message(code: Code) -> None:
    assert code.id in {each.code for each in checked(code, code.example).diagnostics}


@pytest.mark.parametrize("code", WITH_EXAMPLE, ids=[code.id for code in WITH_EXAMPLE])
def test_the_mended_example_has_no_errors_and_not_this_message(code: Code) -> None:
    project = checked(code, code.mend)
    assert [each.message for each in project.diagnostics if each.severity is Severity.ERROR] == []
    assert code.id not in {each.code for each in project.diagnostics}


def test_only_messages_about_files_on_disk_and_about_what_cannot_be_printed_have_no_example() -> None:
    assert {code.id for code in CODES.values() if not code.example} == {"WP027", "WP126", "WP127", "WP128"}


def test_the_reference_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference_page(), (
        "run `python -m dsl.codes.reference > docs/reference/errors.md`"
    )
