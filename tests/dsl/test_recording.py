"""`record`: of whom and where pages record what happens; how it is read, checked, explained and told apart."""

# ruff: noqa: E501  (a row of a table is one line)

from __future__ import annotations

import pytest

from dsl.changes import changes_between
from dsl.explain import explain_record, write
from dsl.formatter import format_program
from dsl.navigate import hover, rename
from dsl.project import RuleProject, load

DECLARED = """\
attribute plan: text
attribute seats: number
persona self_serve "Self-serve trial" where plan is "trial"
persona enterprise "Enterprise" where plan is "pro"
segment big where seats > 50
journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step verify_domain "Verify the domain" reached by "Domain Verified"
  }
  stage first_value "First value" {
    step send "Send" reached by "Campaign Sent"
  }
  stage later "Later" {
  }
}
"""
AT = DECLARED.count("\n") + 1


def project(*records: str) -> RuleProject:
    return load({"a.way": DECLARED + "\n".join(records) + "\n"})


def said(*records: str) -> list[str]:
    """What is said of declarations: code, number among the declarations from 1, message, help."""
    return [
        f"{each.code} {each.span.line - AT + 1}:{each.span.column} {each.message} | {each.help}"
        for each in project(*records).diagnostics
    ]


FINE = """
record at activation.verify_domain
record at activation.onboarding
record at activation.verify_domain, activation.first_value
record for self_serve
record for self_serve, big
record at activation.verify_domain for self_serve
record at activation.verify_domain for self_serve sample 20%
record for self_serve sample 0.5% at activation.verify_domain
record at activation.verify_domain sample 100%
"""


@pytest.mark.parametrize("record", FINE.strip().splitlines())
def test_it_says_where_or_of_whom_or_both(record: str) -> None:
    assert said(record) == []


HELP = "give the condition a name, `segment large where …`, and write `for large`"
WRONG = [
    ("record", "WP308 1:1 this says neither where nor of whom | name steps, people, or both, such as `record at checkout.pay for new_users`"),
    ("record sample 20%", "WP308 1:1 this says neither where nor of whom | name steps, people, or both, such as `record at checkout.pay for new_users`"),
    ("record at activation.verify_domian", "WP107 1:22 journey `activation` has no step `verify_domian` | did you mean `verify_domain`?"),
    ("record at activation.onbording", "WP107 1:22 journey `activation` has no step `onbording` | did you mean `onboarding`?"),
    ("record at activatoin.signup", "WP106 1:11 unknown journey `activatoin` | did you mean `activation`?"),
    ("record for self_srve", "WP109 1:12 unknown segment or persona `self_srve` | did you mean `self_serve`?"),
    ("record for activation", "WP116 1:12 `activation` is a journey; a segment or persona is needed here | write `completed activation`, or `at activation.STEP`"),
    ("record for big sample 101%", "WP301 1:16 the `sample` is 101 %; a share is at most 100 % | write a share from 0% to 100%"),
    ("record for big sample 20% sample 30%", "WP024 1:27 `sample` stands here a second time | leave one of them out; for another share of other users write a `record` for each"),
    ("record for big for self_serve", "WP024 1:16 `for` stands here a second time | name several segments in one clause, separated by commas; or write a `record` for each"),
    ("record at activation.signup at activation.send", "WP024 1:29 `at` stands here a second time | name several steps in one clause, separated by commas; or write a `record` for each"),
    ("record for big sample 20", "WP020 1:23 a share has a percent sign | write 20%"),
    ('record for plan is "trial"', f"WP009 1:12 `for` takes names of segments, and this is a condition | {HELP}"),
    ("record at activation.signup when seats > 5", f"WP009 1:29 a `record` has no `when`: it names steps and segments | {HELP}"),
    # Warnings
    ("record for big, big", "WP518 1:17 this stands in the list already | leave it out"),
    ("record for big sample 0%", "WP524 1:16 0 % are recorded: nobody | leave the whole `record` out"),
    ("record at activation.later", "WP524 1:11 `later` has no steps, so nobody is ever at it | name a step, or a stage that has some"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "expected"), WRONG)
def test_what_is_wrong_is_said_with_its_place_and_what_to_write(record: str, expected: str) -> None:
    assert said(record) == [expected]


