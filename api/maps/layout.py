"""The layout of a journey map: where each row and column lies, as one large picture or as pages to print.

One model for all pictures. A map is cut into bands, one for each row; a page takes as many columns as fit side by side,
and as many bands as fit below the head, which every page repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from api.maps import blocks
from api.maps.blocks import INK, PAPER, QUIET, RULE, SHADE, Block
from api.maps.curve import Column, curve
from api.maps.scene import Path, Rect, Scene, Shape, Text, moved
from dsl.values import format_instant
from engine.mapping.comparing import FigureCompared, MapComparison, StepCompared
from engine.mapping.model import JourneyMap, MapLine, StepOnMap
from engine.mapping.rows import ROWS, Row
from engine.roadmap.metrics import METRICS
from engine.roadmap.outcomes import Verdict
from engine.roadmap.review import spelled

LABEL: Final = 124.0
COLUMN: Final = 214.0
PAD: Final = 9.0
MOST_ITEMS: Final = 9
"""Lines of one cell; how many more there are is said."""
MOST_RELEASES: Final = 8
"""How many of the latest releases, and of the latest publications of rules, the legend names."""
_STAGE: Final = 24.0
_STEP: Final = 50.0


@dataclass(frozen=True, slots=True)
class Band:
    """A row of the picture as it is drawn, from its own upper edge."""

    height: float
    shapes: tuple[Shape, ...]


def poster(found: JourneyMap | MapComparison) -> Scene:
    """The whole map as one picture."""
    sheet = _Sheet(_shown(found), found if isinstance(found, MapComparison) else None, _shown(found).steps)
    bands = [sheet.title(), sheet.head(), *sheet.rows(), sheet.legend()]
    return _scene(sheet, bands)


def pages(found: JourneyMap | MapComparison, room: tuple[float, float]) -> list[Scene]:
    """The map as pages that are as wide and high as the room at most, but for a row that is higher than a page."""
    wide, high = room
    drawn, beside = _shown(found), found if isinstance(found, MapComparison) else None
    across = max(1, int((wide - LABEL) // COLUMN))
    made: list[Scene] = []
    for first in range(0, max(1, len(drawn.steps)), across):
        sheet = _Sheet(drawn, beside, drawn.steps[first : first + across])
        top = [sheet.title(), sheet.head()]
        taken = sum(band.height for band in top)
        page: list[Band] = []
        for band in [*sheet.rows(), sheet.legend()]:
            if page and taken + sum(each.height for each in page) + band.height > high:
                made.append(_scene(sheet, [*top, *page]))
                page = []
            page.append(band)
        made.append(_scene(sheet, [*top, *page]))
    return made


def title_of(found: JourneyMap | MapComparison) -> str:
    """What the map is of."""
    drawn = _shown(found)
    told = f"{drawn.label}: {drawn.persona_label}"
    return told if isinstance(found, JourneyMap) else f"{told}, beside {beside_what(found)}"


def preface_of(found: JourneyMap | MapComparison) -> str:
    """Of what period, drawn when, who is left out."""
    drawn = _shown(found)
    told = f"{_days(drawn)}, drawn {format_instant(drawn.made)[:16].replace('T', ' ')} UTC"
    if drawn.taken is not None:
        told += f", snapshot {drawn.taken.id}" + (f" of {drawn.taken.quarter}" if drawn.taken.quarter else "")
    left_out = ", ".join(drawn.left_out)
    return told + (f". Left out: {left_out}." if left_out else ". Nobody is left out.")


def beside_what(found: MapComparison) -> str:
    """What a map is compared with, in a few words."""
    other = found.other
    if other.taken is not None:
        return f"snapshot {other.taken.id}" + (f" of {other.taken.quarter}" if other.taken.quarter else "")
    if other.persona != found.map.persona:
        return other.persona_label
    return _days(other)


def compared_lines(step: StepCompared) -> list[str]:
    """Each metric of a step on both maps, in one line."""
    if not step.figures:
        return ["only on one of the two maps"]
    return [told for each in step.figures if (told := _figure_in_words(each))] or ["not enough people to compare"]


def _figure_in_words(each: FigureCompared) -> str:
    """One metric on both maps; the unit is said once."""
    unit = METRICS[each.metric].unit
    if each.value.value is None and each.other.value is None:
        return ""
    now, then = (spelled(one.value, unit).removesuffix(f" {unit}") for one in (each.value, each.other))
    told = f"{each.metric.value.replace('_', ' ')}: {now} beside {then}"
    if each.difference is None:
        return told
    moved_by = spelled(each.difference, unit, True).removesuffix(f" {unit}")
    if each.interval is not None:
        ends = (spelled(end, unit, True) for end in (each.interval.low, each.interval.high))
        low, high = (end.removesuffix(f" {unit}").removesuffix(" points") for end in ends)
        moved_by += f" ({low} to {high})"
    return f"{told}, {moved_by}: {_verdict(each.verdict)}"


def _verdict(verdict: Verdict) -> str:
    said = {Verdict.IMPROVED: "better", Verdict.WORSENED: "worse", Verdict.NO_CLEAR_CHANGE: "no clear difference"}
    return said.get(verdict, verdict.value)


def _days(drawn: JourneyMap) -> str:
    begin, end = (format_instant(each)[:10] for each in (drawn.period.begin, drawn.period.end))
    return f"{begin} to {end}"


def _shown(found: JourneyMap | MapComparison) -> JourneyMap:
    return found if isinstance(found, JourneyMap) else found.map


def _scene(sheet: _Sheet, bands: Sequence[Band]) -> Scene:
    shapes: list[Shape] = []
    y = 0.0
    for band in bands:
        shapes += moved(band.shapes, 0, y)
        y += band.height
    description = f"{preface_of(sheet.found)} Rows: {', '.join(spec.label for spec in ROWS.values())}."
    return Scene(sheet.width, y, title_of(sheet.found), description, tuple(shapes))


class _Sheet:
    """Some columns of a map, band by band."""

    def __init__(self, drawn: JourneyMap, beside: MapComparison | None, steps: Sequence[StepOnMap]) -> None:
        self.drawn = drawn
        self.beside = beside
        self.steps = steps
        self.width = LABEL + COLUMN * max(1, len(steps))
        names = {step.step for step in steps}
        self.stages = [
            (stage, [step for step in steps if step.step in stage.steps])
            for stage in drawn.stages
            if names & set(stage.steps)
        ]

    @property
    def found(self) -> JourneyMap | MapComparison:
        """What the sheet is of."""
        return self.drawn if self.beside is None else self.beside

    def title(self) -> Band:
        """The title, of what it is, and how old."""
        title = blocks.paragraph(title_of(self.found), self.width - 2 * PAD, bold=True, size=17, most=2)
        preface = blocks.paragraph(preface_of(self.found), self.width - 2 * PAD, fill=QUIET, size=10, most=3)
        content = blocks.stacked([title, preface], gap=3)
        return Band(content.height + 2 * PAD, tuple(moved(content.shapes, PAD, PAD)))

    def head(self) -> Band:
        """Stages with their letter and colour, and below them the steps."""
        shapes: list[Shape] = []
        for stage, steps in self.stages:
            x, width = self._x(steps[0]), COLUMN * len(steps)
            shapes.append(Rect(x + 1, 0, width - 2, _STAGE - 2, stage.mark.colour, "", 3))
            label = blocks.fitting(stage.mark.name, width - 2 * PAD, 11, bold=True)
            shapes.append(Text(x + PAD, 15.5, label, 11, PAPER, True))
        for step in self.steps:
            shapes += self._step_head(step)
        return Band(_STAGE + _STEP, tuple(shapes))

    def rows(self) -> list[Band]:
        """The rows of the map, those without anything on any sheet left out."""
        shown = [row for row in Row if row is Row.EMOTION or self._is_used(row)]
        made = [band for row in shown for band in self._row(row)]
        if self.beside is not None:
            made.insert(0, self._compared_row())
        return made

    def legend(self) -> Band:
        """What the signs mean."""
        text = (
            "Hatched: typed in, no evidence linked that is here. Every figure has its n, and its 95 % interval in "
            "brackets. Flags: releases that touched a step. Stale: released since somebody last looked."
        )
        if self.drawn.releases:
            named = [
                f"{each.version} ({format_instant(each.at)[:10]})" for each in self.drawn.releases[-MOST_RELEASES:]
            ]
            text += f" Releases of the period: {', '.join(named)}."
        if self.drawn.publications:
            named = [
                f"{each.version} ({format_instant(each.at)[:10]})" for each in self.drawn.publications[-MOST_RELEASES:]
            ]
            text += f" Rules published in the period: {', '.join(named)}."
        if self.beside is not None:
            text += " Dashed curve: what the map is compared with; two personas that share people are no independent "
            text += "samples."
        told = blocks.paragraph(text, self.width - 2 * PAD, fill=QUIET, size=9, most=6)
        return Band(told.height + 2 * PAD, tuple(moved(told.shapes, PAD, PAD)))

    def _x(self, step: StepOnMap) -> float:
        return LABEL + COLUMN * list(self.steps).index(step)

    def _colour(self, step: StepOnMap) -> str:
        return next((stage.mark.colour for stage, steps in self.stages if step in steps), INK)

    def _step_head(self, step: StepOnMap) -> list[Shape]:
        x, width = self._x(step), COLUMN - 2 * PAD
        fill = blocks.STALE_FILL if step.is_stale else SHADE
        shapes: list[Shape] = [Rect(x + 1, _STAGE, COLUMN - 2, _STEP - 2, fill, "", 3)]
        wide, mark = blocks.badge(step.name, fill=self._colour(step), ink=PAPER)
        shapes += moved(mark.shapes, x + PAD, _STAGE + 6)
        label = blocks.fitting(step.label, width - wide - 6, 12, bold=True)
        shapes.append(Text(x + PAD + wide + 6, _STAGE + 18.5, label, 12, INK, True))
        told, ink = self._looked(step)
        shapes.append(Text(x + PAD, _STAGE + 38, blocks.fitting(told, width, 9), 9, ink))
        return shapes

    @staticmethod
    def _looked(step: StepOnMap) -> tuple[str, str]:
        if step.stale:
            last = step.stale[-1]
            more = f" and {len(step.stale) - 1} more" if len(step.stale) > 1 else ""
            return f"stale: {last.version}{more} since {format_instant(step.stale[0].at)[:10]}", blocks.STALE
        if step.look is None:
            return "nobody has looked at it yet", QUIET
        return f"looked at {format_instant(step.look.at)[:10]} by {step.look.by}", QUIET

    def _is_used(self, row: Row) -> bool:
        drawn = self.drawn
        places = (drawn.lines, *(stage.lines for stage in drawn.stages), *(step.lines for step in drawn.steps))
        return any(lines.get(row) for lines in places)

    def _row(self, row: Row) -> list[Band]:
        parts: list[Block] = []
        whole = self.drawn.lines.get(row, ())
        if whole:
            parts.append(self._across([(LABEL, self.width - LABEL, whole)]))
        told = [(self._x(steps[0]), COLUMN * len(steps), stage.lines.get(row, ())) for stage, steps in self.stages]
        if any(lines for _, _, lines in told):
            parts.append(self._across(told))
        spanning = sum(part.height + PAD for part in parts)
        if row is Row.EMOTION:
            parts.append(self._curve())
        if any(step.lines.get(row) for step in self.steps) or not parts:
            parts.append(self._across([(self._x(step), COLUMN, step.lines.get(row, ())) for step in self.steps]))
        return [self._band(ROWS[row].label, blocks.stacked(parts, gap=PAD), ruled_from=spanning)]

    def _compared_row(self) -> Band:
        assert self.beside is not None  # noqa: S101
        by_step = {each.step: each for each in self.beside.steps}
        cells = []
        for step in self.steps:
            lines = compared_lines(by_step[step.step]) if step.step in by_step else []
            cells.append((self._x(step), blocks.stacked(blocks.paragraph(each, COLUMN - 2 * PAD) for each in lines)))
        return self._band(f"Beside {beside_what(self.beside)}", _beside(cells))

    def _across(self, cells: Sequence[tuple[float, float, Sequence[MapLine]]]) -> Block:
        return _beside([(x, _cell(lines, width - 2 * PAD)) for x, width, lines in cells if lines])

    def _curve(self) -> Block:
        others: Callable[[str], StepOnMap | None] = (lambda _: None) if self.beside is None else self.beside.other.step
        columns = [
            Column(step, COLUMN * (number + 0.5), COLUMN, self._colour(step), others(step.step))
            for number, step in enumerate(self.steps)
        ]
        drawn = curve(columns, self.width - LABEL)
        return Block(drawn.height, tuple(moved(drawn.shapes, LABEL, 0)))

    def _band(self, label: str, content: Block, *, ruled_from: float = 0) -> Band:
        """A row with its label, and the lines that divide it: columns only below what spans several of them."""
        name = blocks.paragraph(label, LABEL - 2 * PAD, bold=True)
        height = max(content.height, name.height) + 2 * PAD
        shapes: list[Shape] = [Rect(0, 0, LABEL - 1, height - 1, SHADE)]
        shapes += moved(name.shapes, PAD, PAD)
        shapes += [
            Path(((LABEL + COLUMN * number, ruled_from), (LABEL + COLUMN * number, height)), RULE)
            for number in range(1, len(self.steps))
        ]
        shapes += moved(content.shapes, 0, PAD)
        shapes.append(Path(((0, height - 0.5), (self.width, height - 0.5)), RULE))
        return Band(height, tuple(shapes))


def _cell(lines: Sequence[MapLine], width: float) -> Block:
    shown = [blocks.line_block(line, width) for line in lines[:MOST_ITEMS]]
    more = len(lines) - len(shown)
    if more > 0:
        shown.append(blocks.paragraph(f"… and {more} more", width, fill=QUIET))
    return blocks.stacked(shown)


def _beside(cells: Sequence[tuple[float, Block]]) -> Block:
    """Cells side by side, each at its x."""
    shapes = [shape for x, block in cells for shape in moved(block.shapes, x + PAD, 0)]
    return Block(max((block.height for _, block in cells), default=0), tuple(shapes))
