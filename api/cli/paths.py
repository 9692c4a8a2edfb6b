"""`waypost paths`: what came before people left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from api.cli.analyzing import (
    Form,
    echo_users,
    file_options,
    left_out_line,
    opened_lake,
    place_options,
    population_options,
)
from api.cli.choices import known
from api.cli.lengths import in_words, read_length

if TYPE_CHECKING:
    from engine.analytics.contrast import Contrast
    from engine.analytics.path_answer import PathsAnswer
    from engine.analytics.path_tables import Part
    from engine.analytics.paths_asked import PathsAsked
    from engine.paths import ChainAnswer

SHOWN = 10
"""Rows of each table that people get to see; `--json` and `--csv` have all."""


@click.command("paths")
@click.argument("journey", required=False)
@click.option("--at", metavar="STEP", help="The step at which they left. [where the sharpest drop is]")
@click.option("--steps", metavar="A,B,C", help="Instead of a journey: did A and B and never C after them.")
@click.option("--before", metavar="EVENT", help="What came before an event, beside those who never came to it.")
@click.option("--back", type=click.IntRange(1, 12), default=5, show_default=True, help="How many steps.")
@click.option("--window", metavar="LENGTH", help="From the entry to the drop moment, such as 7d. [end of the session]")
@click.option("--by", "unit", type=known("engine.analytics.paths:UNITS"), default="user", show_default=True)
@click.option("--where", metavar="CONDITION", help="Only who meets it now.")
@click.option("--period", metavar="LENGTH", help="Only who left or came there within so long before now.")
@population_options
@click.option("--chain", metavar="A,B", help="Make a funnel and a rule's condition of one step after another.")
@click.option("--then", "loosely", is_flag=True, help="With --chain: others may come in between.")
@click.option("--users", is_flag=True, help="List those the paths are of, or those of the chain.")
@click.option("--met", metavar="NAME", help="With --users: who met this event, page or sign in the last steps.")
@click.option("--kind", type=known("engine.analytics.paths:HAPPENED"), help="With --met: where a name is several.")
@click.option("--others", is_flag=True, help="With --users: of those they are compared with.")
@click.option("--after", metavar="ID", default="", help="With --users: go on after this id.")
@click.option("--limit", type=click.IntRange(1, 100_000), help="With --users. [100; all of them in a file]")
@click.option("--part", type=known("engine.analytics.path_tables:Part"), default="contrast")
@file_options
@place_options
def command(*, data: str | None, slug: str, form: Form, **options: Any) -> None:
    """Show what came before people left at a step of a JOURNEY, and what of it those who went on did not meet.

    A path ends with the last event of the session in which they last stood at the step. What is common to both groups
    says nothing; the list is ordered by how surely something is more common before leaving. The rules:
    docs/reference/paths.md.

    \b
    Example:
      waypost paths checkout --at payment
      waypost paths checkout --chain payment_details,payment_error
      waypost paths --before purchase --back 8 --part flows --csv
    """
    from engine import paths as backward
    from engine.analytics.path_tables import Part

    asked = _asked(options)
    with opened_lake(data, slug) as lake:
        lake.copy_log()
        whole = (lake.analyst, lake.project, asked)
        gone = _chain_of(options)
        if options["users"]:
            who = backward.Behind(options["met"], gone, options["others"], options["kind"])
            after, limit = options["after"], form.most_users(options["limit"])
            page = backward.users_on_paths(*whole, who, lake.rules, after=after, limit=limit)
            echo_users(page, form)
        elif gone is not None:
            _show_chain(backward.chain(*whole, gone, lake.rules), form)
        else:
            answer = backward.paths(*whole, lake.rules)
            if not _export(answer, Part(options["part"]), form):
                _draw(answer)


def _asked(options: dict[str, Any]) -> PathsAsked:
    from engine.analytics.funnels import Unit
    from engine.analytics.paths_asked import PathsAsked

    window, period = options["window"], options["period"]
    return PathsAsked(
        journey=options["journey"],
        at=options["at"],
        steps=_names(options["steps"]),
        before=options["before"],
        window=None if window is None else read_length(window),
        unit=Unit(options["unit"]),
        back=options["back"],
        where=options["where"],
        period=None if period is None else read_length(period),
        everyone=options["everyone"],
        with_simulated=options["with_simulated"],
    )


def _chain_of(options: dict[str, Any]) -> Any:
    from engine.analytics.funnels import Order
    from engine.paths import ChainAsked

    if options["chain"] is None:
        return None
    return ChainAsked(_names(options["chain"]), Order.THEN if options["loosely"] else Order.DIRECTLY)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def _export(answer: PathsAnswer, part: Part, form: Form) -> bool:
    from engine.analytics.path_tables import COLUMNS, path_rows

    def document() -> Any:
        from api.schemas.paths import paths_document

        return paths_document(answer)

    return form.export(path_rows(answer, part), COLUMNS[part], document)


def _draw(answer: PathsAnswer) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    cohort = answer.cohort
    mine, others = escape(cohort.label), escape(cohort.others)
    console.print(f"[bold]{cohort.units:,} {mine}[/bold], beside {cohort.other_units:,} who {others}")
    for number, said in ((cohort.straight, "had nothing before it in the session"), (cohort.open, "may still go on")):
        if number:
            console.print(f"  {number:,} more {said}, and are in neither group")
    if not cohort.units:
        console.print("nobody to look back on")
        return
    console.print(f"\n[bold]in the last {answer.steps_back} steps[/bold], surest difference first")
    console.print(_contrasts(answer.contrast[:SHOWN]))
    sure = sum(each.is_sure for each in answer.contrast)
    holding = f"{sure:,} hold{'s' if sure == 1 else ''}"
    console.print(f"{answer.compared:,} compared; {holding} after as many comparisons (q at most 0.05)")
    if answer.left_aside:
        console.print(f"not compared, being the steps themselves: {escape(', '.join(answer.left_aside))}")
    if answer.loops:
        console.print("\n[bold]going round[/bold]")
        console.print(_contrasts(answer.loops[:3]))
    console.print("\n[bold]steps before the end[/bold], share of those who were there")
    console.print(_matrix(answer))
    console.print("\n[bold]one step after another[/bold]")
    console.print(_links(answer))
    if answer.paths:
        most = answer.paths[0]
        console.print(f"\nmost common: {escape(' → '.join(most.steps))}, {most.count:,} ({most.share:.1%})")
    console.print(f"\n{left_out_line(answer.left_out)}")


def _contrasts(found: Sequence[Contrast]) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for head in ("met it", "of the others", "times", "95 % interval", "q"):
        table.add_column(head, justify="right", no_wrap=True)
    for one in found:
        name = escape(one.name if one.kind == "event" else f"{one.kind} {one.name}")
        table.add_row(
            f"[bold]{name}[/bold]" if one.is_sure else name,
            f"{one.met:,} {one.share:6.1%}",
            f"{one.others_met:,} {one.others_share:6.1%}",
            f"{one.ratio:.1f}",
            f"{one.interval.low:.2f} – {one.interval.high:.2f}",
            "<0.001" if one.q < 0.0005 else f"{one.q:.3f}",
        )
    return table


def _matrix(answer: PathsAnswer) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for place in range(answer.steps_back, 0, -1):
        table.add_column(f"−{place}", justify="right", no_wrap=True)
    units = answer.cohort.units
    for row in answer.matrix:
        shares = (f"{count / units:.0%}" if count else "" for count in reversed(row.counts))
        table.add_row(escape(row.name), *shares)
    return table


def _links(answer: PathsAnswer) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for head in ("so many", "of the others", "median time"):
        table.add_column(head, justify="right", no_wrap=True)
    for link in answer.links[:SHOWN]:
        took = "" if link.took is None else in_words(link.took.median)
        table.add_row(f"{escape(link.name)} → {escape(link.to)}", f"{link.count:,}", f"{link.others:,}", took)
    return table


def _show_chain(answer: ChainAnswer, form: Form) -> None:
    from engine.analytics.path_tables import CHAIN_COLUMNS, chain_rows

    def document() -> Any:
        from api.schemas.paths import chain_document

        return chain_document(answer)

    rows = chain_rows(answer.steps, answer.others, answer.ever.steps, condition=answer.condition)
    if form.export(rows, CHAIN_COLUMNS, document):
        return
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    console.print("[bold]in the last steps[/bold]")
    for step, other in zip(answer.steps, answer.others, strict=True):
        console.print(f"  {escape(step.name)}: {step.count:,}, of the others {other.count:,}")
    if answer.contrast is not None:
        one = answer.contrast
        console.print(f"  {one.ratio:.1f} times as often ({one.interval.low:.2f} – {one.interval.high:.2f})")
    ever = answer.ever.steps[-1].count
    console.print(f"\n[bold]ever, of everybody[/bold]: {ever:,}, the users whom a rule reaches with")
    click.echo(f"  when {answer.condition}")
