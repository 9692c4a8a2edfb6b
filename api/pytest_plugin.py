"""Lets pytest run scenario tests: every `*.scenario.yaml` that it meets is a file of tests, each scenario one of them.

Loaded by every pytest run where Waypost is installed, so it imports nothing of Waypost until such a file is met.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from api.scenario_files import Suite, Suites
    from engine.scenarios import Scenario

_SUFFIX: Final = ".scenario.yaml"
_SUITES: pytest.StashKey[Suites] = pytest.StashKey()


class ScenarioFailed(Exception):
    """A scenario is not as expected; the text says what happened and why."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect scenario files."""
    if not file_path.name.endswith(_SUFFIX):
        return None
    collected: pytest.Collector = ScenarioTests.from_parent(parent, path=file_path)
    return collected


class ScenarioTests(pytest.File):
    """The scenarios of one file."""

    def collect(self) -> Iterator[pytest.Item]:
        """The scenarios; the file's mistakes, and those of its rules, are an error of collection."""
        from dsl.diagnostics import render  # noqa: PLC0415

        suite = self._suite()
        if suite.diagnostics:
            raise self.CollectError("\n\n".join(render(each, suite.sources) for each in suite.diagnostics))
        for scenario in suite.scenarios:
            yield ScenarioTest.from_parent(self, name=scenario.name, scenario=scenario, suite=suite)

    def _suite(self) -> Suite:
        from api.scenario_files import Suites  # noqa: PLC0415

        stash = self.config.stash
        if _SUITES not in stash:
            stash[_SUITES] = Suites()
        # Shown, like every path in a report, as it is seen from where pytest was started.
        return stash[_SUITES].read(Path(os.path.relpath(self.path)))


class ScenarioTest(pytest.Item):
    """One scenario."""

    def __init__(self, *, scenario: Scenario, suite: Suite, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]
        self._scenario = scenario
        self._suite = suite

    def runtest(self) -> None:
        """Run it."""
        from engine.scenarios import failure_text, run  # noqa: PLC0415

        if self._suite.ruleset is None:
            raise ScenarioFailed("the rules of this scenario have errors")
        result = run(self._scenario, self._suite.ruleset)
        if not result.passed:
            raise ScenarioFailed(failure_text(result))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """What came of it, in place of a traceback."""
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))  # type: ignore[arg-type]

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands."""
        return self.path, self._scenario.span.line - 1, self._scenario.name
