"""Why and why not over small histories, as a table can hold them; rows are those of `tests.engine.histories`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dsl.project import load
from dsl.values import Instant
from engine.context import read_context
from engine.past import Past
from engine.people import people_of
from engine.ruleset import RuleSet
from engine.why import Gate, GateName, Part, Situation, Why, why
from engine.why.tree import leaves
from tests.engine.histories import NOW, PRELUDE, history

_RULES: dict[tuple[str, str], RuleSet] = {}


def rules(text: str, zone: str = "UTC") -> RuleSet:
    """Rules with the prelude of the histories before them, compiled."""
    if (text, zone) not in _RULES:
        project = load({"rules.way": PRELUDE + text}, zone=zone)
        assert project.ok, [each.message for each in project.diagnostics if each.severity.value == "error"]
        _RULES[text, zone] = RuleSet.build(project)
    return _RULES[text, zone]


def guide(clauses: str, *, kind: str = "guide", content: str = 'show modal { title "T" }') -> str:
    """A guide `asked` with the clauses given; unless they say otherwise it holds nobody out and is shown often."""
    lines = [clauses, content]
    lines += [] if "holdout" in clauses else ["holdout 0%"]
    lines += [] if any(word in clauses for word in ("once", "shown at most", "until")) else ["once every 1 second"]
    lines += [] if "priority" in clauses else ["priority 90"]
    return f"{kind} asked {{\n" + "\n".join(lines) + "\n}\n"


def asked(
    clauses: str,
    rows: Sequence[tuple[Any, ...]] = (),
    *,
    more: str = "",
    now: Instant = NOW,
    context: Mapping[str, Any] | None = None,
    zone: str = "UTC",
    kind: str = "guide",
    content: str = 'show modal { title "T" }',
) -> Why:
    """Why the guide would be shown to u1, or why not. more: further declarations."""
    ruleset = rules(more + guide(clauses, kind=kind, content=content), zone)
    return asked_of(ruleset, "asked", rows, now=now, context=context)


def asked_of(
    ruleset: RuleSet,
    name: str,
    rows: Sequence[tuple[Any, ...]] = (),
    *,
    now: Instant = NOW,
    context: Mapping[str, Any] | None = None,
) -> Why:
    """Why a guide of some rules would be shown to u1, or why not."""
    past = Past.of(ruleset, people_of(each for each in history(rows) if each.time <= now))
    known = past.person("u1")
    situation = Situation(
        ruleset=ruleset,
        state=known.state,
        now=now,
        person=known.person.first_id,
        user="u1",
        woken=known.woken,
        context=read_context(context),
        around=past.around(known),
    )
    return why(situation, name)


def gate(found: Why, name: GateName) -> Gate:
    """One gate of an answer."""
    return next(each for each in found.gates if each.name is name)


def leaf(found: Why) -> Part:
    """The one statement without parts of the conditions."""
    (only,) = [each for part in gate(found, GateName.CONDITIONS).parts for each in leaves(part)]
    return only


def nearest(found: Why) -> str:
    """The nearest change as a sentence."""
    assert found.changes, found.blocked
    return found.changes[0].text
