"""`waypost replays`: recordings of sessions, listed, written to a file, deleted; and whether there are any."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.analyzing import Form, echo_json, file_options, place_options, population_options, read_time
from api.cli.choices import known
from api.cli.options import data_option, opened, project_named, project_option, settings_from
from api.serving import system_clock

if TYPE_CHECKING:
    from dsl.values import Instant
    from engine.replay.recordings import Recording

ALL = 10_000_000
"""More than a file of recordings ever lists."""


@click.group("replays")
def command() -> None:
    """List recordings of sessions, write one to a file, delete one; say whether sessions are recorded.

    \b
    Example:
      waypost replays settings --mode moments --days 14
      waypost replays list --step activation.verify_domain
      waypost replays export 3f2b8a52-7c10-4f0e-9a7b-0d6f0c5f3a11 --out recording.json
    """


@command.command("list")
@click.option("--step", metavar="JOURNEY.STEP", help="Only what went wrong at this step, or in a journey.")
@click.option("--event", metavar="NAME", help="Only where this went wrong: '$rage_click'.")
@click.option("--persona", metavar="NAME", help="Only of whom this persona is true now.")
@click.option("--user", metavar="ID", help="Only of this user, or visitor.")
@click.option("--from", "since", metavar="TIME", help="Only what was still recorded then, or later: 2026-06-30.")
@click.option("--to", "until", metavar="TIME", help="Only what began before.")
@click.option("--before", type=click.IntRange(1, 2**31 - 1), help="`next` of the page before.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="CSV and Parquet have all.")
@population_options
@file_options
@place_options
def list_command(
    *,
    limit: int,
    since: str | None,
    until: str | None,
    data: str | None,
    slug: str,
    form: Form,
    **asked: Any,
) -> None:
    """List recordings, the latest first.

    \b
    Example:
      waypost replays list --event '$rage_click' --from 2026-06-01
      waypost replays list --csv > recordings.csv
    """
    from api.replays import read_asked
    from api.schemas.replays import ReplaySchema
    from engine.replay.desk import ReplayDesk

    most = ALL if form.is_file else limit
    period: dict[str, Any] = {"since": read_time(since, "--from"), "until": read_time(until, "--to")}
    with opened(settings_from(data)) as service:
        project, desk = project_named(service, slug), ReplayDesk(service.database)
        wanted = read_asked(desk, project.id, **asked, **period, limit=most + 1)
        found = desk.listed(project.id, wanted, service.rules_now(project.id))
    page = found[:most]
    shown = ReplaySchema(many=True).dump(page)

    def document() -> Any:
        return {"data": shown, "next": page[-1].number if len(found) > len(page) else None}

    if form.export_documents(shown, ReplaySchema().fields, document):
        return
    for each in page:
        click.echo(_line(each))
    if not page:
        click.echo("no recordings")


@command.command("export")
@click.argument("recording", metavar="ID")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@data_option
@project_option
def export(recording: str, out: Path | None, data: str | None, slug: str) -> None:
    """Write the recording ID as JSON: what is known of it, and in `recorded` what a player of rrweb's takes.

    That it was exported is in the audit log. A file is noted as a copy that holds the user: erasing them tells of it.

    \b
    Example:
      waypost replays export 3f2b8a52-7c10-4f0e-9a7b-0d6f0c5f3a11 --out recording.json
    """
    from orjson import dumps

    from api.schemas.replays import ReplaySchema
    from engine.audit import COMMAND_LINE
    from engine.replay.desk import ReplayDesk

    with opened(settings_from(data)) as service:
        project, desk = project_named(service, slug), ReplayDesk(service.database)
        found = desk.one(project.id, recording)
        if out is not None:
            # Told before it is written: an erasure in the meantime then knows of the file.
            service.privacy.record_person_export(project.id, found.user, str(out.absolute()))
        parts = desk.watch(project.id, found.id, by=COMMAND_LINE, now=system_clock())
        with out.open("wb") if out is not None else sys.stdout.buffer as file:
            file.write(dumps(ReplaySchema().dump(found)).removesuffix(b"}") + b',"recorded":')
            for each in parts:
                file.write(each)
            file.write(b"}\n")


@command.command("delete")
@click.argument("recording", metavar="ID")
@data_option
@project_option
def delete(recording: str, *, data: str | None, slug: str) -> None:
    """Delete the recording ID for good. What still comes of it is refused; notes on it stay.

    \b
    Example:
      waypost replays delete 3f2b8a52-7c10-4f0e-9a7b-0d6f0c5f3a11
    """
    from engine.audit import COMMAND_LINE
    from engine.replay.desk import ReplayDesk

    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        ReplayDesk(service.database).delete(project.id, recording, by=COMMAND_LINE, now=system_clock())
    click.echo(f"recording {recording} is deleted")


@command.command("settings")
@click.option("--mode", type=known("engine.replay.settings:ReplayMode"), help="What is recorded.")
@click.option("--days", type=int, help="For how long a recording is kept.")
@click.option("--megabytes", type=int, help="How much of recordings is let in on one day, packed.")
@place_options
def settings_command(
    *,
    mode: str | None,
    days: int | None,
    megabytes: int | None,
    data: str | None,
    slug: str,
    as_json: bool,
) -> None:
    """Show whether sessions are recorded, and how much of that is kept; change what is said.

    `moments` keeps the half minute before something went wrong, and what follows; `sessions` whole sessions. Both only
    of users whom a `record` declaration of the rules covers.

    \b
    Example:
      waypost replays settings --mode moments --days 14
    """
    from dataclasses import replace

    from api.schemas.replays import ReplaySettingsSchema
    from engine.replay.settings import ReplayMode

    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        now = project.replay
        wanted = replace(
            now,
            mode=now.mode if mode is None else ReplayMode(mode),
            days=now.days if days is None else days,
            megabytes_a_day=now.megabytes_a_day if megabytes is None else megabytes,
        )
        if wanted != now:
            wanted = service.tenancy.change(project.id, replay=wanted).replay
    if as_json:
        echo_json(ReplaySettingsSchema().dump(wanted))
        return
    click.echo(f"{wanted.mode}: kept for {wanted.days:,} days, up to {wanted.megabytes_a_day:,} MB a day")


def _line(each: Recording) -> str:
    told = ", ".join(each.events) or "nothing went wrong"
    steps = f" at {', '.join(each.steps)}" if each.steps else ""
    minutes, seconds = divmod(round(each.seconds), 60)
    return f"{each.id}  {_time(each.started)}  {minutes}:{seconds:02d}  {each.user}: {told}{steps}"


def _time(instant: Instant) -> str:
    from dsl.values import to_datetime

    return f"{to_datetime(instant):%Y-%m-%d %H:%M}"
