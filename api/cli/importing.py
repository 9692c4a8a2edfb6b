"""`waypost import`: histories that were recorded elsewhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import click

from api.cli.evidence import import_command
from api.cli.options import NoDatabase, data_option, json_option, opened, project_named, project_option, settings_from
from api.cli.roadmap_desk import author_option

if TYPE_CHECKING:
    from dsl.values import JsonValue
    from engine.imports.formats import Format, Reader
    from engine.imports.tally import Tally
    from engine.tracking.plans import TrackingPlan

DRY_RUN = "Take nothing in: only say what would come of it."
SHOWN_PROBLEMS = 20
"""How many bad rows are shown one by one; the sum counts all."""


class _Formats(click.Group):
    """The commands of this module, and one for every format of `engine.imports`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from engine.imports.formats import formats

        return sorted({*super().list_commands(ctx), *formats()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from engine.imports.formats import formats

        known = super().get_command(ctx, cmd_name)
        return known or (_command_of(formats()[cmd_name]) if cmd_name in formats() else None)


@click.group("import", cls=_Formats)
def command() -> None:
    """Bring in a history that was recorded elsewhere. It wakes no guide.

    A row that cannot be read is listed with its line and skipped. Importing the same file again adds nothing.

    \b
    Example:
      waypost import posthog events.jsonl.gz
      waypost import csv events.csv --map plan=trait --map value=property:amount
    """


@command.command("csv")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map",
    "mappings",
    multiple=True,
    metavar="COLUMN=TARGET",
    help="What a column is: user_id, anonymous_id, event, timestamp, session_id, message_id, property[:NAME], "
    "trait[:NAME] or ignore; property.number, .boolean and .time say what the cells are.",
)
@click.option("--zone", default="UTC", show_default=True, help="The time zone of times that bring none.")
@click.option("--dry-run", is_flag=True, help=DRY_RUN)
@data_option
@project_option
@json_option
def csv_command(
    file: Path, mappings: tuple[str, ...], zone: str, data: str | None, slug: str, *, dry_run: bool, as_json: bool
) -> None:
    """Import a table of events, one row an event; .gz is unpacked.

    Columns named user_id, anonymous_id, event, timestamp, session_id and message_id are recognised, every other one is
    a property of its event. A row that cannot be read is reported with its line number and skipped. Importing the same
    file again changes nothing.

    \b
    Example:
      waypost import csv events.csv.gz --map plan=trait
    """
    from engine.imports.csv_rows import read_mapping, read_rows

    mapping, named_zone = read_mapping(mappings), _zone(zone)

    def messages(tally: Tally, heard: Callable[[int], None]) -> Iterator[JsonValue]:
        from engine.imports.archives import BROKEN, unpacked

        try:
            for name, raw in unpacked(file, heard):
                tally.begin(name)
                with io.TextIOWrapper(cast("io.BufferedReader", raw), encoding="utf-8", newline="") as lines:
                    yield from tally.messages(read_rows(lines, mapping=mapping, zone=named_zone))
        except (UnicodeDecodeError, *BROKEN) as error:
            raise click.UsageError(f"{file} cannot be read: {error}") from None

    _take_in(messages, [file], data, slug, dry_run=dry_run, as_json=as_json)


def _command_of(wanted: Format) -> click.Command:
    """`waypost import NAME`."""

    def taken(
        paths: tuple[Path, ...], data: str | None, slug: str, *, dry_run: bool, as_json: bool, zone: str = "UTC"
    ) -> None:
        from engine.imports.archives import files_of

        files = [file for path in paths for file in files_of(path)]
        if not files:
            raise click.UsageError(f"there is no file in {paths[0]}")
        reader = wanted.begin(_zone(zone))
        tally = _take_in(_messages_of(reader, files), files, data, slug, dry_run=dry_run, as_json=as_json)
        if tally.rows and tally.skipped >= tally.rows:
            raise click.ClickException(
                f"no event of {wanted.title} was found; see `waypost import {wanted.name} --help` for what is read"
            )

    told = f"""Import events from {wanted.title}.

    {wanted.files} Files, archives (.gz, .zip) and folders of them are read.

    A row that cannot be read is listed with its line and skipped. Importing the same file again adds nothing.

    \b
    Format:
      {wanted.source}
    \b
    Example:
      waypost import {wanted.name} {wanted.example}
    """
    made: Callable[..., None] = json_option(project_option(data_option(taken)))
    made = click.option("--dry-run", is_flag=True, help=DRY_RUN)(made)
    if wanted.zone:
        made = click.option("--zone", default="UTC", show_default=True, help=wanted.zone)(made)
    place = click.Path(exists=True, path_type=Path)
    made = click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=place)(made)
    return click.command(wanted.name, help=told, short_help=f"Import events from {wanted.title}.")(made)


