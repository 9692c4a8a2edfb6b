"""A `record` in plain English: of whom pages record what happens, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsl.explain.conditions import segment_words
from dsl.explain.guides import segment_lines
from dsl.explain.tree import Line, ended
from dsl.explain.words import listed, place_words
from dsl.nodes import Record

if TYPE_CHECKING:
    from dsl.project import RuleProject


def explain_record(record: Record, project: RuleProject) -> tuple[Line, ...]:
    """What a `record` does: the first line says of whom and where, the others what its segments are."""
    who = listed([segment_words(name, project) for name in record.segments], "or") or "everybody"
    where = listed([place_words(place, project) for place in record.places], "or")
    share = f"{record.percent:g} % of " if record.percent < 100 else ""
    text = f"Recorded, where the project's settings allow it: {share}{who}{f' at {where}' if where else ''}"
    if share:
        text += ", always the same ones"
    return (Line(ended(text), record), *segment_lines(record.segments, project))
