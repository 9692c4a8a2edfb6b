"""Roadmaps as tables and texts: reading one that was kept elsewhere, writing ours for issue trackers.

What is read is judged row by row: a row that cannot be used is told with its line and skipped. What is written is text
and nothing else: in Markdown no character of a title formats anything; the CSV writer (`api.tables`) keeps sheets from
running a cell as a formula.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, TypeVar

from dsl.project import RuleProject
from dsl.suggest import did_you_mean, nearest
from dsl.values import Instant, read_instant
from engine.errors import WaypostError
from engine.roadmap.board import UNTIMED, Board, Line
from engine.roadmap.gate import checked, waiting
from engine.roadmap.items import Effort, Item, ItemDraft, ItemKind, ItemStatus, Missing, missing_of
from engine.roadmap.metrics import Metric
from engine.roadmap.opportunities import Opportunity
from engine.roadmap.quadrants import Range
from engine.roadmap.timeboxes import read_timebox

_Choice = TypeVar("_Choice", ItemKind, ItemStatus)

MOST_ROWS: Final = 5_000
LONGEST_TEXT: Final = 10_000
WORST_SHOWN: Final = 10
"""How many steps without an item an audit names."""

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "title": ("title", "summary", "name", "item"),
        "kind": ("kind", "type", "issue type"),
        "story": ("story", "description", "body"),
        "status": ("status", "state"),
        "journey": ("journey",),
        "step": ("step",),
        "theme": ("theme", "epic"),
        "metric": ("metric",),
        "evidence": ("evidence", "links"),
        "effort": ("effort", "estimate", "days"),
        "author": ("author", "estimated by"),
        "impact": ("impact", "users per week"),
        "timebox": ("timebox", "milestone", "quarter", "month", "when"),
        "sprint": ("sprint", "iteration"),
        "owner": ("owner", "assignee"),
        "guide": ("guide",),
        "external": ("id", "key", "number", "external"),
        "opportunity": ("opportunity",),
        "launched": ("launched", "released", "resolved", "closed at"),
    }
)
"""What a column may be called, in small letters."""
_KINDS: Final[Mapping[str, ItemKind]] = MappingProxyType(
    {
        **{kind.value: kind for kind in ItemKind},
        **dict.fromkeys(("story", "enhancement", "improvement", "task", ""), ItemKind.FEATURE),
        **dict.fromkeys(("defect", "incident"), ItemKind.BUG),
        **dict.fromkeys(("tech debt", "technical debt", "chore", "refactoring"), ItemKind.DEBT),
    }
)
_STATUSES: Final[Mapping[str, ItemStatus]] = MappingProxyType(
    {
        **{status.value: status for status in ItemStatus},
        **dict.fromkeys(("", "idea", "backlog", "open", "new", "to do", "todo", "intake"), ItemStatus.REQUESTED),
        **dict.fromkeys(("planned", "next", "committed", "ready"), ItemStatus.SCHEDULED),
        **dict.fromkeys(("doing", "in_progress", "wip", "started", "in review"), ItemStatus.IN_PROGRESS),
        **dict.fromkeys(("done", "shipped", "closed", "released", "live"), ItemStatus.LAUNCHED),
        **dict.fromkeys(("won't do", "wont do", "cancelled", "canceled", "rejected"), ItemStatus.DROPPED),
    }
)
_RANGE: Final = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:(?:-|–|to|\.\.)\s*(\d+(?:\.\d+)?))?\s*(?:days|day|d)?", re.ASCII | re.I
)
_QUARTER: Final = re.compile(r"(?:(20\d\d)[\s-]*q([1-4])|q([1-4])[\s/-]*(20\d\d))", re.ASCII | re.I)
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>|~&])")
_BULLET: Final = "*"
"""Not `-`: a description without a story begins with it, and a sheet would take that for a formula."""
_LEADING: Final = re.compile(r"^(?=[#+\-=])")


class BadSheet(WaypostError):
    """The table cannot be read as a roadmap at all."""

    code = "bad_sheet"


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that was skipped. line: in the file, from 1."""

    line: int
    problem: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What an existing roadmap looks like beside the evidence.

    rows: read from the file. kept: items taken in; known: rows that were here already. problems: rows that were
    skipped. no_step, no_evidence: items that lack one. waiting: those of them that asked for a timebox and wait in the
    intake. uncared: steps where users are lost and nothing is planned, the worst first.
    """

    rows: int
    kept: int
    known: int
    problems: tuple[Problem, ...]
    no_step: tuple[str, ...]
    no_evidence: tuple[str, ...]
    waiting: tuple[str, ...]
    uncared: tuple[Opportunity, ...]


def read_sheet(
    lines: Iterable[str], rules: RuleProject, *, themes: Mapping[str, int], now: Instant
) -> Iterator[ItemDraft | Problem]:
    """The rows of a table with a head, each as a draft that may be kept, or as what is wrong with it.

    themes: their numbers by title, in small letters.

    Raises BadSheet.
    """
    reader = csv.reader(lines)
    try:
        head = [name.strip().lstrip("\ufeff").casefold() for name in next(reader, [])]
        places = {
            field: head.index(next(name for name in names if name in head))
            for field, names in _COLUMNS.items()
            if any(name in head for name in names)
        }
        if "title" not in places:
            raise BadSheet("there is no column `title` (or `summary`, `name`): the first line names the columns")
        for number, row in enumerate(reader, 1):
            if not any(cell.strip() for cell in row):
                continue
            if number > MOST_ROWS:
                raise BadSheet(f"a roadmap has at most {MOST_ROWS} rows")
            cells = {field: row[place].strip() for field, place in places.items() if place < len(row)}
            try:
                draft = _draft({name: _plain(cell) for name, cell in cells.items()}, rules, themes)
                ready = waiting(checked(rules, draft, before=ItemStatus.REQUESTED, now=now))
                # When something was launched long ago is not known from its being here now.
                yield replace(ready, launched=draft.launched)
            except (WaypostError, ValueError) as error:
                yield Problem(reader.line_num, str(error))
    except csv.Error as error:
        raise BadSheet(f"line {reader.line_num} is no CSV: {error}") from None


def audit_of(
    items: Sequence[Item],
    uncared: Sequence[Opportunity],
    *,
    rows: int = 0,
    known: int = 0,
    kept: int = 0,
    problems: Sequence[Problem] = (),
) -> Audit:
    """The audit of items that are not over."""
    alive = [item for item in items if item.draft.status not in {ItemStatus.LAUNCHED, ItemStatus.DROPPED}]

    def lacking(what: Missing) -> tuple[str, ...]:
        return tuple(item.draft.title for item in alive if what in missing_of(item.draft))

    return Audit(
        rows=rows,
        kept=kept,
        known=known,
        problems=tuple(problems),
        no_step=lacking(Missing.STEP),
        no_evidence=lacking(Missing.EVIDENCE),
        waiting=tuple(item.draft.title for item in alive if item.draft.wish is not None and missing_of(item.draft)),
        uncared=tuple(uncared[:WORST_SHOWN]),
    )


# writing

ISSUE_COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Title": "of the item",
        "Type": "feature, bug or debt",
        "Labels": "stage, step, quadrant and theme, separated by commas",
        "Description": "story, evidence and metric, as Markdown",
        "Milestone": "the timebox",
        "Sprint": "as the team calls it",
        "Assignee": "the owner",
        "Status": "requested, scheduled, in progress, launched or dropped",
        "Estimate": "person-days, from–to",
        "Impact": "users a week",
        "Stage": "letter and name",
        "Step": "journey.step",
        "ID": "number in the issue tracker",
    }
)
"""The columns for issue trackers, with what they mean."""


def issue_rows(lines: Iterable[Line]) -> list[dict[str, str]]:
    """Items as rows for issue trackers, with the keys of ISSUE_COLUMNS."""
    return [dict(zip(ISSUE_COLUMNS, _issue(line), strict=True)) for line in lines]


def labels_of(line: Line) -> tuple[str, ...]:
    """The labels of an item: of its stage first, as everywhere."""
    draft = line.item.draft
    found = [f"stage: {line.mark.name}"] if line.mark is not None else []
    found += [f"step: {draft.step}"] if draft.step is not None else []
    found += [f"{line.place.quadrant}"] if line.place is not None else []
    found += [f"theme: {line.theme.draft.title}"] if line.theme is not None else []
    found += [f"needs {each}" for each in line.missing]
    return tuple(found)


def markdown_of(board: Board) -> str:
    """The roadmap as a page of Markdown: by timebox, each item with its stage, story and evidence."""
    parts = ["# Roadmap", ""]
    if board.marks:
        parts += ["Stages: " + " · ".join(f"**{mark.letter}** {escaped(mark.label)}" for mark in board.marks), ""]
    timeboxes = dict.fromkeys(str(line.item.draft.timebox or UNTIMED) for line in board.lines)
    for timebox in timeboxes:
        parts += [f"## {timebox}", ""]
        for line in board.lines:
            if str(line.item.draft.timebox or UNTIMED) == timebox:
                parts += [*_item_lines(line), ""]
    return "\n".join(parts).rstrip() + "\n"


def escaped(text: str) -> str:
    """A text of somebody's as Markdown that shows it as it is, in one line."""
    plain = _MARKDOWN.sub(r"\\\1", " ".join(text.split())).replace("\\<", "&lt;").replace("\\>", "&gt;")
    # What begins like a list or a heading is one only at the beginning.
    number = re.match(r"\d+(?=[.)])", plain)
    return f"{number[0]}\\{plain[number.end() :]}" if number else _LEADING.sub(r"\\", plain)


