"""The rules that an editor has open, with those beside them on disk: which files are one project, and their texts.

A folder that is open in the editor is one project; a file outside of every folder is one by itself, with what it
imports. What stands in the editor counts, not what was saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pygls import uris

from dsl.project import RuleProject
from dsl.sources import read_files


@dataclass(slots=True)
class OpenRules:
    """The folders and texts that are open. folders: as paths. texts: by the name of the file."""

    folders: list[Path] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def root_of(self, name: str) -> str:
        """The project that a file belongs to: the innermost open folder around it, or the file itself."""
        path = Path(name)
        around = [folder for folder in self.folders if path.is_relative_to(folder)]
        return max((folder.as_posix() for folder in around), key=len, default=name)

    def files(self, root: str) -> dict[str, str]:
        """The texts of a project by the names of their files; reads those that are not open."""
        path = Path(root)
        open_texts = dict(self.texts)
        found, _ = read_files([path]) if path.exists() else ({}, ())
        for name, text in open_texts.items():
            if name in found or self.root_of(name) == root:
                found[name] = text
        return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Checked:
    """A project as it was checked, with the texts that it was made of."""

    project: RuleProject
    files: Mapping[str, str]


def name_of(uri: str) -> str:
    """The name of a document's file: its path, or the address itself where it is none."""
    path = uris.to_fs_path(uri) if uris.uri_scheme(uri) == "file" else None
    return Path(path).as_posix() if path is not None else uri


def uri_of(name: str) -> str:
    """The address of a file by its name."""
    path = Path(name)
    return uris.from_fs_path(str(path)) or name if path.is_absolute() else name
