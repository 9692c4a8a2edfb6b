"""Rule files on disk: which belong to a project, and what is in them.

The one part of the language that reads files; everything else takes texts by name.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from dsl.codes import files as codes
from dsl.diagnostics import Diagnostic, Span
from dsl.nodes import Import
from dsl.parser import parse

SUFFIX: Final = ".way"

_MAY_IMPORT = re.compile(r"^[ \t]*import\b", re.MULTILINE)


def read_files(paths: Sequence[Path]) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    """The texts of rule files by the names they are shown by, and what could not be read.

    A folder stands for all `.way` files in it and below, in the order of their names, without hidden folders. Files
    that are imported follow, each once; one that is not there is reported where it is imported, by the checker.
    """
    texts: dict[str, str] = {}
    known: set[Path] = set()
    waiting, missing = rule_files(paths)
    found = list(missing)
    for path in waiting:
        actual = path.resolve()
        if actual in known:
            continue
        known.add(actual)
        text = read_file(path)
        if isinstance(text, Diagnostic):
            found.append(text)
            continue
        name = posixpath.normpath(path.as_posix())
        texts[name] = text
        # Grows while it is walked: what is imported may import more.
        waiting.extend(_imported(name, text))
    return texts, tuple(found)


def rule_files(paths: Sequence[Path]) -> tuple[list[Path], tuple[Diagnostic, ...]]:
    """The rule files that paths stand for, without those they import, and what is not there."""
    found: list[Diagnostic] = []
    files = [path for given in paths for path in _files_of(given, found)]
    return list(dict.fromkeys(files)), tuple(found)


def read_file(path: Path) -> str | Diagnostic:
    """The text of one file, or why it cannot be read."""
    name = posixpath.normpath(path.as_posix())
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        return _not_utf8(name, problem)
    except OSError as problem:
        return _unreadable(name, problem.strerror or "it cannot be read")


def imported_name(importer: str, wanted: str) -> str | None:
    """The name of an imported file, beside the one that imports it; None for what cannot be imported."""
    if posixpath.isabs(wanted) or not wanted.endswith(SUFFIX):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), wanted))


def _files_of(path: Path, found: list[Diagnostic]) -> list[Path]:
    if not path.is_dir():
        if path.exists():
            return [path]
        found.append(_unreadable(path.as_posix(), "there is no such file or folder"))
        return []
    files = sorted(
        each
        for each in path.rglob(f"*{SUFFIX}")
        if each.is_file() and not any(part.startswith(".") for part in each.relative_to(path).parts)
    )
    if not files:
        message = f"folder `{path.as_posix()}` has no rules"
        found.append(codes.NO_RULES.at(_start_of(path.as_posix()), message, help="rule files end in `.way`"))
    return files


def _imported(importer: str, text: str) -> Iterator[Path]:
    if _MAY_IMPORT.search(text) is None:
        return
    for declaration in parse(text, file=importer).program.declarations:
        if isinstance(declaration, Import):
            name = imported_name(importer, declaration.file.value)
            if name is not None and Path(name).is_file():
                yield Path(name)


def _not_utf8(name: str, problem: UnicodeDecodeError) -> Diagnostic:
    before = bytes(problem.object[: problem.start])
    line = before.count(b"\n") + 1
    column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
    message = f"`{name}` is not UTF-8 text"
    return codes.NOT_UTF8.at(Span(name, 0, 0, line, column), message, help="save the file as UTF-8")


def _unreadable(name: str, reason: str) -> Diagnostic:
    return codes.FILE_MISSING.at(_start_of(name), f"`{name}` cannot be read: {reason}")


def _start_of(name: str) -> Span:
    return Span(name, 0, 0, 1, 1)