def _issue(line: Line) -> tuple[str, ...]:
    draft = line.item.draft
    return (
        draft.title,
        draft.kind.value,
        ", ".join(label.replace(",", " ") for label in labels_of(line)),
        "\n".join(_body(line)),
        "" if draft.timebox is None else str(draft.timebox),
        draft.sprint or "",
        draft.owner or "",
        draft.status.value,
        range_in_words(line.effort, "d"),
        range_in_words(line.impact, ""),
        "" if line.mark is None else line.mark.name,
        "" if draft.step is None else f"{draft.journey}.{draft.step}",
        draft.external or "",
    )


def range_in_words(found: Range | None, unit: str) -> str:
    """A range as `3–5 d`; nothing for none."""
    if found is None:
        return ""
    ends = f"{found.low:.3g}" if f"{found.low:.3g}" == f"{found.high:.3g}" else f"{found.low:.3g}–{found.high:.3g}"
    return f"{ends} {unit}".strip()


def _item_lines(line: Line) -> list[str]:
    draft = line.item.draft
    letter = f"{line.mark.letter} · " if line.mark is not None else ""
    head = f"### {letter}{escaped(draft.title)}"
    facts = [draft.kind.value, draft.status.value]
    facts += [f"effort {range_in_words(line.effort, 'days')}"] if line.effort is not None else []
    facts += [f"impact {range_in_words(line.impact, 'users a week')}"] if line.impact is not None else []
    facts += [f"sprint {escaped(draft.sprint)}"] if draft.sprint else []
    facts += [f"owner {escaped(draft.owner)}"] if draft.owner else []
    labels = [f"`{label.replace('`', ' ')}`" for label in labels_of(line)]
    return [head, "", " · ".join(facts), *(["", " ".join(labels)] if labels else []), "", *_body(line)]


