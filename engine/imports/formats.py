"""Which files Waypost can read: every module of this package with a `FORMAT` is one.

To add a format, write its module here and its row in the table of `tests/engine/test_import_formats.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import IO, TypeAlias
from zoneinfo import ZoneInfo

from engine.imports.rows import BadRow, Row

Reader: TypeAlias = Callable[[IO[bytes]], Iterator[Row | BadRow]]
"""The rows of one unpacked file, in its order. A reader is used for all files of an import, and may remember."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format of other tools' exports.

    source: the page of its documentation that the reader follows. files: what is read, for the help text.
    begin: makes the reader of one import, with the zone of times that bring none. zone: what `--zone` says of it in the
    help text; empty where all times bring theirs.
    """

    name: str
    title: str
    source: str
    files: str
    example: str
    begin: Callable[[ZoneInfo], Reader]
    zone: str = ""


@cache
def formats() -> Mapping[str, Format]:
    """Every format by its name, in the order of the alphabet."""
    package = __name__.rpartition(".")[0]
    modules = (import_module(f"{package}.{each.name}") for each in iter_modules(import_module(package).__path__))
    found = (getattr(module, "FORMAT", None) for module in modules)
    known = {each.name: each for each in found if isinstance(each, Format)}
    return MappingProxyType(dict(sorted(known.items())))
