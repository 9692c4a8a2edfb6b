"""Checked projects kept on disk, so that a start with the same rules need not read and check them again.

A stored project is found by the hash of everything that it was made of: the texts, what live data has shown, the time
zone, and this program itself. How safe that is, see `dsl.stored`. What expires is another thing every day: it is told
anew each time.
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
from dsl.analysis import expired
from dsl.catalog import Seen
from dsl.clauses import one
from dsl.codes import warnings
from dsl.garbage import nothing_collected
from dsl.kept import TREES, KeptGuides, KeptPrograms, kept_program, plain_program
from dsl.moments import end_of
from dsl.nodes import Expires, Guide
from dsl.project import Declared, RuleProject, in_order, load, project_from
from dsl.stored import fingerprint, packed, read_file, unpacked, write_file
from dsl.values import Instant

MOST_KEPT: Final = 8
"""How many projects one folder keeps; the ones that were stored first are removed."""
_ENDING: Final = ".rules"


def load_kept(
    files: Mapping[str, str], *, folder: Path, seen: Seen, zone: str, at: Instant | None = None
) -> RuleProject:
    """What `load` gives, from the folder if it was stored there; a project without errors is stored."""
    file = folder / f"{key_of(files, seen, zone)}{_ENDING}"
    kept = _read(file, files, seen=seen, zone=zone)
    if kept is not None:
        return _judged(kept, at)
    project = load(files, seen=seen, at=at, zone=zone)
    if project.ok:
        write_file(file, _packed(project), most=MOST_KEPT)
    return project


def keep(project: RuleProject, *, folder: Path) -> None:
    """Store a project without errors for `load_kept`, unless it is there already."""
    file = folder / f"{key_of(project.sources, project.seen, project.zone)}{_ENDING}"
    if not file.exists():
        write_file(file, _packed(project), most=MOST_KEPT)


def key_of(files: Mapping[str, str], seen: Seen, zone: str) -> str:
    """What tells kept projects apart."""
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
    def end(guide: Guide) -> Instant | None:
        clause = one(guide, Expires)
        return None if clause is None else end_of(clause.moment, project.zone)

    lasting = [each for each in project.diagnostics if each.code != warnings.EXPIRED.id]
    programs = [(name, plain_program(program, end)) for name, program in project.programs.items()]
    return packed((programs, project.mentioned, TREES.plain(tuple(lasting))))


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


def _judged(project: RuleProject, at: Instant | None) -> RuleProject:
    """The project as it is at an instant: with what has expired."""
    guides = project.guides
    if at is None or not isinstance(guides, KeptGuides):
        return project
    project = replace(project, at=at)
    found = [*project.diagnostics, *expired(project, guides.expired(at))]
    return replace(project, diagnostics=in_order(found, tuple(project.sources)))
