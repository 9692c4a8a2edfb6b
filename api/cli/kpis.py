"""`waypost kpis`: the figures of a product, each with n and an interval."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from

if TYPE_CHECKING:
    from engine.analytics.kpis import Figure
    from engine.product_figures import Figures


@click.command("kpis")
@click.argument("journey", required=False)
@click.option("--from", "since", metavar="TIME", help="What happened then or later. [everything]")
@click.option("--to", "until", metavar="TIME", help="And before this. [now]")
@click.option("--where", metavar="CONDITION", help="Only who meets it now, such as 'plan is \"pro\"'.")
@click.option("--revenue", metavar="EVENT.NUMBER", help="What is paid, such as Purchase.amount.")
@click.option("--define", is_flag=True, help="Say what each figure means, with formula and source, and end.")
@click.option("--everyone", is_flag=True, help="Count internal users, bots and simulated people too.")
@click.option("--simulated", "with_simulated", is_flag=True, help="Count simulated people too, but no bots.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--parquet", metavar="FILE", type=click.Path(dir_okay=False), help="Write a Parquet file.")
@data_option
@project_option
@json_option
def command(
    *,
    define: bool,
    as_csv: bool,
    parquet: str | None,
    data: str | None,
    slug: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Show the figures of a product: scores of surveys, adoption, success, retention, churn, revenue.

    Which there are follows from the rules: questions, features, journeys. With JOURNEY: only this one's. Every figure
    has its n and a 95 % interval; below five it says "not enough answers". docs/reference/kpis.md

    \b
    Example:
      waypost kpis
      waypost kpis activation --from 2026-10-01 --revenue Purchase.amount
      waypost kpis --where 'plan is "pro"' --csv
      waypost kpis --define
    """
    if define:
        from engine.analytics.kpis import reference

        click.echo(reference())
        return
    asked = {**options, "since": _instant(options["since"], "--from"), "until": _instant(options["until"], "--to")}
    settings = settings_from(data)
    with opened(settings) as service:
        from api.cli.funnel import copy_log
        from engine.analyst import Analyst
        from engine.product_figures import FiguresAsked, figures

        project = project_named(service, slug)
        analyst = Analyst(service.database, settings.lakes, master=settings.spark)
        copy_log(analyst, project.id)
        found = figures(analyst, project.id, FiguresAsked(**asked), service.rules_now(project.id))
    _print(found, as_json=as_json, as_csv=as_csv, parquet=parquet)


def _instant(text: str | None, option: str) -> Any:
    if text is None:
        return None
    from dsl.values import read_instant

    found = read_instant(text) or read_instant(f"{text}T00:00:00Z")
    if found is None:
        raise click.BadParameter(f"`{text}` is no time: write 2026-06-30 or 2026-06-30T12:00:00Z", param_hint=option)
    return found


def _print(found: Figures, *, as_json: bool, as_csv: bool, parquet: str | None) -> None:
    from api import tables
    from engine.analytics.tables import KPI_COLUMNS, kpi_rows

    if parquet is not None:
        Path(parquet).write_bytes(tables.as_parquet(kpi_rows(found.figures), list(KPI_COLUMNS)))
    if as_json:
        from orjson import dumps

        from api.schemas.kpis import KpisSchema, kpis_document

        click.echo(dumps(KpisSchema().dump(kpis_document(found))).decode())
    elif as_csv:
        click.echo(tables.as_csv(kpi_rows(found.figures), list(KPI_COLUMNS)), nl=False)
    elif parquet is None:
        _draw(found)


def _draw(found: Figures) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from engine.analytics.kpis import ASSOCIATIONS, KPIS, NOT_CAUSE

    console, table = Console(highlight=False), Table(box=None, pad_edge=False)
    for head, justify in (("figure", "left"), ("of", "left"), ("value", "right"), ("95 % interval", "right")):
        table.add_column(head, justify=justify, overflow="fold")  # type: ignore[arg-type]  # the library's own words
    table.add_column("n", justify="right", no_wrap=True)
    before = None
    for each in found.figures:
        label = "" if each.name is before else KPIS[each.name].label
        before = each.name
        of = each.of if each.mark is None else f"{each.of}, {each.mark}"
        span = (
            "" if each.interval is None else f"{_spell(each, each.interval.low)} – {_spell(each, each.interval.high)}"
        )
        value = each.note or "" if each.value is None and each.n < 5 else _spell(each, each.value)
        table.add_row(label, escape(of), value, span, f"{each.n:,}")
    console.print(table)
    if any(each.name in ASSOCIATIONS for each in found.figures):
        console.print(f"\nsteps beside retention and revenue: {NOT_CAUSE}")
    left_out = ", ".join(kind.value for kind in found.left_out)
    console.print(f"\nleft out: {left_out} (--everyone counts them)" if left_out else "\nnobody is left out")


def _spell(figure: Figure, value: float | None) -> str:
    from engine.analytics.kpis import ASSOCIATIONS, KPIS

    if value is None:
        return "too few to compare" if figure.name in ASSOCIATIONS else "not yet"
    match KPIS[figure.name].unit:
        case "share" if figure.name in ASSOCIATIONS:
            return f"{100 * value:+.1f} points"
        case "share":
            return f"{value:.1%}"
        case "seconds":
            from api.cli.funnel import in_words

            return in_words(round(value * 1_000_000))
        case "points":
            return f"{value:+.0f}"
        case _:
            return f"{value:+,.2f}" if figure.name in ASSOCIATIONS else f"{value:,.2f}"
