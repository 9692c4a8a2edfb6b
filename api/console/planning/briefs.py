"""Items of the roadmap as the page's modules in the browser take them, and as dialogs are filled with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for

from api.console.desk import Desk
from engine.roadmap.board import Line
from engine.roadmap.items import ItemDraft
from engine.roadmap.quadrants import Range


def brief(line: Line, desk: Desk) -> dict[str, Any]:
    """What moving an item takes: its revision, its estimates with whose they are, where it is changed."""
    item, draft = line.item, line.item.draft
    return {
        "id": item.id,
        "revision": item.revision,
        "title": draft.title,
        "send": url_for("roadmap.change_item", item_id=item.id),
        "override": url_for("roadmap.override", item_id=item.id),
        "page": desk.url("roadmap", item=item.id),
        "status": draft.status.value,
        "timebox": None if draft.timebox is None else str(draft.timebox),
        "effort": _range(line.effort),
        "impact": _range(line.impact),
        "efforts": [{"by": each.by, "low": each.low, "high": each.high} for each in draft.efforts],
        "mine": desk.caller.actor,
    }


def quick_fill(line: Line, desk: Desk) -> dict[str, Any]:
    """What the short form of an item is filled with."""
    draft = line.item.draft
    own = own_effort(draft, desk.caller.actor)
    values: Mapping[str, Any] = {
        "@send": url_for("roadmap.change_item", item_id=line.item.id),
        "@of": draft.title,
        "revision": line.item.revision,
        "title": draft.title,
        "status": draft.status.value,
        "timebox": None if draft.timebox is None else str(draft.timebox),
        "sprint": draft.sprint,
        "owner": draft.owner,
        "others": others_efforts(draft, desk.caller.actor),
        "low": None if own is None else _short(own[0]),
        "high": None if own is None else _short(own[1]),
    }
    return {name: "" if value is None else value for name, value in values.items()}


def own_effort(draft: ItemDraft, actor: str) -> tuple[float, float] | None:
    """What the one who looks estimated."""
    return next(((each.low, each.high) for each in draft.efforts if each.by == actor), None)


def others_efforts(draft: ItemDraft, actor: str) -> list[dict[str, Any]]:
    """What the others estimated: it is sent again as it is with one's own."""
    return [{"by": each.by, "low": each.low, "high": each.high} for each in draft.efforts if each.by != actor]


def _range(found: Range | None) -> dict[str, float] | None:
    return None if found is None else {"low": found.low, "high": found.high, "middle": found.middle}


def _short(value: float) -> str:
    return f"{value:g}"