def _body(line: Line) -> list[str]:
    draft = line.item.draft
    parts = [escaped(draft.story), ""] if draft.story else []
    opportunity = line.opportunity
    if opportunity is not None:
        lost = f"{opportunity.lost_per_week:.1f} users a week are lost at {escaped(opportunity.label)}"
        parts.append(
            f"{_BULLET} {lost} ({escaped(opportunity.persona_label)}), {opportunity.lost} of {opportunity.settled}"
        )
    parts += [f"{_BULLET} {escaped(each)}" for each in draft.evidence]
    if draft.metric is not None and draft.step is not None:
        parts.append(f"{_BULLET} moves {draft.metric.value.replace('_', ' ')} of {escaped(draft.step)}")
    if line.item.override is not None:
        parts.append(f"{_BULLET} scheduled without step or evidence: {escaped(line.item.override.why)}")
    return parts


# reading


def _draft(cells: Mapping[str, str], rules: RuleProject, themes: Mapping[str, int]) -> ItemDraft:
    title = cells.get("title", "")
    if not title:
        raise ValueError("there is no title")
    if any(len(cell) > LONGEST_TEXT for cell in cells.values()):
        raise ValueError(f"a cell has at most {LONGEST_TEXT} characters")
    journey, step = _step(cells, rules)
    theme = cells.get("theme", "")
    if theme and theme.casefold() not in themes:
        raise ValueError(f"there is no theme “{theme}”; make it first, with the metric that it is to move")
    return ItemDraft(
        title=title,
        kind=_one_of(_KINDS, cells.get("kind", ""), "kind"),
        story=cells.get("story", ""),
        status=_one_of(_STATUSES, cells.get("status", ""), "status"),
        theme=themes.get(theme.casefold()),
        opportunity=cells.get("opportunity") or None,
        journey=journey,
        step=step,
        metric=_metric(cells.get("metric", "")),
        evidence=tuple(each.strip() for each in re.split(r"[;\n]", cells.get("evidence", "")) if each.strip()),
        efforts=_efforts(cells),
        impact=_range(cells.get("impact", ""), "an impact"),
        timebox=read_timebox(_iso(cells["timebox"])) if cells.get("timebox") else None,
        sprint=cells.get("sprint") or None,
        owner=cells.get("owner") or None,
        guide=cells.get("guide") or None,
        external=cells.get("external") or None,
        launched=_day(cells.get("launched", "")),
    )


