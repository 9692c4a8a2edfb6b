"""Roadmap: the impact × effort matrix, the board, the intake, themes, imports, and what became of what was launched."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from flask import Response

from api.analyses import as_file
from api.console.desk import Desk
from api.console.planning import columns, items, matrix, themes
from api.console.planning.choices import said_of, text_file
from api.console.registry import Group, Page
from api.planning import planner
from engine.permissions import Scope
from engine.roadmap.board import Board
from engine.roadmap.items import ItemStatus, NoSuchItem, missing_of
from engine.roadmap.outcomes import Outcome
from engine.roadmap.review import verdict_in_words
from engine.roadmap.sheets import ISSUE_COLUMNS, issue_rows, markdown_of
from engine.roadmap.tables import (
    AUDIT_COLUMNS,
    ITEM_COLUMNS,
    OUTCOME_COLUMNS,
    THEME_COLUMNS,
    audit_rows,
    item_rows,
    outcome_rows,
    theme_rows,
)


class Part(StrEnum):
    """The parts of the page."""

    MATRIX = "matrix"
    BOARD = "board"
    INTAKE = "intake"
    THEMES = "themes"
    LAUNCHED = "launched"
    EXCHANGE = "exchange"


LABELS: Final[Mapping[Part, str]] = {
    Part.MATRIX: "Impact × effort",
    Part.BOARD: "Board",
    Part.INTAKE: "Intake",
    Part.THEMES: "Themes",
    Part.LAUNCHED: "After launch",
    Part.EXCHANGE: "Import and export",
}


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Roadmap shows."""
    board = planner().board(desk.project.id, desk.rules, desk.whose)
    part = Part(said_of(desk, "view", [each.value for each in Part]) or _part_of(desk))
    file = _file(desk, board, part)
    if file is not None:
        return file
    shared = {
        "board": board,
        "part_shown": part,
        "tabs": _tabs(desk, board, part),
        "left_out": desk.whose.left_out,
        **items.form(board, desk),
    }
    number = desk.number("item")
    if number is not None:
        line = next((each for each in board.lines if each.item.id == number), None)
        if line is None:
            raise NoSuchItem(number)
        return {**shared, **items.show(line, desk)}
    return {**shared, **_shown(desk, board, part)}


def _part_of(desk: Desk) -> Part:
    """Where an address without a part leads: one that names a theme, to the themes."""
    return Part.THEMES if desk.said.get("theme") else Part.MATRIX


def _shown(desk: Desk, board: Board, part: Part) -> dict[str, Any]:
    """What a part shows."""
    match part:
        case Part.MATRIX:
            return matrix.show(board, desk)
        case Part.BOARD:
            by = said_of(desk, "by", [each.value for each in columns.Columns])
            return columns.show(board, desk, columns.Columns(by or columns.Columns.TIMEBOX))
        case Part.INTAKE:
            return _intake(board, desk)
        case Part.THEMES:
            return themes.show(board, desk)
        case Part.LAUNCHED:
            found = _outcomes(desk)
            return {"outcomes": found, "told": _launched(found), "in_words": verdict_in_words}
        case Part.EXCHANGE:
            return {"audit": planner().audit(desk.project.id, desk.rules, desk.whose)}


def _intake(board: Board, desk: Desk) -> dict[str, Any]:
    requests = [line for line in board.lines if line.item.draft.status is ItemStatus.REQUESTED]
    requests.sort(key=lambda line: (bool(line.missing), -(0.0 if line.impact is None else line.impact.middle)))
    ready = sum(not missing_of(line.item.draft) for line in requests)
    told = (
        f"{len(requests)} requests; {ready} of them have a step and evidence and can be scheduled."
        if requests
        else "No request waits."
    )
    return {"cards": [columns.card(line, desk) for line in requests], "told": told}


def _outcomes(desk: Desk) -> tuple[Outcome, ...]:
    return planner().outcomes(desk.project.id, desk.rules, planner().items(desk.project.id), desk.whose)


def _launched(found: tuple[Outcome, ...]) -> str:
    lifted = sum(each.lift is not None for each in found)
    if not found:
        return "Nothing is launched yet."
    number = len(found)
    return (
        f"{number} item{'' if number == 1 else 's'} launched; {lifted or 'none'} of them by a guide with a holdout, "
        "which alone says what it did itself. Before and after is no cause."
    )


def _tabs(desk: Desk, board: Board, part: Part) -> list[dict[str, Any]]:
    counts = {
        Part.INTAKE: sum(line.item.draft.status is ItemStatus.REQUESTED for line in board.lines),
        Part.THEMES: len(board.themes),
        Part.LAUNCHED: sum(line.item.draft.launched is not None for line in board.lines),
    }
    return [
        {
            "label": LABELS[each],
            "href": desk.url("roadmap", view=None if each is Part.MATRIX else each.value),
            "current": each is part,
            **({"count": counts[each]} if each in counts else {}),
        }
        for each in Part
    ]


def _file(desk: Desk, board: Board, part: Part) -> Response | None:
    """The file that was asked for instead of the page."""
    match desk.said.get("format"):
        case "csv":
            return _table(desk, board, part)
        case "issues":
            return as_file(issue_rows(board.lines), list(ISSUE_COLUMNS), "csv", name="issues")
        case "markdown":
            return text_file(markdown_of(board), "roadmap.md")
        case _:
            return None


def _table(desk: Desk, board: Board, part: Part) -> Response:
    if part is Part.THEMES:
        return as_file(theme_rows(board.themes), list(THEME_COLUMNS), "csv", name="themes")
    if part is Part.LAUNCHED:
        return as_file(outcome_rows(_outcomes(desk)), list(OUTCOME_COLUMNS), "csv", name="outcomes")
    if part is Part.EXCHANGE:
        found = planner().audit(desk.project.id, desk.rules, desk.whose)
        return as_file(audit_rows(found), list(AUDIT_COLUMNS), "csv", name="audit")
    if part is Part.INTAKE:
        waiting = [line for line in board.lines if line.item.draft.status is ItemStatus.REQUESTED]
        return as_file(item_rows(waiting), list(ITEM_COLUMNS), "csv", name="intake")
    return as_file(item_rows(board.lines), list(ITEM_COLUMNS), "csv", name="roadmap")


PAGE = Page(
    "roadmap",
    "roadmap",
    "Roadmap",
    "What is done about it, and when.",
    Group.PLAN,
    Scope.RECORDS_READ,
    view,
    key="b",
    shareable=True,
)
