"""What became of the rows of an import: how many there were, and why some were skipped, each with its line."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

from dsl.values import JsonValue
from engine.errors import WaypostError
from engine.imports.rows import BadRow, Row
from engine.intake import Rejection


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Why a row was skipped; `file` counts the files from 0, `row` the rows of all of them from 1."""

    file: int
    line: int
    row: int
    text: str


class TooManyProblems(WaypostError):
    """So many rows of a file are wrong that the list of them would fill the memory."""

    code = "too_many_problems"

    def __init__(self, most: int) -> None:
        super().__init__(f"more than {most:,} rows cannot be taken: is it the right format?")


@dataclass(slots=True)
class Tally:
    """What became of the rows."""

    rows: int = 0
    files: list[str] = field(default_factory=list)
    """The names of the files within what is imported; empty for the file itself."""
    begun: list[int] = field(default_factory=list)
    """Of each file, how many messages came before it."""
    lines: array[int] = field(default_factory=lambda: array("q"))
    """Of each message, the line that it comes from."""
    numbers: array[int] = field(default_factory=lambda: array("q"))
    """Of each message, the row that it comes from: one line of a log may hold many."""
    problems: list[Problem] = field(default_factory=list)
    most_problems: int | None = None
    """How many are kept; with one more the file is given up. None for any number."""

    @property
    def skipped(self) -> int:
        """How many rows had something wrong with them."""
        return len({each.row for each in self.problems})

    def begin(self, name: str) -> None:
        """The next rows are those of another file."""
        self.files.append(name)
        self.begun.append(len(self.lines))

    def messages(self, rows: Iterable[Row | BadRow]) -> Iterator[JsonValue]:
        """The messages of the rows of one file; those without are counted."""
        for row in rows:
            self.rows += 1
            if isinstance(row, BadRow):
                self.fail(row.line, row.problem)
                continue
            for message in row.messages:
                self.lines.append(row.line)
                self.numbers.append(self.rows)
                yield cast("JsonValue", message)

    def fail(self, line: int, text: str) -> None:
        """A row of the file at hand was skipped. Raises TooManyProblems."""
        if self.most_problems is not None and len(self.problems) >= self.most_problems:
            raise TooManyProblems(self.most_problems)
        self.problems.append(Problem(len(self.files) - 1, line, self.rows, text))

    def break_off(self, error: BaseException) -> None:
        """The file at hand cannot be read any further."""
        self.rows += 1
        begun = self.begun[-1] if self.begun else 0
        line = self.lines[-1] + 1 if len(self.lines) > begun else 1
        self.fail(line, f"the file cannot be read from here on: {error}")

    def refuse(self, rejected: Iterable[Rejection]) -> None:
        """Messages that were read, and are none that Waypost keeps."""
        for each in rejected:
            file = bisect_right(self.begun, each.index) - 1
            line, row = self.lines[each.index], self.numbers[each.index]
            self.problems.append(Problem(file, line, row, f"{each.message} ({each.path})"))
        self.problems.sort()
