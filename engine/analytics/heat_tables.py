"""Heat maps as flat rows, the same for CSV, Parquet and data frames: one table for each part of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from engine.analytics.comparing import Share
from engine.analytics.heat import BINS, ElementHeat

if TYPE_CHECKING:
    from engine.heat import Heat, HeatOfGroup, KnownPages


class Part(StrEnum):
    """A table."""

    ELEMENTS = "elements"
    SPOTS = "spots"
    SCROLL = "scroll"
    FIELDS = "fields"


_GROUP: Final = "of a breakdown: a persona, a device, or the first day of a day or week; blank without one"


def _share_columns(name: str, of: str) -> dict[str, str]:
    return {
        f"{name}share": f"of {of}; blank below five",
        f"{name}low": "low end of its 95 % interval",
        f"{name}high": "high end of it",
    }


COLUMNS: Final[Mapping[Part, Mapping[str, str]]] = {
    Part.ELEMENTS: {
        "group": _GROUP,
        "kind": "`clicks`, `rage`, `dead` or `errors`",
        "selector": "of the element",
        "count": "how often",
        "people": "by how many people",
        "of_people": "people who saw the page; of clicks, those of whom clicks were gathered",
        **_share_columns("", "these people"),
        "views": "in how many views of the page",
        "of_views": "views of the page; of clicks, those in which clicks were gathered",
        **_share_columns("views_", "these views"),
    },
    Part.SPOTS: {
        "group": _GROUP,
        "selector": "of the element",
        "column": f"of {BINS} from the element's left edge, from 1",
        "row": f"of {BINS} from its top edge, from 1",
        "clicks": "how many fell there",
    },
    Part.SCROLL: {
        "group": _GROUP,
        "depth": "percent of the page",
        "views": "in how many views it was seen so far down",
        "of_views": "views of which it is known",
        **_share_columns("", "these views"),
        "people": "by how many people",
        "is_above_fold": "whether a half of the views showed it without scrolling",
    },
    Part.FIELDS: {
        "group": _GROUP,
        "form": "the form that was given up; blank where nobody gave one up with this field",
        "place": "of the field in the order of the form, from 1",
        "selector": "of the field",
        "hesitations": "how often somebody waited long before the first change",
        "hesitated": "how many people did",
        **_share_columns("hesitated_", "the people who saw the page"),
        "median_seconds": "a half of the hesitations took at most so long; blank below five",
        "ninth_decile_seconds": "nine of ten of them",
        "reentries": "how often it was corrected",
        "reentered": "by how many people",
        **_share_columns("reentered_", "the people who saw the page"),
        "entered": "of the times that the form was given up, in how many it had been come to",
        "reached": "of these, how many had not ended at an earlier field",
        "gave_up": "of these, how many ended at this one",
        **_share_columns("gave_up_", "those that had not ended before"),
        "gave_up_people": "people who ended at this one",
        "left_share": "of the times that the form was given up, how many went on to a later field",
    },
}
"""The columns of each part, with what they mean."""

PAGE_COLUMNS: Final[Mapping[str, str]] = {
    "kind": "`touchpoint` of a step, or `path` that was seen",
    "page": "the pattern, or the path",
    "journey": "of the step",
    "step": "whose touchpoint it is",
    "label": "of the step",
    "views": "page views",
    "people": "who were there",
    "gathered": "whether clicks or scroll depths were told of it",
}
"""The columns of the list of pages, with what they mean."""


def heat_rows(answer: Heat, part: Part) -> list[dict[str, Any]]:
    """The rows of a part, with the keys of its columns."""
    columns = COLUMNS[part]
    return [dict(zip(columns, (found.group, *row), strict=True)) for found in answer.maps for row in _ROWS[part](found)]


def page_rows(answer: KnownPages) -> list[dict[str, Any]]:
    """The rows of the list of pages."""
    told: list[tuple[Any, ...]] = [
        ("touchpoint", each.page, each.journey, each.step, each.label, None, None, None) for each in answer.touchpoints
    ]
    told += [
        ("path", each.path, None, None, None, each.seen.views, each.seen.people, each.gathered) for each in answer.paths
    ]
    return [dict(zip(PAGE_COLUMNS, row, strict=True)) for row in told]


def _told(share: Share) -> tuple[float | None, float | None, float | None]:
    interval = share.interval
    return (share.value, None, None) if interval is None else (share.value, interval.low, interval.high)


def _elements(found: HeatOfGroup) -> Iterator[tuple[Any, ...]]:
    for each in found.page.elements:
        yield (each.kind.value, each.selector, each.count, *_of(each.of_people), *_of(each.of_views))


def _of(share: Share) -> tuple[Any, ...]:
    return (share.count, share.n, *_told(share))


def _spots(found: HeatOfGroup) -> Iterator[tuple[Any, ...]]:
    clicked: Iterator[ElementHeat] = (each for each in found.page.elements if each.spots)
    for each in clicked:
        for (column, row), clicks in each.spots.items():
            yield (each.selector, column + 1, row + 1, clicks)


def _scroll(found: HeatOfGroup) -> Iterator[tuple[Any, ...]]:
    scroll = found.page.scroll
    for each in scroll.curve:
        above = None if scroll.fold is None else each.depth <= scroll.fold
        yield (each.depth, *_of(each.of_views), each.people, above)


def _fields(found: HeatOfGroup) -> Iterator[tuple[Any, ...]]:
    for each in found.forms.fields:
        known = each.form is not None
        yield (
            *(each.form, each.place, each.selector),
            *(each.hesitations, each.hesitated.count, *_told(each.hesitated), each.median, each.ninth),
            *(each.reentries, each.reentered.count, *_told(each.reentered)),
            *((each.entered, each.gave_up.n, each.gave_up.count) if known else (None, None, None)),
            *_told(each.gave_up),
            each.gave_up_people if known else None,
            each.left,
        )


_ROWS: Final[Mapping[Part, Callable[[HeatOfGroup], Iterator[tuple[Any, ...]]]]] = {
    Part.ELEMENTS: _elements,
    Part.SPOTS: _spots,
    Part.SCROLL: _scroll,
    Part.FIELDS: _fields,
}
