"""`waypost health`: accounts that are busy but stuck, and who looks after them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.analyzing import Form, file_options, left_out_line, opened_lake, place_options, population_options

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
@population_options
@file_options
@place_options
def command(
    *,
    account: str | None,
    owner: str | None,
    note: str | None,
    is_all: bool,
    data: str | None,
    slug: str,
    form: Form,
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
    with opened_lake(data, slug) as lake:
        from engine.account_health import HealthAsked, give_care, health
        from engine.analytics.health import Standing

        if account is not None:
            at = lake.rules.now
            give_care(lake.analyst, lake.project, account, owner=owner, note=note, at=at, by="command line")
            click.echo(f"kept for `{account}`")
            return
        if note is not None:
            raise click.UsageError("name the account that the note is of: `waypost health ACCOUNT --note TEXT`")
        lake.copy_log()
        asked = HealthAsked(owner=owner, standing=None if is_all else Standing.STUCK, **options)
        found = health(lake.analyst, lake.project, asked, lake.rules)
    if not _export(found, form):
        _draw(found, is_all=is_all, owner=owner)


def _export(found: Health, form: Form) -> bool:
    from engine.analytics.tables import HEALTH_COLUMNS, health_rows

    def document() -> Any:
        from api.schemas.health import health_document

        return health_document(found)

    return form.export(health_rows(found), HEALTH_COLUMNS, document)


def _draw(found: Health, *, is_all: bool, owner: str | None) -> None:
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
        cared = "" if owner is None else f" that {escape(owner)} looks after"
        if not is_all:
            console.print(f"no account{cared} is busy but stuck (--all lists all of them)")
        elif owner is None:
            console.print(
                "no account of those who count did anything; `group` with a `groupId` says who belongs to one"
            )
        else:
            console.print(f"no account{cared} did anything")
    console.print(f"\noutcome: {escape(found.outcome)}; in brackets the percentile among all accounts")
    console.print(left_out_line(found.left_out))


def _place(percentile: float | None) -> str:
    return "" if percentile is None else f" ({percentile:.0f})"
