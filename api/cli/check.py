"""`waypost check`: everything that is wrong in some rules, in one run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import orjson

from api.cli.options import json_option
from api.cli.rules import instant_option, paths_argument, zone_option
from dsl.diagnostics import Diagnostic, Severity, render
from dsl.project import RuleProject, load
from dsl.sources import read_files
from dsl.values import Instant, JsonValue


@click.command("check")
@paths_argument
@json_option
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@instant_option("--at", help="Report guides that have expired at this time.")
@zone_option
@click.option("--database", metavar="URL", help="Check against what this database has really received.")
@click.option("--project", "slug", metavar="NAME", help="The project in the database. [default: default]")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    as_json: bool,
    strict: bool,
    at: Instant | None,
    zone: str,
    database: str | None,
    slug: str | None,
) -> None:
    """Check rules: files, or folders with all `.way` files in them, as one project.

    Prints every error and every warning with its place, its reason and what to write instead. Exits with 1 if there
    are errors.

    With a database, names that were really received need no declaration, attributes that few users have and events
    that were never received are warned of, and the project's own time zone counts. The database is only read.

    \b
    Example:
      waypost check rules/
      waypost check onboarding.way --at 2027-01-01 --strict
      waypost check rules/ --database sqlite:///data/waypost.sqlite
    """
    if slug is not None and database is None:
        raise click.UsageError("--project names a project in a database: say which with --database URL")
    files, unreadable = read_files(paths)
    if database is None:
        project = load(files, at=at, zone=zone)
    else:
        own_zone = ctx.get_parameter_source("zone") is click.core.ParameterSource.DEFAULT
        project = _against_live_data(database, slug or "default", files, at=at, zone=None if own_zone else zone)
    found = (*unreadable, *project.diagnostics)
    if as_json:
        click.echo(orjson.dumps(as_document(found, files), option=orjson.OPT_INDENT_2))
    else:
        for diagnostic in found:
            click.echo(render(diagnostic, files) + "\n")
        click.echo(summary(found, len(files)))
    counts = Counter(each.severity for each in found)
    if counts[Severity.ERROR] or (strict and found):
        raise click.exceptions.Exit(1)


def _against_live_data(
    url: str, slug: str, files: Mapping[str, str], *, at: Instant | None, zone: str | None
) -> RuleProject:
    from engine.live_data import live_data

    live = live_data(url, slug)
    return load(files, seen=live.seen, at=at, zone=zone or live.zone)


def summary(found: Sequence[Diagnostic], files: int) -> str:
    """`2 errors and 1 warning in 3 files`."""
    counts = Counter(each.severity for each in found)
    parts = [_counted(counts[severity], severity.value) for severity in Severity if counts[severity]]
    return f"{' and '.join(parts) if parts else 'no errors and no warnings'} in {_counted(files, 'file')}"


def as_document(found: Sequence[Diagnostic], files: Mapping[str, str]) -> dict[str, JsonValue]:
    """The messages for machines: offsets are counted in characters, lines and columns from 1."""
    messages: list[JsonValue] = [
        {
            "code": each.code,
            "severity": each.severity.value,
            "message": each.message,
            "help": each.help,
            "fix": each.fix,
            "file": each.span.file,
            "line": each.span.line,
            "column": each.span.column,
            "start": each.span.start,
            "end": each.span.end,
        }
        for each in found
    ]
    counts = Counter(each.severity for each in found)
    return {
        "ok": counts[Severity.ERROR] == 0,
        "errors": counts[Severity.ERROR],
        "warnings": counts[Severity.WARNING],
        "files": list(files),
        "diagnostics": messages,
    }


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
