"""The kinds of sources: every module of this package with a `KIND` is one.

To add a kind, write its module here and its row in the table of `tests/engine/test_scheduled_kinds.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from engine.scheduled.reading import Kind


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its name, in the order of the alphabet."""
    modules = (import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__))
    found = [kind for module in modules if isinstance(kind := getattr(module, "KIND", None), Kind)]
    return MappingProxyType({kind.name: kind for kind in sorted(found, key=lambda each: each.name)})
