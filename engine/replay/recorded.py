"""What rrweb records, as far as it may be kept: which events there are, and what a page is made of.

Decides what is taken for a recording at all. Pictures of canvases, fonts, consoles, and whatever plug-ins add are not.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

from dsl.values import JsonValue
from engine.replay.errors import BadReplay

MOST_EVENTS: Final = 20_000
"""Events of one part."""
MOST_ELEMENTS: Final = 20_000
"""Elements of one picture of a page; pages themselves stop at 15,000."""
MOST_NODES: Final = 80_000
LARGEST_SIZE: Final = 20_000
"""Pixels of a window, across or down."""
_MOST_MILLISECONDS: Final = 10**14


class Kind(IntEnum):
    """The kinds of events that are kept, by rrweb's numbers."""

    LOADED_CONTENT = 0
    LOADED = 1
    FULL = 2
    CHANGE = 3
    META = 4
    CUSTOM = 5


KEPT_CHANGES: Final = frozenset({0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15, 16})
"""rrweb's sources of changes that are kept: all but canvases (9), fonts (10) and consoles (11)."""
_KINDS: Final = frozenset(Kind)
_NODES: Final = range(6)


def check_recorded(events: JsonValue) -> list[dict[str, Any]]:
    """The events of a part. Raises BadReplay, which says where what is wrong."""
    if not isinstance(events, list) or not events:
        raise BadReplay("`events` must be a list of what rrweb recorded, with one at least")
    if len(events) > MOST_EVENTS:
        raise BadReplay(f"`events` has {len(events):,} entries; a part has at most {MOST_EVENTS:,}")
    found: list[dict[str, Any]] = []
    for index, event in enumerate(events):
        found.append(_checked(event, f"events[{index}]"))
    return found


def _checked(event: JsonValue, where: str) -> dict[str, Any]:
    if not isinstance(event, dict):
        raise BadReplay(f"`{where}` must be an object")
    kind, time, data = event.get("type"), event.get("timestamp"), event.get("data")
    if type(kind) is not int or kind not in _KINDS:
        raise BadReplay(f"`{where}.type` is not a kind of event that is kept: {', '.join(str(int(k)) for k in Kind)}")
    if type(time) not in (int, float) or not 0 < float(str(time)) < _MOST_MILLISECONDS:
        raise BadReplay(f"`{where}.timestamp` must be in milliseconds since 1970")
    if kind > Kind.LOADED and not isinstance(data, dict):
        raise BadReplay(f"`{where}.data` must be an object")
    if extra := event.keys() - {"type", "timestamp", "data", "delay"}:
        raise BadReplay(f"`{where}` has a member that events do not have: `{sorted(extra)[0][:80]}`")
    if isinstance(data, dict):
        _check_data(Kind(kind), data, f"{where}.data")
    return event


def _check_data(kind: Kind, data: dict[str, Any], where: str) -> None:
    if kind is Kind.META:
        _check_view(data, where)
    elif kind is Kind.FULL:
        _check_page(data.get("node"), f"{where}.node")
    elif kind is Kind.CHANGE:
        source = data.get("source")
        if type(source) is not int or source not in KEPT_CHANGES:
            raise BadReplay(f"`{where}.source` is not a change that is kept: no canvases, fonts or consoles")
        added = (data.get("adds") or []) if source == 0 else []
        if not isinstance(added, list):
            raise BadReplay(f"`{where}.adds` must be a list of what was added to the page")
        for index, each in enumerate(added):
            _check_page(each.get("node") if isinstance(each, dict) else None, f"{where}.adds[{index}].node")
    elif kind is Kind.CUSTOM and not isinstance(data.get("tag"), str):
        raise BadReplay(f"`{where}.tag` must be a text")


def _check_view(data: dict[str, Any], where: str) -> None:
    sizes = [data.get(name) for name in ("width", "height")]
    if not isinstance(data.get("href"), str) or not all(
        type(size) in (int, float) and 0 <= float(str(size)) <= LARGEST_SIZE for size in sizes
    ):
        raise BadReplay(f"`{where}` needs `href`, and `width` and `height` from 0 to {LARGEST_SIZE:,}")


def _check_page(node: JsonValue, where: str) -> None:
    waiting: list[Any] = [node]
    nodes = elements = 0
    while waiting:
        each = waiting.pop()
        if not isinstance(each, dict) or type(each.get("type")) is not int or each["type"] not in _NODES:
            raise BadReplay(f"`{where}` is not a page as rrweb records it")
        nodes += 1
        elements += each["type"] == 2
        attributes, children = each.get("attributes", {}), each.get("childNodes", [])
        if not isinstance(attributes, dict) or not isinstance(children, list):
            raise BadReplay(f"`{where}` has an element whose `attributes` or `childNodes` are none")
        if elements > MOST_ELEMENTS or nodes > MOST_NODES:
            raise BadReplay(f"`{where}` has more than {MOST_ELEMENTS:,} elements: such pages are not recorded")
        waiting.extend(children)