def _plain(cell: str) -> str:
    """A cell as it was before a careful writer put an apostrophe before what looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@"} else cell


def _step(cells: Mapping[str, str], rules: RuleProject) -> tuple[str | None, str | None]:
    journey, step = cells.get("journey") or None, cells.get("step") or None
    if step is not None and journey is None and "." in step:
        journey, _, step = step.partition(".")
    if step is not None and journey is None:
        having = [name for name, each in rules.journeys.items() if any(s.name.text == step for s in each.steps)]
        if len(having) > 1:
            raise ValueError(f"several journeys have a step `{step}`: write `{having[0]}.{step}`")
        journey = having[0] if having else None
    if journey is not None and journey not in rules.journeys:
        raise ValueError(f"there is no journey `{journey}`{_near(journey, list(rules.journeys))}")
    steps = [
        each.name.text for name, found in rules.journeys.items() if journey in {None, name} for each in found.steps
    ]
    if step is not None and step not in steps:
        raise ValueError(f"there is no step `{step}`{_near(step, steps)}")
    return journey, step


def _near(name: str, known: Sequence[str]) -> str:
    near = did_you_mean([f"`{each}`" for each in nearest(name, known)])
    return f"; {near}" if near else ""


def _one_of(known: Mapping[str, _Choice], text: str, what: str) -> _Choice:
    found = known.get(" ".join(text.casefold().split()))
    if found is None:
        named = ", ".join(f"`{each}`" for each in dict.fromkeys(str(value) for value in known.values()))
        raise ValueError(f"`{text}` is no {what}; there are {named}")
    return found


def _metric(text: str) -> Metric | None:
    if not text:
        return None
    try:
        return Metric(text.casefold().replace(" ", "_"))
    except ValueError:
        raise ValueError(f"`{text}` is no metric; there are {', '.join(f'`{each}`' for each in Metric)}") from None


def _range(text: str, what: str) -> Range | None:
    if not text:
        return None
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"`{text}` is not {what}: write a number, or two such as 3-5")
    low = float(found[1])
    return Range(low, float(found[2]) if found[2] else low)


def _efforts(cells: Mapping[str, str]) -> tuple[Effort, ...]:
    found = _range(cells.get("effort", ""), "an effort in days")
    return () if found is None else (Effort(cells.get("author") or "import", found.low, found.high),)


def _day(text: str) -> Instant | None:
    if not text:
        return None
    found = read_instant(text if "T" in text.upper() else f"{text}T00:00:00Z")
    if found is None:
        raise ValueError(f"`{text}` is no day; write it as 2026-11-30")
    return found


def _iso(text: str) -> str:
    """A quarter as people write it, `Q4 2026`, in its one form."""
    found = _QUARTER.fullmatch(text.strip())
    return f"{found[1] or found[4]}-Q{found[2] or found[3]}" if found is not None else text
