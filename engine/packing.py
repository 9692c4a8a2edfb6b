"""Parts of a state as JSON objects, by functions that are made once for each kind from its fields.

To walk over the fields of a dataclass each time takes five times as long, and a batch has hundreds of parts. The text
of a function is made of the names of fields alone, which are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, Final, TypeAlias

Packer: TypeAlias = Callable[[Any], dict[str, Any]]


def telling_all(kind: type[Any], parts: Mapping[str, Packer] = {}) -> Packer:
    """All members of a part, in their order. parts: how members that hold other parts by name are packed."""
    told = ", ".join(f'"{each.name}": {_value(each.name, parts)}' for each in fields(kind))
    return _made(f"    return {{{told}}}", {f"_pack_{name}": pack for name, pack in parts.items()})


def telling_news(kind: type[Any], parts: Mapping[str, Packer] = {}) -> Packer:
    """The members that differ from their default."""
    lines = ["    told = {}"]
    known: dict[str, Any] = {f"_pack_{name}": pack for name, pack in parts.items()}
    for each in fields(kind):
        default = each.default_factory() if each.default_factory is not MISSING else each.default
        known[f"_default_{each.name}"] = default
        told = f'told["{each.name}"] = {_value(each.name, parts)}'
        lines.append(f"    {_condition(each, default)}{told}")
    return _made("\n".join([*lines, "    return told"]), known)


def _condition(member: Field[Any], default: object) -> str:
    if default is MISSING:
        return ""
    return f"if part.{member.name} " + ("is not None: " if default is None else f"!= _default_{member.name}: ")


def _value(name: str, parts: Mapping[str, Packer]) -> str:
    own = f"part.{name}"
    return f"{{key: _pack_{name}(each) for key, each in {own}.items()}}" if name in parts else own


def _made(body: str, known: dict[str, Any]) -> Packer:
    names: Final = dict(known)
    exec(f"def packed(part):\n{body}\n", names)  # noqa: S102  (see the module's docstring)
    made: Packer = names["packed"]
    return made
