"""`waypost sources`: tickets and app reviews that are fetched by schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.analyzing import Form, echo_json, file_options, place_options
from api.cli.choices import known
from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from
from engine.audit import COMMAND_LINE

if TYPE_CHECKING:
    from api.config import Settings
    from engine.scheduled.desk import ScheduledDesk
    from engine.scheduled.facts import ScheduledSource, SourceRun
    from engine.service import Service

_set_option = click.option(
    "--set", "said", multiple=True, metavar="NAME=TEXT", help="A setting; `waypost sources kinds` names them."
)
_secret_option = click.option(
    "--secret",
    "asked",
    multiple=True,
    metavar="NAME",
    help="A setting that is asked for, so that it stands in no history of commands; from a pipe, a line each.",
)
_every_option = click.option(
    "--every", type=known("engine.scheduled.facts:Every"), help="How often it is fetched.  [daily]"
)
_step_option = click.option("--step", metavar="JOURNEY.STEP", help="Of what no rule tags; `-` for none.")


@click.group("sources")
def command() -> None:
    """Fetch support tickets and app reviews by schedule; they become evidence.

    The background worker fetches: in `waypost serve`, or alone in `waypost worker`.

    \b
    Example:
      waypost sources add zendesk --set address=https://acme.zendesk.com --set email=a@acme.example --secret token
      waypost sources list
      waypost sources runs 1
    """


@command.command("kinds")
@file_options
@json_option
def kinds_command(*, form: Form) -> None:
    """Tell from where can be fetched, and what each kind needs to know.

    \b
    Example:
      waypost sources kinds
    """
    from engine.scheduled.kinds import kinds

    columns = {"name": "", "title": "", "meaning": "", "settings": "", "documentation": ""}
    rows = [
        {
            "name": each.name,
            "title": each.title,
            "meaning": each.meaning,
            "settings": ", ".join(one.name for one in each.settings),
            "documentation": each.documentation,
        }
        for each in kinds().values()
    ]

    def document() -> Any:
        from api.schemas.sources import SourceKindsSchema

        return SourceKindsSchema().dump({"data": list(kinds().values())})

    if form.export(rows, columns, document):
        return
    for kind in kinds().values():
        click.echo(f"{kind.name}: {kind.title}. {kind.meaning}")
        for each in kind.settings:
            marks = [
                *(["secret"] if each.is_secret else []),
                *([] if each.is_required else ["may be blank"]),
                *([f"default {each.default}"] if each.default else []),
            ]
            told = f" ({', '.join(marks)})" if marks else ""
            click.echo(f"  {each.name}{told}: {each.label}. {each.hint}".rstrip())


@command.command("list")
@file_options
@place_options
def list_command(*, data: str | None, slug: str, form: Form) -> None:
    """List the sources with what became of their last run.

    \b
    Example:
      waypost sources list
    """
    settings = settings_from(data)
    with opened(settings) as service:
        project, desk = project_named(service, slug).id, _desk(service, settings)
        found, last = desk.sources(project), desk.last_runs(project)
    from api.schemas.sources import ScheduledSourceSchema
    from api.tables import document_rows

    documents = ScheduledSourceSchema(many=True).dump(found)
    columns = list(ScheduledSourceSchema().dump_fields)
    if form.export(document_rows(documents, columns), columns, lambda: {"data": documents}):
        return
    for each in found:
        click.echo(_line(each, last.get(each.id)))
    if not found:
        click.echo("no scheduled sources")


@command.command("add")
@click.argument("kind")
@click.option("--name", default="", help="What it is called here.  [its kind]")
@_set_option
@_secret_option
@_every_option
@_step_option
@data_option
@project_option
@json_option
def add_command(
    kind: str,
    *,
    name: str,
    said: tuple[str, ...],
    asked: tuple[str, ...],
    every: str | None,
    step: str | None,
    data: str | None,
    slug: str,
    as_json: bool,
) -> None:
    """Make a source of a KIND. The worker fetches from it within seconds.

    \b
    Example:
      waypost sources add app_store --set app=123456789 --set countries=us,de
      waypost sources add freshdesk --set address=https://acme.freshdesk.com --secret token --every hourly
    """
    from engine.scheduled.desk import SourceWanted
    from engine.scheduled.facts import Every

    settings, values = settings_from(data), _values(said, asked)
    with opened(settings) as service:
        project = project_named(service, slug).id
        rules = service.rules_now(project)
        wanted = SourceWanted(kind, name, values, Every(every or "daily"), None if step == "-" else step)
        made = _desk(service, settings).add(project, wanted, rules.project, by=COMMAND_LINE, now=rules.now)
    _tell(made, as_json=as_json)


@command.command("change")
@click.argument("number", type=int)
@click.option("--name", help="Another name.")
@click.option("--on/--off", "is_on", default=None, help="Turn it on or off.")
@_set_option
@_secret_option
@_every_option
@_step_option
@data_option
@project_option
@json_option
def change_command(
    number: int,
    *,
    name: str | None,
    is_on: bool | None,
    said: tuple[str, ...],
    asked: tuple[str, ...],
    every: str | None,
    step: str | None,
    data: str | None,
    slug: str,
    as_json: bool,
) -> None:
    """Change source NUMBER; what is not said stays as it is.

    \b
    Example:
      waypost sources change 1 --every hourly
      waypost sources change 1 --secret token --on
    """
    settings = settings_from(data)
    wanted: dict[str, Any] = {"name": name, "is_on": is_on, "every": every, "values": _values(said, asked) or None}
    changes = {key: value for key, value in wanted.items() if value is not None}
    if step is not None:
        changes["step"] = None if step == "-" else step
    with opened(settings) as service:
        project, desk = project_named(service, slug).id, _desk(service, settings)
        rules, revision = service.rules_now(project), desk.source(project, number).revision
        made = desk.change(project, number, changes, rules.project, revision=revision, by=COMMAND_LINE, now=rules.now)
    _tell(made, as_json=as_json)


@command.command("run")
@click.argument("number", type=int)
@data_option
@project_option
@json_option
def run_command(number: int, *, data: str | None, slug: str, as_json: bool) -> None:
    """Let the worker fetch from source NUMBER now, whenever its time would be.

    \b
    Example:
      waypost sources run 1
    """
    settings = settings_from(data)
    with opened(settings) as service:
        project = project_named(service, slug).id
        made = _desk(service, settings).call(project, number, now=service.rules_now(project).now)
    _tell(made, as_json=as_json)


@command.command("remove")
@click.argument("number", type=int)
@data_option
@project_option
@json_option
def remove_command(number: int, *, data: str | None, slug: str, as_json: bool) -> None:
    """Remove source NUMBER with its secrets and its runs; the evidence that it brought stays.

    \b
    Example:
      waypost sources remove 1
    """
    settings = settings_from(data)
    with opened(settings) as service:
        project = project_named(service, slug).id
        now = service.rules_now(project).now
        made = _desk(service, settings).remove(project, number, by=COMMAND_LINE, now=now)
    if as_json:
        _tell(made, as_json=True)
    else:
        click.echo(f"source {number} (`{made.name}`) is removed")


@command.command("runs")
@click.argument("number", type=int)
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="CSV and Parquet have all.")
@file_options
@place_options
def runs_command(number: int, *, limit: int, data: str | None, slug: str, form: Form) -> None:
    """List what became of the runs of source NUMBER in the last 30 days, the latest first.

    \b
    Example:
      waypost sources runs 1
    """
    from engine.scheduled.facts import RUN_COLUMNS, run_row

    settings = settings_from(data)
    with opened(settings) as service:
        project = project_named(service, slug).id
        found = _desk(service, settings).runs(project, number, limit=None if form.is_file else limit)

    def document() -> Any:
        from api.schemas.sources import SourceRunsSchema

        return SourceRunsSchema().dump({"data": found, "next": found[-1].id if len(found) == limit else None})

    if form.export([run_row(each) for each in found], RUN_COLUMNS, document):
        return
    from dsl.values import format_instant

    for each in found:
        click.echo(f"{format_instant(each.started)[:19]}Z  {_outcome(each)}")
        for name, problem in each.problems:
            click.echo(f"  {name}: {problem}")
    if not found:
        click.echo("no run yet: the worker has not come by")


def _desk(service: Service, settings: Settings) -> ScheduledDesk:
    from engine.scheduled.desk import ScheduledDesk

    return ScheduledDesk(service.database, allows_private=settings.private_webhooks)


def _values(said: tuple[str, ...], asked: tuple[str, ...]) -> dict[str, str]:
    """Settings from `NAME=TEXT`, and secrets that are asked for."""
    values = {}
    for each in said:
        name, equals, text = each.partition("=")
        if not equals or not name:
            raise click.UsageError(f"`{each[:40]}` is no setting: write NAME=TEXT")
        values[name] = text
    for name in asked:
        values[name] = click.prompt(name, hide_input=True, err=True)
    return values


def _tell(source: ScheduledSource, *, as_json: bool) -> None:
    if as_json:
        from api.schemas.sources import ScheduledSourceSchema

        echo_json(ScheduledSourceSchema().dump(source))
        return
    click.echo(_line(source, None))


def _line(source: ScheduledSource, run: SourceRun | None) -> str:
    from dsl.values import format_instant

    when = "off" if source.next_run is None else f"next {format_instant(source.next_run)[:19]}Z"
    told = "" if run is None else f"; last run: {_outcome(run)}"
    stopped = "" if source.stopped is None else f"; turned off: {source.stopped}"
    return f"{source.id}  {source.name} ({source.kind}, {source.every}): {when}{told}{stopped}"


def _outcome(run: SourceRun) -> str:
    counts = (
        (run.kept, "new"),
        (run.updated, "changed"),
        (run.known, "known"),
        (run.removed, "gone"),
        (run.refused, "refused"),
    )
    told = ", ".join(f"{number:,} {name}" for number, name in counts if number) or "nothing new"
    return f"{run.state}: {told}" + ("" if run.error is None else f"; {run.error}")
