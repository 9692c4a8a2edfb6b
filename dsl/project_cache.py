"""Checked projects kept on disk, so that a start with the same rules need not read and check them again.

A stored project is found by the hash of everything that it was made of: the texts, what live data has shown, the time
zone, and this program itself. Only trees of `dsl.nodes` and values are stored and only such are ever made of a stored
file; one that is broken, or that somebody else may have written, is as good as none. Nothing fails where the folder
cannot be written.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final

import dsl
import widgets.registry
from dsl.catalog import Seen
from dsl.diagnostics import Diagnostic
from dsl.garbage import nothing_collected
from dsl.nodes import Program
from dsl.project import RuleProject, assembled, load

MOST_KEPT: Final = 8
"""How many projects one folder keeps; the ones that were stored first are removed."""
_OUR_MODULES: Final = ("dsl.nodes", "dsl.diagnostics", "dsl.values")
_ENDING: Final = ".rules"


def load_kept(files: Mapping[str, str], *, folder: Path, seen: Seen, zone: str) -> RuleProject:
    """What `load` gives, from the folder if it was stored there; a project without errors is stored."""
    file = folder / f"{_key(files, seen, zone)}{_ENDING}"
    kept = _read(file)
    if kept is not None:
        programs, diagnostics = kept
        project = assembled(programs, files, seen=seen, at=None, zone=zone)
        return replace(project, diagnostics=diagnostics)
    project = load(files, seen=seen, zone=zone)
    if project.ok:
        _store(file, (dict(project.programs), project.diagnostics))
    return project


def _key(files: Mapping[str, str], seen: Seen, zone: str) -> str:
    content = (_fingerprint(), list(files.items()), zone, repr(seen))
    return hashlib.sha256(repr(content).encode("utf-8", "backslashreplace")).hexdigest()[:32]


@cache
def _fingerprint() -> str:
    """Changes with Python and with any file of the language."""
    sources = [Path(widgets.registry.__file__)]
    for folder in dsl.__path__:
        sources += [*Path(folder).rglob("*.py"), *Path(folder).rglob("*.lark")]
    facts = [(str(each), each.stat().st_size, each.stat().st_mtime_ns) for each in sorted(sources)]
    return hashlib.sha256(repr((sys.version, facts)).encode()).hexdigest()


Kept = tuple[dict[str, Program], tuple[Diagnostic, ...]]


def _read(file: Path) -> Kept | None:
    try:
        with file.open("rb") as stored:
            facts = os.fstat(stored.fileno())
            if hasattr(os, "getuid") and (facts.st_uid != os.getuid() or facts.st_mode & 0o022):
                return None
            content = stored.read()
    except OSError:
        return None
    try:
        with nothing_collected():
            stored_project: Kept = _Reader(io.BytesIO(content)).load()
    except Exception:
        return None
    return stored_project


def _store(file: Path, kept: Kept) -> None:
    content = io.BytesIO()
    _Writer(content, pickle.HIGHEST_PROTOCOL).dump(kept)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Written aside and moved, so that another process never sees half of it.
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as aside:
            aside.write(content.getvalue())
        Path(aside.name).replace(file)
        stored = sorted(file.parent.glob(f"*{_ENDING}"), key=lambda each: each.stat().st_mtime_ns)
        for old in stored[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return


class _Writer(pickle.Pickler):
    """Stores our values by their class and their members, in order."""

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        if is_dataclass(kind) and _is_ours(kind.__module__):
            return made, (kind, *(getattr(value, each.name) for each in fields(kind)))
        return NotImplemented


class _Reader(pickle.Unpickler):
    """Makes our own values, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (made.__module__, made.__name__):
            return made
        found = getattr(sys.modules.get(module), name, None) if _is_ours(module) else None
        if isinstance(found, type) and found.__module__ == module and (is_dataclass(found) or issubclass(found, Enum)):
            return found
        raise pickle.UnpicklingError(name)


def _is_ours(module: str) -> bool:
    return module.startswith(_OUR_MODULES)


def made(kind: type[Any], *members: object) -> object:
    """A value of one of our frozen classes with all its members."""
    value = object.__new__(kind)
    for write, member in zip(_writers(kind), members, strict=True):
        write(value, member)
    return value


def _writers(kind: type[Any]) -> tuple[Callable[[object, object], None], ...]:
    known = _WRITERS.get(kind)
    if known is None:
        known = _WRITERS[kind] = tuple(getattr(kind, each.name).__set__ for each in fields(kind))
    return known


_WRITERS: Final[dict[type[Any], tuple[Callable[[object, object], None], ...]]] = {}
