"""Scenario files on disk, with the rules that they test: for `waypost test` and for pytest.

Finds and reads files; what a scenario means is decided in `engine.scenarios`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.project import RuleProject, load
from dsl.sources import read_files
from engine.ruleset import RuleSet
from engine.scenarios import SUFFIX, OpenedFile, Scenario, ScenarioResult, open_file, read_scenarios, run
from engine.scenarios.codes import NO_RULES, UNREADABLE

_BESIDE: Final = "write `rules: path/to/rules` at the top of this file"


@dataclass(frozen=True, slots=True)
class Suite:
    """The scenarios of one file and the rules that they test.

    diagnostics: mistakes in the file and in its rules. sources: the texts that they speak of, by name. ruleset: None
    where the rules cannot be used; then there are no scenarios either.
    """

    path: Path
    scenarios: tuple[Scenario, ...]
    ruleset: RuleSet | None
    diagnostics: tuple[Diagnostic, ...]
    sources: dict[str, str]

    def results(self) -> Iterator[ScenarioResult]:
        """Run the scenarios, one after the other."""
        for scenario in self.scenarios:
            if self.ruleset is not None:
                yield run(scenario, self.ruleset)


@dataclass(frozen=True, slots=True)
class _Rules:
    project: RuleProject
    ruleset: RuleSet | None
    errors: tuple[Diagnostic, ...]


@dataclass(slots=True)
class Suites:
    """Reads suites; rules that several files test are read and compiled once.

    rules: test these instead of those that a file names. zone: instead of the time zone that a file names.
    """

    rules: Sequence[Path] = ()
    zone: str | None = None
    _known: dict[tuple[tuple[Path, ...], str], _Rules] = field(default_factory=dict)

    def read(self, path: Path) -> Suite:
        """One scenario file with its rules. Never raises for what stands in a file."""
        name = path.as_posix()
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as problem:
            reason = "it is not UTF-8 text" if isinstance(problem, UnicodeDecodeError) else problem.strerror
            found = UNREADABLE.at(Span(name, 0, 0, 1, 1), f"`{name}` cannot be read: {reason}")
            return Suite(path, (), None, (found,), {})
        opened = open_file(text, file=name)
        sources = {name: text}
        paths, missing = self._rules_of(path, opened)
        if missing:
            return Suite(path, (), None, (*opened.diagnostics, *missing), sources)
        rules = self._compiled(paths, self.zone or opened.zone)
        sources |= rules.project.sources
        if rules.ruleset is None:
            return Suite(path, (), None, (*opened.diagnostics, *rules.errors), sources)
        read = read_scenarios(opened, rules.project)
        return Suite(path, read.scenarios, rules.ruleset, read.diagnostics, sources)

    def _rules_of(self, path: Path, opened: OpenedFile) -> tuple[tuple[Path, ...], tuple[Diagnostic, ...]]:
        """Where the rules of a scenario file are, and what is not there."""
        if self.rules:
            return tuple(self.rules), ()
        if opened.rules:
            named = [(_short(path.parent / text), span) for text, span in opened.rules]
            missing = [
                NO_RULES.at(span, f"there are no rules in `{rules.as_posix()}`", help="paths are seen from this file")
                for rules, span in named
                if not _has_rules(rules)
            ]
            return tuple(rules for rules, _ in named), tuple(missing)
        if _has_rules(path.parent):
            return (path.parent,), ()
        start = Span(opened.file, 0, 0, 1, 1)
        return (), (NO_RULES.at(start, "there are no rules beside this file, and it names none", help=_BESIDE),)

    def _compiled(self, paths: tuple[Path, ...], zone: str) -> _Rules:
        key = (tuple(path.resolve() for path in paths), zone)
        if key not in self._known:
            files, unreadable = read_files(paths)
            project = load(files, zone=zone)
            found = (*unreadable, *project.diagnostics)
            errors = tuple(each for each in found if each.severity is Severity.ERROR)
            self._known[key] = _Rules(project, None if errors else RuleSet.build(project), errors)
        return self._known[key]


def scenario_files(paths: Iterable[Path]) -> list[Path]:
    """The scenario files that paths stand for: a folder for all in it and below, without hidden folders."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        found += sorted(
            each
            for each in path.rglob(f"*{SUFFIX}")
            if each.is_file() and not any(part.startswith(".") for part in each.relative_to(path).parts)
        )
    return list(dict.fromkeys(found))


def _has_rules(path: Path) -> bool:
    return any(path.rglob("*.way")) if path.is_dir() else path.is_file()


def _short(path: Path) -> Path:
    """The path without the `..` in its middle, as people would write it."""
    return Path(os.path.normpath(path))