def _messages_of(reader: Reader, files: list[Path]) -> Callable[[Tally, Callable[[int], None]], Iterator[JsonValue]]:
    """The messages of files; one that breaks off is told of, and the others are read."""

    def messages(tally: Tally, heard: Callable[[int], None]) -> Iterator[JsonValue]:
        from engine.imports.archives import BROKEN, unpacked

        for file in files:
            before = len(tally.files)
            try:
                for name, raw in unpacked(file, heard):
                    tally.begin("/".join(each for each in (file.name if len(files) > 1 else "", name) if each))
                    yield from tally.messages(reader(raw))
            except BROKEN as error:
                if len(tally.files) == before:
                    tally.begin(file.name)
                tally.break_off(error)

    return messages


def _take_in(
    messages: Callable[[Tally, Callable[[int], None]], Iterator[JsonValue]],
    files: list[Path],
    data: str | None,
    slug: str,
    *,
    dry_run: bool,
    as_json: bool,
) -> Tally:
    from api.serving import system_clock
    from engine.imports.tally import Tally

    tally = Tally()
    if dry_run:
        from engine.bulk import refused_of

        plan = _plan_of(data, slug)
        with _progress(files) as heard:
            tally.refuse(refused_of(messages(tally, heard), received=system_clock(), plan=plan))
        _report(tally, {"messages": len(tally.lines)}, as_json=as_json)
        return tally
    with opened(settings_from(data), begins=True) as service:
        project = project_named(service, slug)
        with _progress(files) as heard:
            receipt = service.import_history(project.id, messages(tally, heard), received=system_clock())
    tally.refuse(receipt.rejected)
    _report(tally, {"new": receipt.accepted, "duplicates": receipt.duplicates}, as_json=as_json)
    return tally


def _plan_of(data: str | None, slug: str) -> TrackingPlan:
    """The tracking plan that an import would have to fit; without a database there is none yet."""
    from engine.tracking.plans import NO_PLAN

    try:
        with opened(settings_from(data)) as service:
            return service.plans.of(project_named(service, slug).id)
    except NoDatabase:
        return NO_PLAN


def _report(tally: Tally, messages: dict[str, int], *, as_json: bool) -> None:
    skipped = tally.skipped
    kept = tally.rows - skipped
    if as_json:
        from orjson import dumps

        listed = [
            {"line": each.line, "problem": each.text} | ({"file": name} if (name := tally.files[each.file]) else {})
            for each in tally.problems
        ]
        answer = {"rows": tally.rows, "kept": kept, "skipped": skipped, "problems": listed}
        click.echo(dumps({**answer, **messages}).decode())
        return
    for each in tally.problems[:SHOWN_PROBLEMS]:
        name = tally.files[each.file]
        click.echo(f"{name}, line {each.line}: {each.text}" if name else f"line {each.line}: {each.text}", err=True)
    if len(tally.problems) > SHOWN_PROBLEMS:
        click.echo(f"… and {len(tally.problems) - SHOWN_PROBLEMS} more (all of them with --json)", err=True)
    if "messages" in messages:
        click.echo(f"{kept} rows would be kept, {skipped} skipped, {tally.rows} in all; nothing was taken in")
        return
    known = f", of them {messages['duplicates']} messages known before" if messages["duplicates"] else ""
    click.echo(f"{kept} rows kept{known}, {skipped} skipped, {tally.rows} in all")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise click.UsageError(f"there is no time zone `{name}`; write one like `Europe/Berlin`") from None


@contextmanager
def _progress(files: list[Path]) -> Iterator[Callable[[int], None]]:
    """A progress bar over the bytes of the files, as they are packed; gives what is to be told of every piece."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    named = files[0].name if len(files) == 1 else f"{len(files)} files"
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(f"importing {named}", total=sum(file.stat().st_size for file in files))
        yield lambda read: bar.advance(task, read)


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
    from api.cli.analyzing import Form
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
    echo_audit(found, Form(as_json))


command.add_command(import_command)
