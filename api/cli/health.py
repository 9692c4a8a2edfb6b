"""`waypost health`: accounts that are busy but stuck, and who looks after them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from

if TYPE_CHECKING:
    from engine.analytics.health import Health


@click.command("health")
@click.argument("account", required=False)
@click.option(
    "--owner", metavar="NAME", help="Only accounts that NAME looks after; with ACCOUNT: NAME does from now on."
)
@click.option("--note", metavar="TEXT", help="With ACCOUNT: note something of it.")
@click.option("--journey", metavar="NAME", help="Only the outcome of this journey counts. [of all]")
@click.option("--outcome", metavar="EVENT", help="An event instead: `Purchase where amount > 10`.")
@click.option("--days", type=click.IntRange(1, 3_650), default=30, show_default=True, help="How far to look back.")
@click.option("--all", "is_all", is_flag=True, help="All accounts, not only those that are busy but stuck.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=100, show_default=True, help="How many accounts.")
@click.option("--everyone", is_flag=True, help="Count internal users, bots and simulated people too.")
@click.option("--simulated", "with_simulated", is_flag=True, help="Count simulated people too, but no bots.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--parquet", metavar="FILE", type=click.Path(dir_okay=False), help="Write a Parquet file.")
@data_option
@project_option
@json_option
def command(
    *,
    account: str | None,
    owner: str | None,
    note: str | None,
    is_all: bool,
    as_csv: bool,
    parquet: str | None,
    data: str | None,
    slug: str,
    as_json: bool,
    **options: Any,
) -> None:
    """List accounts that do much and get little out of it, with their people, notes and owner.

    With an ACCOUNT: say who looks after it (a blank name: nobody), or note something of it. docs/reference/health.md

    \b
    Example:
      waypost health
      waypost health --all --outcome "Campaign Sent" --days 90 --csv
      waypost health acme --owner ada@example.com --note "Asked for a call on Monday"
    """
    settings = settings_from(data)
    with opened(settings) as service:
        from api.cli.funnel import copy_log
        from engine.account_health import HealthAsked, give_care, health
        from engine.analyst import Analyst
        from engine.analytics.health import Standing

        project = project_named(service, slug)
        rules = service.rules_now(project.id)
        analyst = Analyst(service.database, settings.lakes, master=settings.spark)
        if account is not None:
            give_care(analyst, project.id, account, owner=owner, note=note, at=rules.now, by="command line")
            click.echo(f"kept for `{account}`")
            return
        if note is not None:
            raise click.UsageError("name the account that the note is of: `waypost health ACCOUNT --note TEXT`")
        copy_log(analyst, project.id)
        asked = HealthAsked(owner=owner, standing=None if is_all else Standing.STUCK, **options)
        found = health(analyst, project.id, asked, rules)
    _print(found, as_json=as_json, as_csv=as_csv, parquet=parquet)


def _print(found: Health, *, as_json: bool, as_csv: bool, parquet: str | None) -> None:
    from api import tables
    from engine.analytics.tables import HEALTH_COLUMNS, health_rows

    if parquet is not None:
        Path(parquet).write_bytes(tables.as_parquet(health_rows(found), list(HEALTH_COLUMNS)))
    if as_json:
        from orjson import dumps

        from api.schemas.health import health_document

        click.echo(dumps(health_document(found)).decode())
    elif as_csv:
        click.echo(tables.as_csv(health_rows(found), list(HEALTH_COLUMNS)), nl=False)
    elif parquet is None:
        _draw(found)


def _draw(found: Health) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console, table = Console(highlight=False), Table(box=None, pad_edge=False)
    for head in ("account", "standing", "owner"):
        table.add_column(head, overflow="fold")
    for head in ("people", "activity", "outcomes"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("who, and what was noted", overflow="fold")
    for each in found.accounts:
        who = ", ".join(person.user for person in each.named[:3])
        noted = f"\n{each.notes[0].text}" if each.notes else ""
        table.add_row(
            escape(each.account),
            each.standing.value,
            escape(each.owner or ""),
            f"{each.people:,}",
            f"{each.activity:,}{_place(each.activity_percentile)}",
            f"{each.outcomes:,}{_place(each.outcome_percentile)}",
            escape(who + noted),
        )
    if found.accounts:
        console.print(table)
    else:
        console.print("no such account (--all lists all of them)")
    left_out = ", ".join(kind.value for kind in found.left_out)
    console.print(f"\noutcome: {escape(found.outcome)}; in brackets the percentile among all accounts")
    console.print(f"left out: {left_out} (--everyone counts them)" if left_out else "nobody is left out")


def _place(percentile: float | None) -> str:
    return "" if percentile is None else f" ({percentile:.0f})"
