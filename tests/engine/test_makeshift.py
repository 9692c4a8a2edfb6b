"""What may be shown while the database cannot be used: only what nothing in it could keep away."""

from __future__ import annotations

import pytest

from dsl.project import load
from engine.errors import UnknownDecision
from engine.makeshift import confirm_without_database, decide_without_database, needs_no_database
from engine.ruleset import RuleSet
from tests.engine.clock import STARTED

DECLARED = """
event "Signed Up"
attribute plan: text
journey way "Way" {
  stage all "All" {
    step one "One" reached by "Signed Up"
    step two "Two" reached by "Signed Up"
  }
}
segment payers "Payers" where plan is "paid"
"""
HOME = {"page": {"path": "/home"}, "locale": "de-DE", "device": {"type": "mobile"}, "timezone": "Europe/Berlin"}


def ruleset(*texts: str) -> RuleSet:
    checked = load({"rules.way": DECLARED + "\n".join(texts)})
    assert checked.ok, [each.message for each in checked.diagnostics]
    return RuleSet.build(checked)


def feedback(*clauses: str, name: str = "talk") -> str:
    lines = "\n  ".join(['ask text comment "What is on your mind?"', *clauses])
    return f'feedback {name} "Talk to us" {{\n  {lines}\n}}\n'


def shown(rules: RuleSet, context: object = None) -> list[str]:
    reply = decide_without_database(rules, now=STARTED, person="u", context=HOME if context is None else context)  # type: ignore[arg-type]
    assert reply.degraded
    assert reply.revision == rules.revision
    return [each.guide for each in reply.decisions]


@pytest.mark.parametrize(
    "clause",
    [
        "",
        'when page.path is "/home"',
        'unless page.path is "/login"',
        'when device.type is "mobile"',
        "expires 2099-01-01",
        "priority 7",
    ],
)
def test_a_launcher_that_asks_only_for_the_page_and_the_device_is_shown(clause: str) -> None:
    assert shown(ruleset(feedback(clause))) == ["talk"]


@pytest.mark.parametrize(
    ("clause", "why"),
    [
        ("once", "it is capped"),
        ("once every 30 days", "it is capped"),
        ("shown at most 3 times per 7 days", "it is capped"),
        ("until answered", "it ends with something that happened"),
        ('when plan is "paid"', "an attribute is in the database"),
        ("when plan is not set", "a missing value is not known to be missing"),
        ('when not did "Signed Up"', "an empty history is not known to be empty"),
        ("for payers", "a segment asks for attributes"),
        ("at way.one", "where the user stands is in the database"),
        ("only between 09:00 and 18:00", "the user's own time zone may be in the database"),
        ('when page.path is "/home" and plan is "paid"', "one half is not enough"),
        ("draft", "it is not shown to anybody"),
        ("paused", "it is not shown to anybody"),
        ('when page.path is "/elsewhere"', "the page is another one"),
    ],
)
def test_a_launcher_that_the_database_could_keep_away_is_not(clause: str, why: str) -> None:
    assert shown(ruleset(feedback(clause))) == [], why


def test_guides_and_surveys_are_capped_if_only_to_once_per_session() -> None:
    rules = ruleset(
        'guide tip "A tip" {\n  show modal {\n    title "T"\n  }\n}',
        'survey ask "Ask" {\n  ask nps score "How likely?"\n}',
        feedback(),
    )
    assert shown(rules) == ["talk"]
    assert [guide.name for guide in rules.guides if needs_no_database(guide)] == ["talk"]


def test_who_refused_guidance_gets_none_and_the_switch_holds() -> None:
    rules = ruleset(feedback())
    assert shown(rules, {**HOME, "consent": {"guidance": False}}) == []
    assert shown(rules.switched(is_stopped=True)) == []


def test_a_confirmation_asks_the_same_again() -> None:
    rules = ruleset(feedback('when page.path is "/home"'), feedback("once", name="capped"))

    def confirmed(guide: str, path: str = "/home") -> bool:
        context = {**HOME, "page": {"path": path}}
        return confirm_without_database(rules, f"degraded.{guide}", now=STARTED, context=context).show

    assert confirmed("talk")
    assert not confirmed("talk", path="/elsewhere")
    for guide in ("capped", "nothing", ""):
        with pytest.raises(UnknownDecision):
            confirmed(guide)