COVERED = [
    # Which of two is superfluous, by its number; None where either records somebody of its own.
    ("record for big", "record for big", 2),
    ("record for big sample 50%", "record for big", 1),
    ("record for big", "record for big at activation.signup", 2),
    ("record for big, self_serve", "record for self_serve", 2),
    ("record at activation.signup", "record at activation.onboarding", 1),
    ("record at activation.signup", "record at activation.signup, activation.send for big sample 10%", None),
    ("record at activation.onboarding sample 20%", "record at activation.signup for big sample 10%", 2),
    ("record at activation.onboarding sample 20%", "record at activation.signup for big", None),
    ("record for big", "record at activation.signup", None),
    ("record for big", "record for self_serve", None),
    # What records nobody is said to be so, and covers nothing.
    ("record for big sample 0%", "record for big at activation.signup", 1),
]


@pytest.mark.parametrize(("one", "other", "superfluous"), COVERED)
def test_what_another_one_covers_wholly_is_superfluous(one: str, other: str, superfluous: int | None) -> None:
    found = [each.split(":")[0] for each in said(one, other)]
    assert found == ([] if superfluous is None else [f"WP524 {superfluous}"])


def test_of_three_alike_the_first_stays() -> None:
    found = said("record for big", "record for big", "record for big")
    assert [each.split(":")[0] for each in found] == ["WP524 2", "WP524 3"]
    assert f"the `record` in line {AT} covers this one wholly" in found[0]


def test_it_is_found_in_another_file_too() -> None:
    found = load({"a.way": DECLARED + "record for big\n", "b.way": "record for big sample 5%\n"}).diagnostics
    assert [(each.span.file, each.code) for each in found] == [("b.way", "WP524")]
    assert f"line {AT} of a.way" in found[0].message


EXPLAINED = [
    ("record at activation.verify_domain", "everybody at Verify the domain."),
    ("record for big sample 100%", "users in big."),
    (
        "record at activation.signup, activation.first_value for self_serve, enterprise sample 12.5%",
        "12.5 % of self-serve trial users or enterprise users at Create account or the stage First value, always the same ones.",
    ),
]


@pytest.mark.parametrize(("record", "words"), EXPLAINED)
def test_it_reads_as_a_sentence(record: str, words: str) -> None:
    rules = project(record)
    first, *_ = explain_record(rules.recorded[0], rules)
    assert list(write(first)) == [f"Recorded, where the project's settings allow it: {words}"]


def test_the_word_itself_is_explained_by_what_it_does() -> None:
    rules = project("record for big")
    found = hover(rules, "a.way", len(DECLARED) + 2)
    assert found is not None
    assert (found.title, found.lines[0]) == (
        "`record`",
        "Recorded, where the project's settings allow it: users in big.",
    )
    assert rules.sources["a.way"][found.span.start : found.span.end] == "record"


def test_a_renamed_step_or_segment_is_renamed_here() -> None:
    rules = project("record at activation.signup for big")
    for old in ("signup", "big"):
        edits = rename(rules, "a.way", rules.sources["a.way"].index(old), "anew")
        assert isinstance(edits, tuple)
        assert rules.sources["a.way"].rindex(old) in {each.span.start for each in edits}


CHANGES = [
    # Another share of the same people at the same steps is a change; other people or steps are another declaration.
    ("record for big", "record for big sample 5%", [("record for big", "changed")]),
    ("record for big", "record for self_serve", [("record for self_serve", "added"), ("record for big", "removed")]),
    ("record for big", "record for big\nrecord for big sample 5%", [("record for big 2", "added")]),
    ("record for big\nrecord for self_serve", "record for self_serve\nrecord for big", []),
]


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES)
def test_versions_differ_by_whom_they_record(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    found = changes_between(project(old), project(new))
    assert [(each.title, each.edit.value) for each in found] == expected


def test_the_word_is_still_a_name() -> None:
    text = 'event "Saved" { record: text }\nsegment record where did "Saved" where record is "x"\nrecord for record\n'
    rules = load({"a.way": text})
    assert rules.diagnostics == ()
    assert format_program(rules.programs["a.way"]).splitlines()[-1] == "record for record"
