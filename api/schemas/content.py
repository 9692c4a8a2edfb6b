"""What widgets draw, as parts of the OpenAPI document: made from the JSON Schemas beside the widgets, never copied.

Decides only how their files and definitions are named there.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Any, Final

from widgets.schemas import documents

DECISION: Final = "decision.schema.json"
PREFIX: Final = "#/components/schemas/"

CONTENT: Final = "DecisionContent"
"""The component with the content of any widget."""

WAIT: Final = "DecisionWait"
"""The component with what the browser waits for."""


def components() -> dict[str, dict[str, Any]]:
    """Every schema that a decision can hold, by the name it has under `components/schemas`."""
    members = documents()[DECISION]["properties"]
    found = {CONTENT: _rewritten(members["content"], DECISION), WAIT: _rewritten(members["wait"], DECISION)}
    declared = _declared()
    waiting = list(_targets(found))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = declared[name]
            waiting += _targets(found[name])
    return dict(sorted(found.items()))


def _declared() -> dict[str, dict[str, Any]]:
    declared: dict[str, dict[str, Any]] = {}
    for path, document in documents().items():
        own = {key: value for key, value in document.items() if key not in {"$schema", "$id", "$defs"}}
        declared[_name(path, "")] = _rewritten(own, path)
        for key, part in document.get("$defs", {}).items():
            declared[_name(path, f"/$defs/{key}")] = _rewritten(part, path)
    return declared


def _rewritten(schema: Any, path: str) -> Any:
    """The schema with its references, relative to the file at `path`, turned to components."""
    if isinstance(schema, list):
        return [_rewritten(one, path) for one in schema]
    if not isinstance(schema, dict):
        return schema
    turned = {key: _rewritten(value, path) for key, value in schema.items()}
    if isinstance(turned.get("$ref"), str):
        file, _, fragment = turned["$ref"].partition("#")
        turned["$ref"] = PREFIX + _name(normpath(join(dirname(path), file)) if file else path, fragment)
    return turned


def _name(path: str, fragment: str) -> str:
    """`tooltip/schema.json` is `TooltipContent`, its title; a definition in it is `TooltipContent.name`."""
    title = str(documents()[path].get("title") or path.removesuffix(".schema.json").removesuffix("/schema.json"))
    part = fragment.removeprefix("/$defs/")
    words = "".join(letter if letter.isalnum() else " " for letter in title).split()
    safe = "".join(word[0].upper() + word[1:] for word in words)
    return f"{safe}.{part}" if part else safe


def _targets(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for one in schema:
            yield from _targets(one)
    elif isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].removeprefix(PREFIX)
        for value in schema.values():
            yield from _targets(value)
