"""Checked projects kept on disk, so that a start with the same rules need not read and check them again.

A stored project is found by the hash of everything that it was made of: the texts, what live data has shown, the time
zone, and this program itself. How safe that is, see `dsl.stored`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import dsl
import widgets.registry
from dsl.catalog import Seen
from dsl.codes import warnings
from dsl.garbage import nothing_collected
from dsl.kept import TREES, KeptGuides, KeptPrograms, kept_program, plain_program
from dsl.project import Declared, RuleProject, load, project_from
from dsl.stored import fingerprint, packed, read_file, unpacked, write_file

MOST_KEPT: Final = 8
"""How many projects one folder keeps; the ones that were stored first are removed."""
_ENDING: Final = ".rules"
_OF_THE_DAY: Final = frozenset({warnings.EXPIRED.id, warnings.MOSTLY_UNKNOWN.id})
"""Warnings that `load` gives only where it is told the day, or how many users have what."""


def load_kept(files: Mapping[str, str], *, folder: Path, seen: Seen, zone: str) -> RuleProject:
    """What `load` gives, from the folder if it was stored there; a project without errors is stored.

    How many users have what is not asked.
    """
    seen = seen.without_shares()
    file = folder / f"{key_of(files, seen, zone)}{_ENDING}"
    kept = _read(file, files, seen=seen, zone=zone)
    if kept is not None:
        return kept
    project = load(files, seen=seen, zone=zone)
    if project.ok:
        write_file(file, _packed(project), most=MOST_KEPT)
    return project


def keep(project: RuleProject, *, folder: Path) -> None:
    """Store a project without errors for `load_kept`, unless it is there already; without the warnings of its day."""
    file = folder / f"{key_of(project.sources, project.seen, project.zone)}{_ENDING}"
    if not file.exists():
        write_file(file, _packed(project), most=MOST_KEPT)


def key_of(files: Mapping[str, str], seen: Seen, zone: str) -> str:
    """What tells kept projects apart. How many users have what is no part of it: that is another every day."""
    seen = seen.without_shares()
    found = hashlib.sha256(repr((_fingerprint(), zone, seen, len(files))).encode("utf-8", "backslashreplace"))
    for name, text in files.items():
        found.update(repr((name, len(text))).encode("utf-8", "backslashreplace"))
        found.update(text.encode("utf-8", "surrogatepass"))
    return found.hexdigest()[:32]


@cache
def _fingerprint() -> str:
    """Changes with Python and with any file of the language."""
    sources = [Path(widgets.registry.__file__)]
    for folder in dsl.__path__:
        sources += [*Path(folder).rglob("*.py"), *Path(folder).rglob("*.lark")]
    return fingerprint(sources)


def _packed(project: RuleProject) -> bytes:
    lasting = tuple(each for each in project.diagnostics if each.code not in _OF_THE_DAY)
    programs = [(name, plain_program(program)) for name, program in project.programs.items()]
    return packed((programs, project.mentioned, TREES.plain(lasting)))


def _read(file: Path, files: Mapping[str, str], *, seen: Seen, zone: str) -> RuleProject | None:
    content = read_file(file)
    if content is None:
        return None
    try:
        with nothing_collected():
            programs, mentioned, diagnostics = unpacked(content)
            read = {name: kept_program(name, plain) for name, plain in programs}
            guides = KeptGuides({name: each for _, own in read.values() for name, each in own.items()}, files)
            declared = Declared(
                rest=[
                    each for program, _ in read.values() for each in program.declarations if not isinstance(each, str)
                ],
                guides=guides,
                mentioned=tuple(mentioned),
            )
            texts = dict(files)
            kept = KeptPrograms({name: program for name, (program, _) in read.items()}, guides, texts)
            project = project_from(declared, kept, texts, seen=seen, at=None, zone=zone)
            return replace(project, diagnostics=TREES.made(diagnostics))
    except Exception:
        return None
