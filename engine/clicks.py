"""Which clicks a browser makes events of: `event "…" when clicked "SELECTOR" on page "…"`.

A browser is told them once for each revision of the rules, and tells which revision it knows.
"""

from __future__ import annotations

from dsl.project import RuleProject
from engine.replies import Click
from engine.ruleset import RuleSet


def clicks_of(project: RuleProject) -> tuple[Click, ...]:
    """All that rules declare, in the order of the text."""
    return tuple(
        Click(each.name.value, each.click.selector.value, each.click.page.value if each.click.page else None)
        for each in project.clicked
        if each.click is not None
    )


def clicks_for(ruleset: RuleSet | None, known: str | None) -> tuple[Click, ...] | None:
    """What is to be told to a browser that knows a revision (empty: none); None for nothing new.

    known: None for somebody who makes no events of clicks.
    """
    if ruleset is None or known is None or ruleset.revision == known:
        return None
    return clicks_of(ruleset.project)
