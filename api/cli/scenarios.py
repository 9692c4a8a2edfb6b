"""`waypost test`: do the rules do what their scenarios say?"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from api.cli.check import as_document
from api.cli.rules import paths_argument
from dsl.diagnostics import render
from dsl.values import JsonValue, format_instant

if TYPE_CHECKING:
    from api.scenario_files import Suite
    from engine.scenarios import ScenarioResult, StepResult


@click.command("test")
@paths_argument
@click.option(
    "--rules",
    "rules",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Test these rules instead of those that the scenario files name; may stand several times.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, _, wanted: _print_schema(ctx) if wanted else None,
    help="Print the JSON Schema of scenario files, for editors.",
)
def command(paths: tuple[Path, ...], rules: tuple[Path, ...], as_json: bool) -> None:
    """Run scenario tests: files whose names end in `.scenario.yaml`, or folders of them.

    Prints each scenario, and for one that fails what was expected, what happened, and why each guide was shown or not.
    Exits with 1 if a scenario fails or a file has mistakes, with 2 if there are no scenario files.

    \b
    Example:
      waypost test rules/
      waypost test onboarding.scenario.yaml --rules new/onboarding.way
    """
    from api.scenario_files import Suites, scenario_files

    found = scenario_files(paths)
    if not found:
        named = ", ".join(f"`{path.as_posix()}`" for path in paths)
        raise click.UsageError(f"there are no scenario files in {named}; their names end in `.scenario.yaml`")
    suites = Suites(rules)
    run = [_Run.of(suites.read(path), prints=not as_json) for path in found]
    passed = sum(result.passed for each in run for result in each.results)
    failed = sum(not result.passed for each in run for result in each.results)
    broken = sum(bool(each.suite.diagnostics) for each in run)
    if as_json:
        document = {
            "ok": not failed and not broken,
            "passed": passed,
            "failed": failed,
            "broken": broken,
            "files": [each.document() for each in run],
        }
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    else:
        click.echo(_summary(passed, failed, broken))
    if failed or broken:
        raise click.exceptions.Exit(1)


def _print_schema(ctx: click.Context) -> None:
    from engine.scenarios.schema import schema_text

    click.echo(schema_text(), nl=False)
    ctx.exit()


@dataclass(frozen=True, slots=True)
class _Run:
    """A file with what came of its scenarios."""

    suite: Suite
    results: list[ScenarioResult] = field(default_factory=list)

    @classmethod
    def of(cls, suite: Suite, *, prints: bool) -> _Run:
        """Run the scenarios of a file; with `prints`, each is printed as soon as it is known."""
        from engine.scenarios import failure_text

        run = cls(suite)
        if prints:
            click.echo(suite.path.as_posix())
            for diagnostic in suite.diagnostics:
                click.echo(_indented(render(diagnostic, suite.sources), 2) + "\n")
        for result in suite.results():
            run.results.append(result)
            if prints and result.passed:
                click.echo(f"  {click.style('passed', fg='green')}  {result.scenario.name}")
            elif prints:
                click.echo(f"  {click.style('FAILED', fg='red')}  {result.scenario.name}")
                click.echo(_indented(failure_text(result), 10) + "\n")
        return run

    def document(self) -> dict[str, JsonValue]:
        """What came of it, for machines."""
        return {
            "file": self.suite.path.as_posix(),
            "diagnostics": as_document(self.suite.diagnostics, self.suite.sources)["diagnostics"],
            "scenarios": [
                {
                    "name": result.scenario.name,
                    "line": result.scenario.span.line,
                    "passed": result.passed,
                    "user": result.person,
                    "steps": [_step(each) for each in result.steps],
                }
                for result in self.results
            ],
        }


def _step(result: StepResult) -> dict[str, JsonValue]:
    return {
        "line": result.step.span.line,
        "at": format_instant(result.step.at),
        "when": result.step.words,
        "expected": [each.text for each in result.step.expected],
        "unmet": [each.text for each in result.unmet],
        "shown": [{"guide": each.guide, "kind": each.kind, "variant": each.variant} for each in result.shown],
        "considered": [{"guide": guide, "reason": reason.value} for guide, reason in result.reasons],
        "failures": [{"guide": guide, "message": message} for guide, message in result.failures],
    }


def _summary(passed: int, failed: int, broken: int) -> str:
    parts = [f"{passed} passed", *([f"{failed} failed"] if failed else [])]
    if broken:
        parts.append(f"{broken} {'file' if broken == 1 else 'files'} with mistakes")
    return ", ".join(parts)


def _indented(text: str, columns: int) -> str:
    return "\n".join(" " * columns + line if line else line for line in text.split("\n"))
