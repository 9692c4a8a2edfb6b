"""Rules that are published, from a folder or over HTTP, and how a refusal of them is told."""

from __future__ import annotations

import posixpath
from collections import Counter
from pathlib import Path
from typing import Any

from dsl.diagnostics import Diagnostic, Severity, render
from dsl.sources import read_files
from engine.errors import WaypostError
from engine.publications import Publications
from engine.replies import Published, Refused
from engine.service import Service


class RulesRefused(WaypostError):
    """Rule files with errors were to be published. Nothing changed; `diagnostics` has every message."""

    code = "invalid_rules"

    def __init__(self, refused: Refused) -> None:
        errors = Counter(one.severity for one in refused.diagnostics)[Severity.ERROR]
        noun = "1 error" if errors == 1 else f"{errors} errors"
        super().__init__(f"the rules have {noun}; nothing was published, and the rules in force stay")
        self.diagnostics: tuple[Diagnostic, ...] = refused.diagnostics
        self.refused = refused

    def rendered(self) -> str:
        """All messages as the command line prints them."""
        return "\n\n".join(render(one, self.refused.sources) for one in self.diagnostics)


def publish_folder(service: Service, project_id: int, path: Path, *, by: str, note: str = "") -> Published:
    """Put the `.way` files of a folder, or one file, in force. Raises RulesRefused; then nothing has changed."""
    files, unreadable = files_in(path)
    outcome = (
        Refused(unreadable, files)
        if any(one.severity is Severity.ERROR for one in unreadable)
        else service.publish(project_id, files, by=by, note=note)
    )
    if isinstance(outcome, Refused):
        raise RulesRefused(outcome)
    return outcome


def is_in_force(service: Service, project_id: int, path: Path) -> bool:
    """True if the files of a folder are what decides now: nothing is to be published then, nor checked."""
    files, unreadable = files_in(path)
    rules = service.rules(project_id)
    return not unreadable and rules is not None and dict(rules.project.sources) == files


def last_published(service: Service, project_id: int, *, by: str) -> int | None:
    """The latest version that somebody published; None where they never did."""
    before: int | None = None
    while page := service.publications.versions(project_id, before=before):
        for version in page:
            if version.by == by:
                return version.version
        before = page[-1].version
    return None


def version_document(rules: Publications, project_id: int, number: int, *, against: int | None) -> dict[str, Any]:
    """A version with its files, and what it changed against another one: the one before it without `against`.

    Raises UnknownVersion.
    """
    found = rules.version(project_id, number)
    other = against if against is not None else number - 1
    return {
        "version": found.version,
        "revision": found.revision,
        "published": found.published,
        "by": found.by,
        "note": found.note,
        "active": found.active,
        "files": rules.files(project_id, number),
        "against": other or None,
        "changes": rules.changes(project_id, other or None, number),
    }


def files_in(path: Path) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    """The `.way` files of a folder, or one file, and what could not be read.

    Named from the folder on, so that a version is the same wherever the folder lies.
    """
    found, unreadable = read_files([path])
    folder = path.as_posix() if path.is_dir() else posixpath.dirname(path.as_posix())
    return {posixpath.relpath(name, folder or "."): text for name, text in found.items()}, unreadable
