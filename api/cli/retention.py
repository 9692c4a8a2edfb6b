"""`waypost project retention`: for how long events are kept."""

from __future__ import annotations

import sys

import click
import orjson

from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from


@click.command("retention")
@click.option("--days", type=int, metavar="N", help="Keep events for N days.")
@click.option("--off", is_flag=True, help="Keep all events.")
@click.option("--now", "at_once", is_flag=True, help="Remove what is older now, rather than tonight.")
@data_option
@project_option
@json_option
def command(days: int | None, off: bool, at_once: bool, data: str | None, slug: str, as_json: bool) -> None:
    """Show for how long events are kept, or change it.

    Older events are folded into a snapshot of each person and removed, once a day, by `waypost serve` or `waypost
    worker`. States, records, answers and who saw what stay as they are; conditions of later rules, and questions about
    the past, reach back to the cut only.

    \b
    Example:
      waypost project retention --days 400
      waypost project retention --off
    """
    from api.serving import system_clock

    if off and days is not None:
        raise click.UsageError("--days N keeps events for N days, --off keeps all: say one of them")
    with opened(settings_from(data)) as service:
        privacy, project = service.privacy, project_named(service, slug)
        if off or days is not None:
            privacy.set_retention(project.id, days)
        kept = privacy.retention_days(project.id)
        watched = sys.stderr.isatty() and not as_json
        done = privacy.retain(project.id, system_clock(), progress=_progress if watched else None) if at_once else None
    if as_json:
        removed = None if done is None else done.events
        click.echo(orjson.dumps({"project": slug, "days": kept, "removed": removed}))
        return
    click.echo(f"project `{slug}` keeps events for {kept:,} days" if kept else f"project `{slug}` keeps all events")
    if done is not None:
        click.echo(f"{done.events:,} events of {done.people:,} people folded into snapshots and removed")


def _progress(people: int) -> None:
    click.echo(f"\r{people:,} people", nl=False, err=True)
