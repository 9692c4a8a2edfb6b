"""`waypost exports`: reports that are written to files by schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.analyzing import Form, echo_json, file_options, place_options
from api.cli.choices import Listing, known
from api.cli.options import opened, project_named, settings_from
from engine.audit import COMMAND_LINE

if TYPE_CHECKING:
    from engine.storage.report_schedules import Schedule


@click.group("exports", invoke_without_command=True)
@file_options
@place_options
@click.pass_context
def command(ctx: click.Context, data: str | None, slug: str, form: Form) -> None:
    """Write reports to files by schedule; without a word behind it: list them.

    Files go into the folder that WAYPOST_EXPORTS_DIR names, one folder for each project in it.

    \b
    Example:
      waypost exports
      waypost exports add funnel-daily funnel --with journey=activation --hour 6
    """
    if ctx.invoked_subcommand is not None:
        return
    from api.exporting import report_desk
    from api.schemas.exports import SchedulesSchema, schedule_document, schedule_row
    from engine.report_schedules import SCHEDULE_COLUMNS

    settings = settings_from(data)
    with opened(settings) as service:
        found = report_desk(service.database, settings).schedules(project_named(service, slug).id)
    rows = list(map(schedule_row, found))
    if form.export(rows, SCHEDULE_COLUMNS, lambda: SchedulesSchema().dump({"data": map(schedule_document, found)})):
        return
    for row in rows:
        due = f"next at {row['next']}" if row["next"] else "off"
        click.echo(f"{row['id']:>4}  {row['name']}.{row['form']}  {row['report']}  {row['when']}; {due}")
    if not rows:
        click.echo("nothing is exported by schedule yet")


@command.command("runs")
@click.option("--export", "number", type=click.IntRange(min=1), metavar="NUMBER", help="Of one export only.")
@file_options
@place_options
def runs(number: int | None, data: str | None, slug: str, form: Form) -> None:
    """List what was written in the last 90 days, or is to be.

    \b
    Example:
      waypost exports runs
    """
    from api.exporting import report_desk
    from api.schemas.exports import ReportRunsSchema, run_row
    from api.tables import ALL
    from engine.report_schedules import RUN_COLUMNS

    settings = settings_from(data)
    with opened(settings) as service:
        desk = report_desk(service.database, settings)
        found = desk.runs(project_named(service, slug).id, schedule_id=number, limit=ALL)
    rows = list(map(run_row, found))
    if form.export(rows, RUN_COLUMNS, lambda: ReportRunsSchema().dump({"data": found, "next": None})):
        return
    for row in rows:
        told = f"{row['file']}, {row['rows']:,} rows" if row["file"] else row["error"] or ""
        click.echo(f"{row['id']:>4}  {row['due']}  {row['state']:<8} {told}".rstrip())
    if not rows:
        click.echo("nothing was written yet")


@command.command("add", cls=Listing)
@click.argument("name")
@click.argument("report", metavar="REPORT", type=known("api.reports:REPORTS"))
@click.option("--with", "asked", metavar="NAME=VALUE", multiple=True, help="A parameter of the report; repeat.")
@click.option("--form", type=known("engine.report_schedules:FileForm"), default="csv", show_default=True)
@click.option("--days", type=int, help="Of so many whole days before.")
@click.option("--every", type=known("engine.report_schedules:Every"), default="day", show_default=True)
@click.option("--on", type=int, default=1, show_default=True, help="Of a week from 1 for Monday, of a month to 28.")
@click.option("--hour", type=int, default=6, show_default=True, help="In the project's zone.")
@place_options
def add(asked: tuple[str, ...], data: str | None, slug: str, as_json: bool, **wanted: Any) -> None:
    """Write a report by schedule. NAME becomes that of its files.

    \b
    Example:
      waypost exports add events-daily events --days 1 --form parquet
      waypost exports add funnel-weekly funnel --with journey=activation --every week --on 1
    """
    from api.exporting import report_desk
    from api.schemas.exports import read_wanted
    from api.serving import system_clock

    settings = settings_from(data)
    with opened(settings) as service:
        project = project_named(service, slug)
        made = report_desk(service.database, settings).add(
            project.id,
            read_wanted({**wanted, "asked": _parameters(asked)}),
            zone=project.zone,
            by=COMMAND_LINE,
            now=system_clock(),
        )
    _tell(made, "is written", as_json=as_json)


@command.command("run")
@click.argument("number", type=click.IntRange(min=1))
@place_options
def run(number: int, data: str | None, slug: str, as_json: bool) -> None:
    """Let an export be written now, besides its schedule: the background worker does it.

    \b
    Example:
      waypost exports run 1
    """
    from api.exporting import report_desk
    from api.serving import system_clock

    settings = settings_from(data)
    with opened(settings) as service:
        project = project_named(service, slug).id
        found = report_desk(service.database, settings).run_now(project, number, now=system_clock())
    _tell(found, "is written by the worker now, and", as_json=as_json)


@command.command("remove")
@click.argument("number", type=click.IntRange(min=1))
@place_options
def remove(number: int, data: str | None, slug: str, as_json: bool) -> None:
    """Remove an export and the list of its runs; the files stay.

    \b
    Example:
      waypost exports remove 1
    """
    from api.exporting import report_desk
    from api.serving import system_clock

    settings = settings_from(data)
    with opened(settings) as service:
        project = project_named(service, slug).id
        found = report_desk(service.database, settings).remove(project, number, by=COMMAND_LINE, now=system_clock())
    _tell(found, "is written no more; it was", as_json=as_json)


def _parameters(told: tuple[str, ...]) -> dict[str, Any]:
    """`journey=activation` as a parameter; one that is named several times is a list."""
    found: dict[str, Any] = {}
    for each in told:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"`{each}` is no parameter: write `journey=activation`", param_hint="--with")
        if name in found:
            before = found[name]
            found[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[name] = value
    return found


def _tell(found: Schedule, what: str, *, as_json: bool) -> None:
    from api.schemas.exports import ScheduleSchema, schedule_document
    from engine.report_schedules import words_of

    if as_json:
        echo_json(ScheduleSchema().dump(schedule_document(found)))
    else:
        click.echo(f"export {found.id} (`{found.wanted.name}`) {what} {words_of(found.wanted)}")
