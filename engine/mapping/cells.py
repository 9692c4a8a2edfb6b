"""What people type into a map: one cell for each row and place, hatched as long as no evidence is linked that is here.

Decides what may be typed where, what counts as evidence, and what a cell's own name is. Where cells are kept is decided
in `engine.storage.maps`, whether their evidence is still there too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import orjson

from dsl.nodes import Journey
from dsl.values import Instant
from engine.errors import UnknownStep, WaypostError
from engine.mapping.rows import ROWS, TYPED, Row
from engine.roadmap.metrics import UnknownStage

LONGEST_TEXT: Final = 2_000
LONGEST_LINK: Final = 2_000
MOST_LINKS: Final = 20


class BadCell(WaypostError):
    """What was typed cannot be a cell of a map."""

    code = "bad_cell"


class NoSuchLink(WaypostError):
    """A cell links evidence that is not in the project."""

    code = "no_such_link"

    def __init__(self, link: str) -> None:
        super().__init__(f"there is no `{link[:200]}` in this project: link what is here, or the address of a document")


class LinkKind(StrEnum):
    """What a cell may link."""

    EVIDENCE = "evidence"
    RESPONSE = "response"
    ADDRESS = "address"


LINK_MEANS: Final = {
    LinkKind.EVIDENCE: "`evidence:12`: a piece of evidence, by its number",
    LinkKind.RESPONSE: "`response:SURVEY.QUESTION.SUBMISSION`: an answer to a survey",
    LinkKind.ADDRESS: "an `https://` address: a clip, a recording, a study kept elsewhere",
}
"""What links look like, for messages and reference pages."""


@dataclass(frozen=True, slots=True)
class Link:
    """Evidence that a cell links: `text` as it is written, `parts` what it names: a number, or survey, question and
    submission, or the address."""

    kind: LinkKind
    text: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellDraft:
    """What somebody types. A place is a step, or a stage, or neither for the whole journey; persona: blank for all.

    touchpoint: of the step, in rows that tell of each. evidence: links, see LINK_MEANS. A blank text clears the cell.
    """

    row: Row
    text: str
    stage: str = ""
    step: str = ""
    persona: str = ""
    touchpoint: str = ""
    evidence: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of the cell among those of its journey."""
        place = [self.row.value, self.stage, self.step, self.persona, self.touchpoint]
        return hashlib.sha256(orjson.dumps(place)).hexdigest()

    @property
    def where(self) -> str:
        """The cell in words, for messages."""
        place = ".".join(part for part in (self.stage or self.step, self.touchpoint) if part)
        return f"the cell `{ROWS[self.row].label}`" + (f" of `{place}`" if place else " of the whole journey")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is kept. missing: links of it whose evidence is gone, as after an erasure."""

    draft: CellDraft
    revision: int
    created: Instant
    by: str
    changed: Instant
    changed_by: str
    missing: frozenset[str] = frozenset()

    @property
    def is_hatched(self) -> bool:
        """True as long as it is an assumption: nothing that is here speaks for it."""
        return not set(self.draft.evidence) - self.missing


def checked(draft: CellDraft, journey: Journey, personas: Collection[str]) -> CellDraft:
    """The draft as it may be kept. Raises BadCell, UnknownStage, UnknownStep."""
    if draft.row not in TYPED:
        rows = ", ".join(f"`{row}`" for row in TYPED)
        raise BadCell(f"nothing is typed into the row `{draft.row}`, which is measured; it is typed into {rows}")
    draft = replace(draft, text=draft.text.strip(), touchpoint=draft.touchpoint.strip())
    if draft.stage and draft.step:
        raise BadCell("a cell belongs to a step or to a stage: leave one of them out")
    _refuse_unknown_place(draft, journey)
    if draft.persona and draft.persona not in personas:
        known = ", ".join(f"`{name}`" for name in personas) or "none"
        raise BadCell(f"there is no persona `{draft.persona[:100]}`; there are: {known}")
    if len(draft.text) > LONGEST_TEXT:
        raise BadCell(f"a cell takes {LONGEST_TEXT:,} characters, and this has {len(draft.text):,}")
    if "\x00" in draft.text or "\x00" in draft.touchpoint:
        raise BadCell("a zero character cannot be kept")
    links = tuple(dict.fromkeys(each.strip() for each in draft.evidence if each.strip()))
    if len(links) > MOST_LINKS:
        raise BadCell(f"a cell links {MOST_LINKS} pieces of evidence at most, and this has {len(links)}")
    for each in links:
        read_link(each)
    return replace(draft, evidence=links if draft.text else ())


def read_link(text: str) -> Link:
    """A link as it is written. Raises BadCell."""
    if len(text) > LONGEST_LINK or "\x00" in text:
        raise BadCell(f"a link has {LONGEST_LINK:,} characters at most, none of them a zero character")
    kind, _, rest = text.partition(":")
    if kind == LinkKind.EVIDENCE and rest.isascii() and rest.isdigit() and len(rest) < 10:
        return Link(LinkKind.EVIDENCE, text, (rest,))
    parts = tuple(rest.split(".", 2))
    if kind == LinkKind.RESPONSE and len(parts) == 3 and all(parts):
        return Link(LinkKind.RESPONSE, text, parts)
    if _is_address(text):
        return Link(LinkKind.ADDRESS, text, (text,))
    means = "; ".join(LINK_MEANS.values())
    raise BadCell(f"`{text[:100]}` links nothing; write {means}")


def own_cells(cells: Sequence[Cell], persona: str) -> tuple[Cell, ...]:
    """The cells of a map for a persona: its own, and those for everybody where it has none."""
    shown = {_place(cell): cell for cell in cells if not cell.draft.persona}
    if persona:
        shown.update({_place(cell): cell for cell in cells if cell.draft.persona == persona})
    return tuple(cell for cell in cells if shown.get(_place(cell)) is cell)


def _place(cell: Cell) -> tuple[str, ...]:
    draft = cell.draft
    return draft.row, draft.stage, draft.step, draft.touchpoint


def _refuse_unknown_place(draft: CellDraft, journey: Journey) -> None:
    name = journey.name.text
    stages = [each.name.text for each in journey.stages]
    if draft.stage and draft.stage not in stages:
        raise UnknownStage(name, draft.stage, stages)
    steps = {each.name.text: each for each in journey.steps}
    if draft.step and draft.step not in steps:
        raise UnknownStep(name, draft.step, list(steps))
    if not draft.touchpoint:
        return
    if not draft.step or not ROWS[draft.row].is_by_touchpoint:
        rows = ", ".join(f"`{row}`" for row, spec in ROWS.items() if spec.is_by_touchpoint)
        raise BadCell(f"a cell of one touchpoint belongs to a step, in one of the rows {rows}")
    declared = [each.text.value for each in steps[draft.step].touchpoints]
    if draft.touchpoint not in declared:
        known = ", ".join(f"`{each}`" for each in declared) or "none"
        raise BadCell(f"the step `{draft.step}` has no touchpoint `{draft.touchpoint[:100]}`; it has {known}")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(each.isspace() for each in text)
