"""`waypost kpis`: the figures of a product, each with n and an interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.analyzing import (
    Form,
    file_options,
    left_out_line,
    opened_lake,
    place_options,
    population_options,
    read_time,
)

if TYPE_CHECKING:
    from dsl.project import RuleProject
    from engine.analytics.kpis import Figure
    from engine.product_figures import Figures


@click.command("kpis")
@click.argument("journey", required=False)
@click.option("--from", "since", metavar="TIME", help="What happened then or later. [everything]")
@click.option("--to", "until", metavar="TIME", help="And before this. [now]")
@click.option("--where", metavar="CONDITION", help="Only who meets it now, such as 'plan is \"pro\"'.")
@click.option("--revenue", metavar="EVENT.NUMBER", help="What is paid, such as Purchase.amount.")
@click.option("--define", is_flag=True, help="Say what each figure means, with formula and source, and end.")
@population_options
@file_options
@place_options
def command(
    *,
    define: bool,
    data: str | None,
    slug: str,
    form: Form,
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
    asked = {**options, "since": read_time(options["since"], "--from"), "until": read_time(options["until"], "--to")}
    with opened_lake(data, slug) as lake:
        from engine.product_figures import FiguresAsked, figures

        lake.copy_log()
        found = figures(lake.analyst, lake.project, FiguresAsked(**asked), lake.rules)
        rules = lake.rules.project
    if not _export(found, rules, form):
        _draw(found)


def _export(found: Figures, rules: RuleProject, form: Form) -> bool:
    from engine.analytics.tables import KPI_COLUMNS, kpi_rows

    def document() -> Any:
        from api.schemas.kpis import KpisSchema, kpis_document

        return KpisSchema().dump(kpis_document(found, rules))

    return form.export(kpi_rows(found.figures), KPI_COLUMNS, document)


def _draw(found: Figures) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from engine.analytics.intervals import FEWEST_ANSWERS
    from engine.analytics.kpis import ASSOCIATIONS, KPIS, NOBODY, NOT_CAUSE

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
            ""
            if each.interval is None or each.note == NOBODY
            else f"{_spell(each, each.interval.low)} – {_spell(each, each.interval.high)}"
        )
        is_told = (each.value is None and each.n < FEWEST_ANSWERS) or each.note == NOBODY
        value = each.note or "" if is_told else _spell(each, each.value)
        table.add_row(label, escape(of), value, span, f"{each.n:,}")
    console.print(table)
    if any(each.name in ASSOCIATIONS for each in found.figures):
        console.print(f"\nsteps beside retention and revenue: {NOT_CAUSE}")
    console.print(f"\n{left_out_line(found.left_out)}")


def _spell(figure: Figure, value: float | None) -> str:
    from engine.analytics.kpis import ASSOCIATIONS, KPIS

    if value is None:
        return "too few to compare" if figure.name in ASSOCIATIONS else "fewer than half yet"
    match KPIS[figure.name].unit:
        case "share" if figure.name in ASSOCIATIONS:
            return f"{100 * value:+.1f} points"
        case "share":
            return f"{value:.1%}"
        case "seconds":
            from api.cli.lengths import in_words

            return in_words(round(value * 1_000_000))
        case "points":
            return f"{value:+.0f}"
        case _:
            return f"{value:+,.2f}" if figure.name in ASSOCIATIONS else f"{value:,.2f}"
