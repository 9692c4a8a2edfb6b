"""Decisions over small histories, as a table can hold them.

The user's id is u1, the instant is NOW of `tests.engine.histories`; rows are as there. The last row is what just
happened, unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from dsl.project import load
from dsl.values import Instant
from engine.context import read_context
from engine.decisions import ALONE, Decision, Surroundings, decide
from engine.ruleset import RuleSet
from engine.state import Folded, fold
from tests.engine.histories import NOW, history

PRELUDE = """
attribute plan: text
attribute seats: number
attribute first_name: text

event "Signed Up"
event "Domain Added"
event "DNS Check Failed" { reason: text, attempt: number }
event "Domain Verified"
event "Report Exported"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step connect_domain "Connect a domain" reached by "Domain Added"
    step verify_domain "Verify" reached by "Domain Verified" attempted by "DNS Check Failed" touchpoint "/domains/*"
  }
}

segment trial where plan is "trial"
segment large where seats >= 50
"""

SHOW = 'show modal { title "Hello" }'
"""What a guide shows where that does not matter."""


@cache
def rules(text: str, *, zone: str = "UTC") -> RuleSet:
    """Some rules with the prelude before them, compiled."""
    project = load({"rules.way": PRELUDE + text}, zone=zone)
    errors = [each.message for each in project.diagnostics if each.severity.value == "error"]
    assert not errors, errors
    return RuleSet.build(project)


def guide(clauses: str, *, name: str = "help", kind: str = "guide", show: str | None = None) -> str:
    """A guide that holds nobody out, with the clauses given."""
    content = show if show is not None else 'ask text detail "What?"' if kind == "survey" else SHOW
    holdout = "" if "holdout" in clauses or kind != "guide" else "holdout 0%"
    return f'{kind} {name} "{name}" {{\n{clauses}\n{content}\n{holdout}\n}}\n'


def folded(ruleset: RuleSet, rows: Sequence[tuple[Any, ...]]) -> Folded:
    """The state after a history, and the events that could wake rules."""
    return fold(ruleset.plan, None, sorted(history(rows), key=lambda each: each.position))


def decided(
    text: str,
    rows: Sequence[tuple[Any, ...]] = (),
    *,
    now: Instant = NOW,
    person: str = "u1",
    triggered: bool = True,
    context: Mapping[str, Any] | None = None,
    zone: str = "UTC",
    around: Surroundings = ALONE,
) -> Decision:
    """The decision after a history. triggered: its last event has just happened; otherwise it is a plain request."""
    ruleset = rules(text, zone=zone)
    past = folded(ruleset, rows)
    triggers = past.woken[-1:] if triggered else ()
    return decide(ruleset, past.state, triggers, now=now, person=person, context=read_context(context), around=around)


def reasons(*args: Any, **more: Any) -> dict[str, str]:
    """The reason of each guide considered, by its name."""
    return {each.guide: each.reason.value for each in decided(*args, **more).considered}


def reason(clauses: str, rows: Sequence[tuple[Any, ...]] = (), *, kind: str = "guide", **more: Any) -> str | None:
    """The reason for one guide with these clauses; None where it was not considered at all."""
    return reasons(guide(clauses, kind=kind), rows, **more).get("help")
