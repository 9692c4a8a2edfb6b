"""`waypost heat`: what people did on a page, how far down they saw it, where they left its forms."""

from __future__ import annotations

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
    read_time,
)
from api.cli.choices import known

if TYPE_CHECKING:
    from rich.console import Console

    from api.cli.analyzing import Lake
    from engine.analytics.comparing import Share
    from engine.heat import Heat, HeatAsked, HeatOfGroup

SHOWN = 15
"""Rows of each table that people get to see; `--json` and `--csv` have all."""


@click.command("heat")
@click.argument("page", required=False, metavar="[PAGE]")
@click.option("--step", "place", metavar="JOURNEY.STEP", help="Instead of a page: the touchpoints of a step.")
@click.option("--by", type=known("engine.heat:HeatBy"), help="A map for each.")
@click.option("--device", type=known("engine.heat:DEVICES"), help="Only what was done on it.")
@click.option("--from", "begin", metavar="TIME", help="Only what happened since. [ever]")
@click.option("--to", "end", metavar="TIME", help="Only what happened before. [now]")
@click.option("--where", metavar="CONDITION", help="Only who meets it now.")
@population_options
@click.option(
    "--users",
    "figure",
    type=known("engine.analytics.heat_behind:Figure"),
    help="List who is behind a figure.",
)
@click.option("--selector", metavar="CSS", help="With --users: of this element or field.")
@click.option("--depth", type=click.IntRange(0, 100), metavar="PERCENT", help="With --users scroll: at least so far.")
@click.option("--form", "of_form", metavar="CSS", help="With --users gave-up: only this form.")
@click.option("--after", metavar="ID", default="", help="With --users: go on after this id.")
@click.option("--limit", type=click.IntRange(1, 100_000), help="With --users. [100; all of them in a file]")
@click.option("--part", type=known("engine.analytics.heat_tables:Part"), default="elements", show_default=True)
@file_options
@place_options
def command(*, page: str | None, data: str | None, slug: str, form: Form, **options: Any) -> None:
    """Show what people did on a PAGE, a path or a pattern of paths: clicks, rage and dead clicks by element, how far
    down it was seen, and where its forms were left. Without a page: which pages there are.

    What each figure means: docs/reference/heat.md. Clicks and scroll depths are gathered where the snippet says
    `data-clicks="on"`.

    \b
    Example:
      waypost heat
      waypost heat "/domains/*"
      waypost heat --step activation.verify_domain --by persona
      waypost heat "/signup" --part fields --csv
      waypost heat "/domains/*" --users rage --selector "#verify"
    """
    from engine import heat as maps
    from engine.analytics.heat_behind import Behind, Figure
    from engine.analytics.heat_tables import COLUMNS, Part, heat_rows

    asked = _asked(page, options)
    with opened_lake(data, slug) as lake:
        lake.copy_log()
        if asked.page is None and asked.step is None:
            _pages(lake, asked, form)
            return
        if options["figure"] is not None:
            who = Behind(Figure(options["figure"]), options["selector"], options["depth"], options["of_form"])
            found = maps.users_behind_heat(
                *(lake.analyst, lake.project, asked, who, lake.rules),
                after=options["after"],
                limit=form.most_users(options["limit"]),
            )
            echo_users(found, form)
            return
        answer = maps.heat(lake.analyst, lake.project, asked, lake.rules)
    part = Part(options["part"])
    if not form.export(heat_rows(answer, part), COLUMNS[part], lambda: _document(answer)):
        _tell(answer)


def _asked(page: str | None, options: dict[str, Any]) -> HeatAsked:
    from engine.heat import HeatAsked, HeatBy

    place = options["place"]
    if page is not None and place is not None:
        raise click.UsageError("name a page or a step, not both")
    journey, dot, step = (place or "").partition(".")
    if place is not None and not (dot and journey and step):
        raise click.BadParameter(f"`{place}` is no step: write activation.verify_domain", param_hint="--step")
    return HeatAsked(
        page=page,
        journey=journey or None,
        step=step or None,
        by=None if options["by"] is None else HeatBy(options["by"]),
        since=read_time(options["begin"], "--from"),
        until=read_time(options["end"], "--to"),
        where=options["where"],
        device=options["device"],
        everyone=options["everyone"],
        with_simulated=options["with_simulated"],
    )


