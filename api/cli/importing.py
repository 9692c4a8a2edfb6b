"""`waypost import`: histories that were recorded elsewhere."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import click

from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from
from api.cli.roadmap_desk import author_option

if TYPE_CHECKING:
    from dsl.values import JsonValue
    from engine.imports.csv_rows import BadRow, Row

SHOWN_PROBLEMS = 20
"""How many bad rows are shown one by one; the sum counts all."""


@click.group("import")
def command() -> None:
    """Bring in a history that was recorded elsewhere. It wakes no guide.

    \b
    Example:
      waypost import csv events.csv --map plan=trait --map value=property:amount
    """


@dataclass(slots=True)
class _Tally:
    """What became of the rows."""

    rows: int = 0
    lines: list[int] = field(default_factory=list)
    """Of each message, the line that it comes from."""
    problems: list[tuple[int, str]] = field(default_factory=list)


@command.command("csv")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map",
    "mappings",
    multiple=True,
    metavar="COLUMN=TARGET",
    help="What a column is: user_id, anonymous_id, event, timestamp, session_id, message_id, property[:NAME], "
    "trait[:NAME] or ignore.",
)
@click.option("--zone", default="UTC", show_default=True, help="The time zone of times that bring none.")
@data_option
@project_option
@json_option
def csv_command(
    file: Path, mappings: tuple[str, ...], zone: str, data: str | None, slug: str, *, as_json: bool
) -> None:
    """Import a table of events, one row an event; .gz is unpacked.

    Columns named user_id, anonymous_id, event, timestamp, session_id and message_id are recognised, every other one is
    a property of its event. A row that cannot be read is reported with its line number and skipped. Importing the same
    file again changes nothing.

    \b
    Example:
      waypost import csv events.csv.gz --map plan=trait
    """
    from api.serving import system_clock
    from engine.imports.csv_rows import read_mapping, read_rows

    mapping = read_mapping(mappings)
    named_zone = _zone(zone)
    tally = _Tally()
    with opened(settings_from(data), begins=True) as service, _lines(file) as lines:
        project = project_named(service, slug)
        rows = read_rows(lines, mapping=mapping, zone=named_zone)
        receipt = service.import_history(project.id, _messages(rows, tally), received=system_clock())
    refused = {tally.lines[each.index]: f"{each.message} ({each.path})" for each in receipt.rejected}
    problems = sorted([*tally.problems, *refused.items()])
    _report(tally.rows, problems, duplicates=receipt.duplicates, as_json=as_json)


def _messages(rows: Iterator[Row | BadRow], tally: _Tally) -> Iterator[JsonValue]:
    from engine.imports.csv_rows import BadRow

    for row in rows:
        tally.rows += 1
        if isinstance(row, BadRow):
            tally.problems.append((row.line, row.problem))
            continue
        for message in row.messages:
            tally.lines.append(row.line)
            yield cast("JsonValue", message)


def _report(rows: int, problems: list[tuple[int, str]], *, duplicates: int, as_json: bool) -> None:
    skipped = len({line for line, _ in problems})
    if as_json:
        from orjson import dumps

        listed = [{"line": line, "problem": problem} for line, problem in problems]
        answer = {"rows": rows, "kept": rows - skipped, "skipped": skipped, "problems": listed}
        click.echo(dumps({**answer, "duplicates": duplicates}).decode())
        return
    for line, problem in problems[:SHOWN_PROBLEMS]:
        click.echo(f"line {line}: {problem}", err=True)
    if len(problems) > SHOWN_PROBLEMS:
        click.echo(f"… and {len(problems) - SHOWN_PROBLEMS} more (all of them with --json)", err=True)
    known = f", of them {duplicates} messages known before" if duplicates else ""
    click.echo(f"{rows - skipped} rows kept{known}, {skipped} skipped, {rows} in all")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise click.UsageError(f"there is no time zone `{name}`; write one like `Europe/Berlin`") from None


@contextmanager
def _lines(file: Path) -> Iterator[IO[str]]:
    """The text of a file, unpacked where its name ends in .gz, with a progress bar over its bytes."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    try:
        with bar, bar.open(file, "rb", description=f"importing {file.name}") as packed:
            # The progress reader is a file in all but its declared type.
            raw = cast("IO[bytes]", gzip.GzipFile(fileobj=packed) if file.suffix == ".gz" else packed)
            with io.TextIOWrapper(cast("io.BufferedReader", raw), encoding="utf-8", newline="") as text:
                yield text
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError) as error:
        raise click.UsageError(f"{file} cannot be read: {error}") from None


@command.command("roadmap")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Take nothing in: only say what would come of it.")
@click.option("--simulated", "with_simulated", is_flag=True, help="Count simulated people too, for the worst steps.")
@author_option
@data_option
@project_option
@json_option
def roadmap_command(
    file: Path, *, dry_run: bool, with_simulated: bool, author: str, data: str | None, slug: str, as_json: bool
) -> None:
    """Take in a roadmap that was kept elsewhere, and audit it: items without step or evidence, steps without an item.

    A CSV whose first line names the columns: title (needed), kind, story, status, step, theme, metric, evidence,
    effort, author, impact, timebox, sprint, owner, guide, id; the names of usual trackers are known too. A row that
    cannot be used is listed with its line and skipped. What lacks a step or evidence waits in the intake. Taking the
    same file in again changes nothing.

    \b
    Example:
      waypost import roadmap plan.csv --dry-run
      waypost import roadmap plan.csv
    """
    from api.cli.roadmap_desk import desk, echo_audit, whose_of

    with desk(data, slug) as at, file.open(encoding="utf-8", newline="") as lines:
        try:
            found = at.planner.take_in(
                at.project,
                at.rules,
                lines,
                by=author,
                keeps=not dry_run,
                whose=whose_of(everyone=False, with_simulated=with_simulated),
            )
        except UnicodeDecodeError as error:
            raise click.UsageError(f"{file} cannot be read: {error}") from None
    echo_audit(found, as_json=as_json)
