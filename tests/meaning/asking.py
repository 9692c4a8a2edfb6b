"""A condition asked of a person with a small history, by the compiled evaluator and by the oracle, which must agree.

The world is the one of `tests.engine.histories`; every answer is as of its NOW.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from truth import Person

from dsl.compiler import compile_condition
from dsl.nodes import Condition
from dsl.parser import parse_condition
from engine.events import in_history_order
from engine.facts import facts_of
from engine.plan import plan_for
from engine.state import fold, replay
from tests.engine.histories import NOW, history, project

Row = tuple[Any, ...]
"""`(how long ago, event)`, `(…, event, properties)` or `(…, event, properties, members of the event)`."""


@dataclass(frozen=True)
class Story:
    """What is known of a person, and what the request tells.

    trigger: the last event has just happened and woke the rule. others: the other users of the account.
    """

    rows: tuple[Row, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    others: tuple[tuple[Row, ...], ...] = ()
    trigger: bool = False


NOBODY = Story()
"""Somebody of whom nothing is known."""


def story(*rows: Row, context: Mapping[str, Any] | None = None, others: Sequence[Sequence[Row]] = ()) -> Story:
    """Somebody who did this, in the order of receipt."""
    return Story(rows, context or {}, tuple(tuple(each) for each in others))


def has(**traits: Any) -> Story:
    """Somebody with these attributes."""
    return story(("40 days", "$identify", traits))


def of_account(**traits: Any) -> Story:
    """Somebody whose account has these attributes."""
    return story(("40 days", "$group", traits))


def on(**context: Any) -> Story:
    """Somebody whose request tells this of page and device."""
    return Story(context=context)


def woken_by(*rows: Row) -> Story:
    """Somebody whose last event woke the rule."""
    return Story(rows, trigger=True)


REPORT, SIGNED_UP, ADDED, FAILED = "Report Exported", "Signed Up", "Domain Added", "DNS Check Failed"
VERIFIED, DOCS, LEFT, SENT = "Domain Verified", "Viewed Docs", "Left Page", "Campaign Sent"
"""The events of the world."""


def did(name: str, *agos: str) -> Story:
    """Somebody who did the same several times."""
    return story(*[(ago, name) for ago in agos])


def said(ago: str, question: str, value: object) -> Row:
    """An answer to the survey."""
    return (ago, "$answered", {"guide": "verify_effort", "question": question, "value": value})


def guided(ago: str, what: str, guide: str = "verify_help", **more: object) -> Row:
    """What became of a guide."""
    return (ago, what, {"guide": guide, **more})


def parsed(text: str) -> Condition:
    """The condition, which must have no mistake."""
    found = parse_condition(text)
    assert found.condition is not None
    assert not found.diagnostics, found.diagnostics
    return found.condition


def asked(text: str, of: Story, *, zone: str = "UTC", extra: str = "", oracle: bool = True) -> bool | None:
    """True, false, or None for unknown. oracle: False for what the oracle does not read, such as feelings in scores."""
    rules = project(extra, zone=zone)
    condition = parsed(text)
    events = history(of.rows)
    trigger = events[-1] if of.trigger else None
    names = () if trigger is None else (trigger.name,)
    others = [history(rows) for rows in of.others]

    compiled = compile_condition(condition, rules, edge=of.trigger, triggers=names)
    plan = plan_for(rules, compiled.needs)
    past = in_history_order(each for each in events if each.time <= NOW)
    folded = fold(plan, None, past)
    members = [replay(plan, each).slots for each in others]
    facts = facts_of(
        plan,
        folded.state,
        now=NOW,
        context=of.context,
        woken=folded.woken[-1] if of.trigger else None,
        others=lambda: members,
    )
    holds, fails = compiled.holds(facts), compiled.fails(facts)
    assert not (holds and fails), "true and false at once"
    answer = True if holds else False if fails else None
    if oracle:
        person = Person(rules, events, NOW, of.context, trigger=trigger, others=others, triggers=names)
        assert person.truth(condition) is answer, f"{text}: the oracle says {person.truth(condition)}, not {answer}"
    return answer
