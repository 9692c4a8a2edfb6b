"""Rules in plain English."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.explain import Joined, explain_condition, explain_guide, write
from dsl.nodes import Did, Unless, Wait
from dsl.operators import OPERATORS, Operator
from dsl.parser import parse_condition
from dsl.project import load
from tests.dsl.test_checker_accepts import CONDITIONS, DECLARATIONS, lines

WHOLE = (Path(__file__).parents[1] / "corpus" / "onboarding.way").read_text(encoding="utf-8")
PROJECT = load({"a.way": DECLARATIONS})


def explained(guide: str) -> str:
    project = load({"onboarding.way": WHOLE})
    return "\n".join(row for line in explain_guide(project.guides[guide], project) for row in write(line))


def test_a_guide_reads_as_sentences() -> None:
    assert (
        explained("verify_help").replace(", “Two", ",\n“Two").replace("day; 10", "day;\n10")
        == """\
Shown to self-serve trial users at Verify the domain, when “DNS Check Failed” happens, if all of this is so:
  one of these is so:
    they did “DNS Check Failed” at least twice in the last 10 minutes
    friction at Verify the domain is at least 0.5
  they never did “Domain Verified”
Self-serve trial users are those of whom all of these are so:
  plan is “trial”
  sales assisted is no
Then it waits until the user was idle for 5 seconds.
What they see: a tooltip beside #dns-records,
“Two records to add”, with the buttons “Show me where”, “Done” and “Later”.
How often: once every 7 days, at most 3 times in all.
Where several could be shown: priority 80 of 100.
Its effect is measured by whether “Domain Verified” follows within 1 day;
10 % of those who would see it do not, for comparison.
Until 2027-06-30."""
    )


PEOPLE = """
attribute role: text
event "Paid" { amount: number }
persona admins "Admins" where role is "admin"
persona trial "Self-serve trial" where role is "trial"
persona api "API access" where role is "api"
segment stuck where not in admins
guide other "Another hint" { show modal { title "Other" } goal "Paid" within 1 day expires 2027-06-30 }
guide hint "Hint" {
  for AUDIENCE
  when role is set and in admins
  unless in trial
  show modal { title "Hint" }
  once every 1 day
  not with other
  testers admins
  expires 2027-06-30
}
survey ask_them "Why" {
  ask choice cause "Why?" { "Slow" then end "Hard" then ask detail "Other" }
  ask text idea "An idea?" then end
  ask text detail "What exactly?"
  expires 2027-06-30
}
"""


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        ("admins", "Shown to admins, if all of this is so:"),
        ("trial", "Shown to self-serve trial users, if all of this is so:"),
        ("api", "Shown to API access users, if all of this is so:"),
        ("stuck", "Shown to users in stuck, if all of this is so:"),
    ],
)
def test_people_are_called_by_the_label_of_their_segment(segment: str, words: str) -> None:
    project = load({"a.way": PEOPLE.replace("AUDIENCE", segment)})
    assert explain_guide(project.guides["hint"], project)[0].text == words


def test_what_must_be_so_is_one_list_however_it_is_written() -> None:
    project = load({"a.way": PEOPLE.replace("AUDIENCE", "admins")})
    line, *others = explain_guide(project.guides["hint"], project)
    assert list(write(line))[1:] == [
        "  role is known",
        "  they are admins, that is:",
        "    role is “admin”",
        "  they are not self-serve trial users, of whom this is so:",
        "    role is “trial”",
    ]
    said = [each.text for each in others]
    assert "Only admins see it, however often and past all limits." in said
    assert "How often: once every day." in said
    assert "Not in a session in which “Another hint” was shown." in said
    assert "Its effect is not measured." in said


def test_a_survey_tells_where_its_answers_lead() -> None:
    project = load({"a.way": PEOPLE.replace("AUDIENCE", "admins")})
    asked = explain_guide(project.guides["ask_them"], project)[1].text
    assert asked == (
        "In a slideout it asks: “Why?” (after “Slow” it ends, after “Hard” it goes on with detail); "
        "“An idea?” (then it ends); “What exactly?”."
    )


def test_a_survey_reads_as_sentences() -> None:
    shown, asked, often = explained("verify_effort").split("\n")[:3]
    assert shown == "Asked of everybody at Verify the domain, when “Domain Verified” happens."
    assert asked.startswith(
        "In a slideout it asks: “How easy was it to verify your domain?”; “What slowed you down?” (if"
    )
    assert "(if ease is at most 4); “What should we fix first?”." in asked
    assert often == "How often: once every 90 days."


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("seats >= 80% of seats_used", "seats is at least 80% of seats used"),
        ("not seats > 3", "seats is at most 3"),
        ('not email matches "*@a.com"', "it is not so that email fits “*@a.com”"),
        ('plan is one of "free", "pro"', "plan is one of “free” or “pro”"),
        ('account.industry is "health"', "the account's industry is “health”"),
        ("signed_up_at more than 3 days ago", "signed up at lies more than 3 days ago"),
        (
            'did "Purchase" where amount > 3 in last 1 day',
            "they did “Purchase” where amount is more than 3 in the last day",
        ),
        ('did not "Left Page" in last 2 hours', "they did not do “Left Page” in the last 2 hours"),
        ('not did not "Left Page"', "they did “Left Page”"),
        ('did "Left Page" on at least 3 days', "they did “Left Page” on at least 3 days"),
        ('anyone in account did "Left Page"', "somebody of the account did “Left Page”"),
        ("not reached activation.verify_domain", "they have not reached verify domain"),
        ("at activation.onboarding", "they are at the stage Onboarding"),
        ("not dismissed verify_help", "they have not dismissed “verify help”"),
        ("answered verify_effort.ease <= 3", "their answer to ease of “verify effort” is at most 3"),
        ("not felt confused or doubtful at activation.signup", "they did not feel confused or doubtful at signup"),
    ],
)
def test_a_condition_reads_as_a_statement(condition: str, words: str) -> None:
    parsed = parse_condition(condition).condition
    assert parsed is not None
    assert explain_condition(parsed, PROJECT).text == words


@pytest.mark.parametrize("condition", lines(CONDITIONS))
def test_every_condition_can_be_explained_and_denied(condition: str) -> None:
    parsed = parse_condition(condition).condition
    assert parsed is not None
    so, not_so = (list(write(explain_condition(parsed, PROJECT, holds=holds))) for holds in (True, False))
    assert all(so)
    assert so != not_so


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_every_operator_is_said_in_its_own_words(operator: Operator) -> None:
    parsed = parse_condition(operator.example).condition
    assert parsed is not None
    assert operator.spoken in " ".join(write(explain_condition(parsed, PROJECT)))


def test_what_is_denied_of_all_is_denied_of_one() -> None:
    parsed = parse_condition('not (plan is "free" and seats > 3)').condition
    assert parsed is not None
    line = explain_condition(parsed, PROJECT)
    assert line.joined is Joined.ANY
    assert [each.text for each in line.below] == ["plan is not “free”", "seats is at most 3"]


def test_every_line_knows_what_it_tells_of() -> None:
    project = load({"onboarding.way": WHOLE})
    guide = project.guides["verify_help"]
    lines_ = explain_guide(guide, project)
    denied = lines_[0].below[1]
    assert isinstance(denied.about, Did)
    assert denied.holds is False
    assert [each.about for each in lines_ if isinstance(each.about, Wait)] == [
        clause for clause in guide.clauses if isinstance(clause, Wait)
    ]
    assert not any(isinstance(clause, Unless) for clause in (line.about for line in lines_))
