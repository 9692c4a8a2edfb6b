"""`waypost alerts`: guides that an author should look at now, and figures of steps that somebody watches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.analyzing import Form, file_options, place_options
from api.cli.choices import Listing, known
from api.cli.lengths import read_length
from api.cli.options import opened, project_named, settings_from
from engine.audit import COMMAND_LINE

if TYPE_CHECKING:
    from engine.storage.step_alerts import StepAlert


@click.group("alerts", invoke_without_command=True)
@file_options
@place_options
@click.pass_context
def command(ctx: click.Context, data: str | None, slug: str, form: Form) -> None:
    """Tell which guides to look at: a target that is suddenly missing, shows that collapse.

    Compares the last 24 hours with the seven days before, and says nothing where it may be chance. Tells the figures of
    steps that are raised, too; `waypost alerts steps` lists all that are watched. Exits with 1 if there is anything, so
    that a job of yours can tell you.

    \b
    Example:
      waypost alerts --data data
    """
    if ctx.invoked_subcommand is not None:
        return
    from engine.alerts import ALERT_COLUMNS, alert_rows
    from engine.step_alert_desk import StepAlertDesk

    with opened(settings_from(data)) as service:
        project = project_named(service, slug).id
        found = service.publications.alerts(project)
        raised = [each for each in StepAlertDesk(service.database).history(project, limit=500) if not each.resolved]

    def document() -> Any:
        from api.schemas.alerts import AlertsSchema

        return AlertsSchema().dump({"data": found})

    if not form.export(alert_rows(found), ALERT_COLUMNS, document):
        for alert in found:
            click.echo(f"{alert.kind.value}: {alert.message}")
        for each in raised:
            click.echo(f"{each.said['alert']}: {each.said['message']}")
        if not found and not raised:
            click.echo("nothing to look at")
    if found or (raised and not form.is_for_machines):
        raise click.exceptions.Exit(1)


@command.command("steps")
@file_options
@place_options
def steps(data: str | None, slug: str, form: Form) -> None:
    """List the figures of steps that are watched, with what the last look found.

    \b
    Example:
      waypost alerts steps --data data
    """
    from api.schemas.step_alerts import StepAlertsSchema, alert_document, alert_row
    from engine.step_alert_desk import StepAlertDesk
    from engine.step_alerts import STEP_ALERT_COLUMNS

    with opened(settings_from(data)) as service:
        found = StepAlertDesk(service.database).alerts(project_named(service, slug).id)
    rows = list(map(alert_row, found))
    if form.export(rows, STEP_ALERT_COLUMNS, lambda: StepAlertsSchema().dump({"data": map(alert_document, found)})):
        return
    for alert in found:
        _echo(alert)
    if not found:
        click.echo("nothing is watched yet; `waypost alerts watch drop activation.verify_domain` begins")


@command.command("history")
@click.option("--alert", type=click.IntRange(min=1), metavar="NUMBER", help="Of one alert only.")
@file_options
@place_options
def history(alert: int | None, data: str | None, slug: str, form: Form) -> None:
    """List which figures of steps were raised, and when and why that was over.

    \b
    Example:
      waypost alerts history --data data
    """
    from api.schemas.step_alerts import EpisodesSchema, episode_document, episode_row
    from api.tables import ALL
    from engine.step_alert_desk import StepAlertDesk
    from engine.step_alerts import ENDINGS, HISTORY_COLUMNS

    with opened(settings_from(data)) as service:
        found = StepAlertDesk(service.database).history(project_named(service, slug).id, alert_id=alert, limit=ALL)

    def document() -> Any:
        return EpisodesSchema().dump({"data": map(episode_document, found), "next": None})

    rows = list(map(episode_row, found))
    if form.export(rows, HISTORY_COLUMNS, document):
        return
    for each, row in zip(found, rows, strict=True):
        over = "still raised" if each.ending is None else f"over at {row['resolved']}: {ENDINGS[each.ending]}"
        click.echo(f"{row['raised']}  {row['message']}; {over}")
    if not found:
        click.echo("nothing was raised yet")


@command.command("watch", cls=Listing)
@click.argument("metric", metavar="METRIC", type=known("engine.step_alerts:Metric"))
@click.argument("place", metavar="JOURNEY.STEP")
@click.option("--persona", metavar="NAME", help="Only people who are it now.")
@click.option("--rises", "direction", flag_value="rises", help="Tell when it rises.")
@click.option("--falls", "direction", flag_value="falls", help="Tell when it falls. [the worse of both]")
@click.option("--by", "at_least", type=float, metavar="NUMBER", help="The least change worth telling. [of the metric]")
@click.option("--days", "recent_days", type=int, default=7, show_default=True, help="Of the recent period.")
@click.option("--before", "before_days", type=int, default=28, show_default=True, help="Days of the one before.")
@click.option("--within", metavar="LENGTH", help="How long people have. [the journey's `gives up after`]")
@click.option("--note", default="", help="What it is for.")
@place_options
def watch(place: str, data: str | None, slug: str, as_json: bool, note: str, **asked: Any) -> None:
    """Watch a figure of a step, or of a whole journey, and be told once when it changes for the worse.

    \b
    Example:
      waypost alerts watch drop activation.verify_domain --by 5
      waypost alerts watch conversion activation --falls
    """
    from api.schemas.step_alerts import read_watch
    from api.serving import system_clock
    from engine.step_alert_desk import StepAlertDesk

    within = None if asked["within"] is None else read_length(asked["within"])
    with opened(settings_from(data)) as service:
        project = project_named(service, slug).id
        made = StepAlertDesk(service.database).add(
            project,
            read_watch({**asked, "at": place, "within": within}),
            service.rules_now(project),
            note=note,
            by=COMMAND_LINE,
            now=system_clock(),
        )
    _tell(made, as_json=as_json)


@command.command("unwatch")
@click.argument("number", type=click.IntRange(min=1))
@place_options
def unwatch(number: int, data: str | None, slug: str, as_json: bool) -> None:
    """Remove an alert on a step, and the list of when it was raised.

    \b
    Example:
      waypost alerts unwatch 1
    """
    from api.serving import system_clock
    from engine.step_alert_desk import StepAlertDesk

    with opened(settings_from(data)) as service:
        project = project_named(service, slug).id
        found = StepAlertDesk(service.database).remove(project, number, by=COMMAND_LINE, now=system_clock())
    _tell(found, as_json=as_json, ending=" is removed")


def _tell(alert: StepAlert, *, as_json: bool, ending: str = " is watched from now on") -> None:
    from api.cli.analyzing import echo_json
    from api.schemas.step_alerts import StepAlertSchema, alert_document
    from engine.step_alerts import watch_words

    if as_json:
        echo_json(StepAlertSchema().dump(alert_document(alert)))
    else:
        click.echo(f"alert {alert.id}{ending}: {watch_words(alert.watch)}")


def _echo(alert: StepAlert) -> None:
    from api.schemas.step_alerts import state_of
    from engine.step_alerts import change_words, number_words, watch_words

    look = alert.look
    click.echo(f"{alert.id:>4}  {state_of(alert):<8}  {watch_words(alert.watch)}  {alert.note}".rstrip())
    if look is not None and look.problem:
        click.echo(f"{'':>16}{look.problem}")
    elif look is not None and look.interval is not None:
        now, before = number_words(look.recent), number_words(look.before)
        low, high = change_words(look.interval.low), change_words(look.interval.high)
        click.echo(
            f"{'':>16}{now} of {look.n:,} people, {before} of {look.n_before:,} before: "
            f"{change_words(look.difference)}, somewhere from {low} to {high}"
        )