def _document(answer: Heat) -> Any:
    from api.schemas.heat import HeatSchema, map_document

    return HeatSchema().dump(
        {
            "patterns": answer.patterns,
            "maps": [map_document(each) for each in answer.maps],
            "left_out": answer.left_out,
            "version": answer.version,
        }
    )


def _pages(lake: Lake, asked: HeatAsked, form: Form) -> None:
    from api.schemas.heat import HeatPagesSchema
    from engine.analytics.heat_tables import PAGE_COLUMNS, page_rows
    from engine.heat import known_pages

    found = known_pages(lake.analyst, lake.project, asked, lake.rules)
    if form.export(page_rows(found), PAGE_COLUMNS, lambda: HeatPagesSchema().dump(found)):
        return
    for each in found.touchpoints:
        click.echo(f"{each.page}  (touchpoint of {each.journey}.{each.step})")
    for path in found.paths[:SHOWN]:
        gathered = "" if path.gathered else ", clicks not gathered"
        click.echo(f"{path.path}  {path.seen.people:,} people, {path.seen.views:,} views{gathered}")
    click.echo(f"\n{left_out_line(found.left_out)}", err=True)


def _tell(answer: Heat) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    console.print(f"[bold]{escape(', '.join(answer.patterns))}[/bold]", markup=True)
    for found in answer.maps:
        if found.group is not None:
            console.print(f"\n[bold]{escape(found.group)}[/bold]")
        _tell_one(console, found)
    if not answer.maps:
        console.print("  nobody was there")
    click.echo(f"\n{left_out_line(answer.left_out)}")


def _tell_one(console: Console, found: HeatOfGroup) -> None:
    from rich.markup import escape
    from rich.table import Table

    page = found.page
    console.print(f"  seen {page.seen.views:,} times by {page.seen.people:,} people", end="; ")
    console.print(f"clicks gathered in {page.watched.views:,} views of {page.watched.people:,} people")
    table = Table(box=None, pad_edge=False)
    for head in ("kind", "element"):
        table.add_column(head)
    for head in ("count", "people", "of people"):
        table.add_column(head, justify="right")
    for each in page.elements[:SHOWN]:
        people = each.of_people
        table.add_row(each.kind.value, escape(each.selector), f"{each.count:,}", f"{people.count:,}", _share(people))
    if page.elements:
        console.print(table)
    if page.scroll.seen.views:
        reached = "  ".join(
            f"{each.depth} %: {_share(each.of_views)}" for each in page.scroll.curve if each.depth % 50 == 0
        )
        console.print(f"  scroll depth, {page.scroll.seen.views:,} views: {reached}; fold at {page.scroll.fold} %")
    for form in found.forms.forms:
        console.print(
            f"  {escape(form.selector)} was given up {form.given_up:,} times, by {form.of_people.count:,} people"
        )
        for field in form.fields[:SHOWN]:
            end = f"{field.gave_up.count:,} of {field.gave_up.n:,} ended here"
            console.print(f"    {field.place}. {escape(field.selector)}: {end}{_hard(field)}")
    for field in found.forms.others[:SHOWN]:
        console.print(f"  {escape(field.selector)}{_hard(field)}")


def _hard(field: Any) -> str:
    told = []
    if field.hesitations:
        median = "" if field.median is None else f", a half at most {field.median:.0f} s"
        told.append(f"hesitated {field.hesitations:,} times{median}")
    if field.reentries:
        told.append(f"corrected {field.reentries:,} times")
    return f"; {', '.join(told)}" if told else ""


def _share(share: Share) -> str:
    interval = share.interval
    if share.value is None or interval is None:
        return "too few"
    return f"{share.value:.0%} ({interval.low:.0%} to {interval.high:.0%})"
