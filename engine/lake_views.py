"""The lake as views for people with tools of their own: what they are called, what is in them, and their SQL.

`lake_views.sql` is the one definition: the script that somebody runs, and in its comments what each column means. It is
for DuckDB over the lake's Parquet files, and over nothing else: never the live database, which DuckDB would damage
(`docs/decisions/0003-analytics-read-the-lake.md`). It begins with the manifest, so that it holds after every copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from dsl.project import RuleProject
from dsl.values import MINUTE
from engine.analytics.asked import FunnelAsked, plan_of
from engine.analytics.wheres import StepEvent, is_sayable, marked
from engine.events import GuideEvent
from engine.friction import SIGNAL_EVENTS
from engine.sessions import SESSION_GAP

_FILE: Final = Path(__file__).with_suffix(".sql")
_VIEW: Final = re.compile(r"^-- (?P<name>\w+): (?P<doc>.+)\n(?P<columns>(?:--   \w+: .+\n)+)CREATE", re.MULTILINE)
_COLUMN: Final = re.compile(r"^--   (\w+): (.+)$", re.MULTILINE)
_COUNTED: Final = "counted_events"
"""The name that the expression of a step gives to the events that count; a select takes its place."""
_SELECTED: Final = """(
  SELECT person, "user", name, time, properties::VARCHAR AS properties FROM events WHERE counts)"""
_NOBODY: Final = """SELECT
  ''::VARCHAR AS journey, ''::VARCHAR AS stage, ''::VARCHAR AS step, 0 AS place, 0::BIGINT AS person,
  ''::VARCHAR AS "user", NULL::TIMESTAMP AS time
WHERE false"""


@dataclass(frozen=True, slots=True)
class View:
    """A view. columns: each with what it means."""

    name: str
    doc: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Script:
    """SQL for DuckDB. unsaid: the steps with an event whose condition SQL cannot say; it is left out of their rows."""

    sql: str
    unsaid: tuple[str, ...]


@cache
def views() -> tuple[View, ...]:
    """All views, each after those that it reads."""
    text = _filled(_FILE.read_text(), {})
    return tuple(
        View(found["name"], found["doc"], dict(_COLUMN.findall(found["columns"]))) for found in _VIEW.finditer(text)
    )


def script(folder: Path, rules: RuleProject) -> Script:
    """The views over a project's lake, by its folder, with the steps of the journeys of some rules."""
    steps, unsaid = _steps(rules)
    here = str(folder.resolve()).replace("'", "''")
    return Script(_filled(_FILE.read_text(), {"folder": here, "steps": steps}), unsaid)


def reference() -> str:
    """The views with their columns, for the page of the docs."""
    return "\n".join(line for view in views() for line in _documented(view))


def _documented(view: View) -> Iterator[str]:
    yield from (f"## {view.name}", "", view.doc, "", "| column | meaning |", "|---|---|")
    yield from (f"| `{name}` | {meaning} |" for name, meaning in view.columns.items())
    yield ""


def _filled(text: str, more: Mapping[str, str]) -> str:
    lives = [each.value for each in GuideEvent if each is not GuideEvent.ANSWERED]
    values = {
        "gap": str(SESSION_GAP // MINUTE),
        "life": _listed(lives),
        "lives": ", ".join(f"`{name.removeprefix('$')}`" for name in lives),
        "friction": _listed(sorted(SIGNAL_EVENTS)),
        "signals": ", ".join(f"`{name.removeprefix('$')}`" for name in sorted(SIGNAL_EVENTS)),
        **more,
    }
    for name, value in values.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    return text


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _steps(rules: RuleProject) -> tuple[str, tuple[str, ...]]:
    """The select of `steps`, made of the expression by which funnels find their events."""
    rows, unsaid = [], []
    for journey, declared in rules.journeys.items():
        stages = {step.name.text: stage.name.text for stage in declared.stages for step in stage.steps}
        plan = plan_of(FunnelAsked(journey=journey), rules)
        for place, (step, events) in enumerate(zip(plan.labels, plan.events, strict=True), 1):
            said = tuple(event for event in events if all(map(is_sayable, event.wheres)))
            if len(said) < len(events):
                unsaid.append(f"{journey}.{step}")
            if said:
                rows.append(_step(journey, stages[step], step, place=place, events=said))
    return "\nUNION ALL\n".join(rows) or _NOBODY, tuple(unsaid)


def _step(journey: str, stage: str, step: str, *, place: int, events: tuple[StepEvent, ...]) -> str:
    import ibis  # noqa: PLC0415  (heavy: only where views are written)

    columns = {"person": "int64", "user": "string", "name": "string", "time": "timestamp", "properties": "string"}
    engine: Any = None
    found: Any = marked(ibis.table(columns, name=_COUNTED), {"is_step": events}, engine)
    found = found.filter(found.is_step).group_by("person").agg(user=found.user.max(), first=found.time.min())
    names = {"journey": ibis.literal(journey), "stage": ibis.literal(stage), "step": ibis.literal(step)}
    place_ = ibis.literal(place, "int32")
    rows = found.select(**names, place=place_, person=found.person, user=found.user, time=found["first"])
    return str(ibis.to_sql(rows, dialect="duckdb")).replace(f'"{_COUNTED}"', _SELECTED)
