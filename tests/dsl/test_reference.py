"""The reference page of the language: made from the code, complete, and with examples that hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dsl.codes import CODES
from dsl.diagnostics import Severity
from dsl.feelings import FEELINGS
from dsl.formatter import format_condition, format_program
from dsl.friction import WEIGHTS
from dsl.operators import OPERATORS
from dsl.parser import parse, parse_condition
from dsl.project import load
from dsl.reference import entries
from dsl.reference.meaning import MEANING
from dsl.reference.page import WORLD, clauses, conditions, reference_page
from dsl.reference.syntax import forms_of, members
from dsl.values import Kind
from widgets.registry import QUESTION_TYPES, WIDGETS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGE = REFERENCE / "language.md"
RENEW = "run `python -m dsl.reference > docs/reference/language.md`"


def errors(text: str) -> list[str]:
    """The errors of a text about the product of the examples."""
    found = load({"world.way": WORLD, "example.way": text, "limits.way": ""})
    return [each.message for each in found.diagnostics if each.severity is Severity.ERROR]


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference_page(), RENEW


def test_the_product_of_the_examples_has_nothing_wrong() -> None:
    assert load({"world.way": WORLD}).diagnostics == ()
    assert format_program(parse(WORLD).program) == WORLD


def in_journey(example: str) -> str:
    stage = example if example.startswith("stage") else 'stage s "S" {\nstep a "A" reached by "Signed Up"\n}'
    step = f'stage s2 "S2" {{\n{example}\n}}' if example.startswith("step") else ""
    rest = example if example.startswith(("outcome", "gives")) else ""
    return f'journey example "Example" {{\n{stage}\n{step}\n{rest}\n}}\n'


def in_guide(example: str) -> str:
    is_for_surveys = example.startswith(("sample", "stop after"))
    content = 'ask text what "What?"' if is_for_surveys else 'show modal {\n    title "Hello"\n  }'
    kind = "survey" if is_for_surveys else "guide"
    goal = 'goal "Domain Verified" within 1 day' if example.startswith("holdout") else ""
    return f'{kind} example "Example" {{\n  {example}\n  {content}\n  {goal}\n}}\n'


def in_show(example: str) -> str:
    if example.startswith(("show", "variant")):
        content = example
    elif example.startswith("item"):
        content = f'show checklist {{\ntitle "Hello"\n{example}\n}}'
    elif example.startswith("step"):
        content = f"show tour {{\n{example}\n}}"
    else:
        title = "" if example.startswith("title") else 'title "Hello"\n'
        content = f"show modal {{\n{title}{example}\n}}"
    return f'guide example "Example" {{\n{content}\n}}\n'


def in_survey(example: str) -> str:
    ease = 'ask effort ease "How easy?"\n'
    return f'survey example "Example" {{\n{ease}{example}\n}}\n'


def laid_out(text: str) -> str:
    """The lines of a text without their indentation and the gaps between them."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


WRAPPED = [
    *[(entry.example, entry.example) for entry in entries.DECLARATIONS.values()],
    *[(entry.example, in_journey(entry.example)) for entry in entries.JOURNEYS.values()],
    *[(entry.example, f"limits {{\n{entry.example}\n}}\n") for entry in entries.LIMITS.values()],
    *[(entry.example, in_guide(entry.example)) for entry in entries.CLAUSES.values()],
    *[(entry.example, in_show(entry.example)) for entry in (*entries.CONTENT.values(), *entries.ACTIONS.values())],
    *[(entry.example, in_survey(entry.example)) for entry in entries.QUESTIONS.values()],
]


@pytest.mark.parametrize(("example", "text"), WRAPPED, ids=[example for example, _ in WRAPPED])
def test_an_example_is_correct_and_written_as_the_formatter_writes_it(example: str, text: str) -> None:
    assert errors(text) == []
    assert laid_out(example) in laid_out(format_program(parse(text).program))


CONDITIONS = [
    *[entry.example for part in (entries.HISTORIES, entries.PROGRESS, entries.COMBINING) for entry in part.values()],
    *[entry.example for entry in entries.COUNTING.values()],
    *[operator.example for operator in OPERATORS.values()],
]


@pytest.mark.parametrize("example", CONDITIONS)
def test_a_condition_of_the_page_is_correct_and_written_as_the_formatter_writes_it(example: str) -> None:
    parsed = parse_condition(example)
    assert parsed.condition is not None
    assert format_condition(parsed.condition) == example
    assert errors(f"segment example where {example}\n") == []


def test_every_rule_of_the_grammar_has_its_entry_and_every_entry_its_rule() -> None:
    told = {**entries.HISTORIES, **entries.PROGRESS, **entries.COMBINING}
    assert set(conditions()) == set(told)
    assert set(clauses()) == set(entries.CLAUSES)
    assert set(members("program")) == set(entries.DECLARATIONS)
    assert set(members("_content")) <= set(entries.CONTENT)
    assert set(members("action")) == set(entries.ACTIONS)
    assert set(members("jump")) <= set(entries.QUESTIONS)
    asked = {"show", "variant", "frame", "question", "thanks", "translation"}
    assert set(members("_clauses")) - set(clauses()) == asked
    assert asked <= {*entries.CONTENT, *entries.QUESTIONS}


@pytest.mark.parametrize(
    ("rule", "forms"),
    [
        ("once_every", ["once every DURATION [, at most (N times|once|twice)]"]),
        ("at_clause", ["at JOURNEY.STEP[, …]"]),
        ("window", ["in last DURATION", 'since "…"', "since JOURNEY.STEP", "since (DAY|TIME)"]),
        ("scale", ["N to N [stars|numbers|faces]"]),
        ("did", ['did "…" [where COMPARISONS] [COUNT] [WINDOW]']),
    ],
)
def test_a_rule_of_the_grammar_is_written_as_a_form(rule: str, forms: list[str]) -> None:
    assert list(forms_of(rule)) == forms


def test_nothing_that_the_registries_know_is_missing() -> None:
    page = reference_page()
    known = [*OPERATORS, *(kind.value for kind in Kind), *QUESTION_TYPES, *FEELINGS]
    known += [name for name, spec in WIDGETS.items() if spec.in_guides]
    missing = [name for name in known if f"`{name}" not in page]
    assert missing + [name for name in WEIGHTS if f'"${name}"' not in page] == []
    assert [code for code in CODES if f"[{code}]" not in page] == []
    assert [each for part in MEANING.values() for each in part if each[1:] not in page] == []


def test_every_place_that_the_page_points_to_is_there() -> None:
    def anchors(text: str) -> set[str]:
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}

    page = reference_page()
    for file, anchor in re.findall(r"\]\(([\w.]*)#([\w-]+)\)", page):
        text = page if not file else (REFERENCE / file).read_text(encoding="utf-8")
        assert anchor in anchors(text), f"{file}#{anchor}"
