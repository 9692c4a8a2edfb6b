"""Corpora of plain text: what goes in, and exactly what is said about it.

A case is a file: `--- NAME.way` begins the text of a file, `--- at TIME` sets the instant, `--- expected` begins what
`waypost check` prints. To add one, write the input and `--- expected`, run
`WAYPOST_ACCEPT=1 pytest tests/dsl/test_error_corpus.py`, and read what was filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dsl.diagnostics import render
from dsl.project import load
from dsl.values import Instant, read_instant

CORPUS = Path(__file__).parents[1] / "corpus"
MARK = "--- "


@dataclass(frozen=True)
class Case:
    """One case of a corpus."""

    path: Path
    files: dict[str, str]
    at: Instant | None
    expected: str

    def said(self) -> str:
        """What is said about the files now."""
        project = load(self.files, at=self.at)
        return "\n\n".join(render(each, self.files) for each in project.diagnostics) + "\n"

    def accept(self) -> None:
        """Write what is said now into the file."""
        text = self.path.read_text(encoding="utf-8")
        head = text[: text.index(f"{MARK}expected\n")]
        self.path.write_text(f"{head}{MARK}expected\n{self.said()}", encoding="utf-8")


def read_case(path: Path) -> Case:
    """Read one file of a corpus."""
    files: dict[str, str] = {}
    at: Instant | None = None
    name = ""
    parts: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith(f"{MARK}at "):
            at = read_instant(line.removeprefix(f"{MARK}at ").strip())
        elif line.startswith(MARK):
            name = line.removeprefix(MARK).strip()
            parts[name] = []
        else:
            parts[name].append(line)
    expected = "".join(parts.pop("expected"))
    files = {name: "".join(lines) for name, lines in parts.items()}
    return Case(path, files, at, expected)


def cases(folder: str) -> list[Case]:
    """The cases of a folder of the corpus, by name."""
    return [read_case(path) for path in sorted((CORPUS / folder).glob("*.txt"))]
