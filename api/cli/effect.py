"""`waypost effect`: what a guide changes, and whether the data can tell."""

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
    from engine.analytics.effect import Contrast, Effect, Guardrail
    from engine.analytics.intervals import Interval

_WIDE = 100
"""Characters of a window in which all columns have room."""


@click.command("effect")
@click.argument("name", metavar="GUIDE|JOURNEY")
@click.option("--persona", metavar="NAME", help="Only people who are in this persona or segment now.")
@click.option("--since", metavar="TIME", help="Only who came then or later. [since the shares were last changed]")
@click.option("--lift", type=click.FloatRange(-100, 100), default=5.0, show_default=True, help="Points to be seen.")
@click.option("--power", type=click.FloatRange(50, 99.9), default=80.0, show_default=True, help="Percent, to see them.")
@click.option("--days", is_flag=True, help="Print what could be read on each day.")
@population_options
@file_options
@place_options
def command(
    name: str,
    *,
    days: bool,
    data: str | None,
    slug: str,
    form: Form,
    **options: Any,
) -> None:
    """Compare who was to see a GUIDE with who was held out from it, at its goal and at its step.

    With the name of a JOURNEY: every guide at its steps. May be read every day: the interval holds at all looks
    together. A guide that holds nobody out is compared before and after, which is not causal. docs/reference/effect.md

    \b
    Example:
      waypost effect verify_help
      waypost effect verify_help --persona self_serve --days
      waypost effect activation --json
    """
    asked = {**options, "since": read_time(options["since"], "--since"), "lift": options["lift"] / 100}
    asked["power"] = options["power"] / 100
    with opened_lake(data, slug) as lake:
        from engine.effects import EffectAsked, effect, guides_of_journey

        is_journey = name in lake.rules.project.journeys
        guides = guides_of_journey(lake.rules, name) if is_journey else [name]
        lake.copy_log()
        found = [effect(lake.analyst, lake.project, EffectAsked(guide=guide, **asked), lake.rules) for guide in guides]
    if _export(found, form, is_list=is_journey):
        return
    if not found:
        click.echo(f"no guide stands at a step of `{name}`")
    for number, each in enumerate(found):
        _draw(each, days=days, gap=number > 0)


def _export(found: list[Effect], form: Form, *, is_list: bool) -> bool:
    from engine.analytics.tables import EFFECT_COLUMNS, effect_rows

    def document() -> Any:
        from api.schemas.effects import effect_document

        documents = [effect_document(each) for each in found]
        return documents if is_list else documents[0]

    rows = [{"guide": each.setup.guide, **row} for each in found for row in effect_rows(each)]
    return form.export(rows, ["guide", *EFFECT_COLUMNS], document)


def _draw(effect: Effect, *, days: bool, gap: bool) -> None:
    from rich.console import Console
    from rich.markup import escape

    from engine.analytics.effect_words import sentence

    console, setup = Console(highlight=False), effect.setup
    label = "" if setup.label is None else f"  {escape(setup.label)}"
    console.print(("\n" if gap else "") + f"[bold]{escape(setup.guide)}[/bold]{label}")
    console.print(escape(sentence(effect)) + "\n")
    console.print(_table(effect, is_wide=console.width >= _WIDE))
    console.print("\n[bold]guardrails[/bold]")
    console.print(_guardrails(effect))
    if days:
        console.print("\n[bold]by day[/bold]")
        console.print(_by_day(effect, is_wide=console.width >= _WIDE))
    console.print("\n" + "\n".join(_notes(effect)))


def _table(effect: Effect, *, is_wide: bool) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("measure", overflow="fold")
    for head in _heads(effect, is_wide=is_wide):
        table.add_column(escape(head), justify="right", no_wrap=True)
    rows: list[tuple[str, Contrast]] = [("came to the goal", effect.goal)]
    rows += [(f"  {each.one} against {each.other}", each) for each in effect.variants]
    rows += [(f"dropped at {each.journey}.{each.step}", each.contrast) for each in effect.steps]
    for name, contrast in rows:
        difference = contrast.difference
        table.add_row(
            escape(name),
            _share(difference.one.value, difference.one.n),
            _share(difference.other.value, difference.other.n),
            _points(difference.value),
            *([_span(difference.fixed)] if is_wide else []),
            _span(difference.any_day),
        )
    return table


def _heads(effect: Effect, *, is_wide: bool) -> list[str]:
    """In a narrow window the interval that may be read every day is enough."""
    return [effect.goal.one, effect.goal.other, "difference", *(["one look"] if is_wide else []), "any day"]


def _guardrails(effect: Effect) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "right", "right", "right", "left"):
        table.add_column(justify=justify, overflow="fold")
    for rail in effect.guardrails:
        cells = [_figure(rail, value, n) for n, value in rail.sides]
        table.add_row(escape(rail.meaning), *[*cells, ""][:2], _span(rail.interval, rail), _judged(rail))
    return table


def _figure(rail: Guardrail, value: float | None, n: int) -> str:
    if rail.means is not None:
        return "not enough answers" if value is None else f"{value:+.2f} of {n:,}"
    return _share(value, n)


def _judged(rail: Guardrail) -> str:
    if rail.alone is not None:
        return ""
    return {None: "cannot tell", True: "[bold]worse[/bold]", False: "better"}[rail.harms]


def _by_day(effect: Effect, *, is_wide: bool) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("day")
    for head in _heads(effect, is_wide=is_wide):
        table.add_column(head, justify="right", no_wrap=True)
    for each in effect.days:
        found = each.difference
        one, other = (_share(side.value, side.n) for side in (found.one, found.other))
        fixed = [_span(found.fixed)] if is_wide else []
        table.add_row(each.day, one, other, _points(found.value), *fixed, _span(found.any_day))
    return table


def _notes(effect: Effect) -> list[str]:
    from rich.markup import escape

    from dsl.values import format_instant

    notes = []
    ratio, found = effect.ratio, effect.needed
    if ratio is not None:
        told = (
            "too few to say" if ratio.p is None else f"p = {ratio.p:.3g}" + (", alarm" if ratio.is_alarm else ", fine")
        )
        notes.append(f"sample ratio: {' : '.join(f'{each:,}' for each in ratio.observed)}, {told}")
    if found is not None and found.any_day is not None and found.at_once is not None:
        notes.append(
            f"to see {100 * found.lift:g} points with {found.power:.0%} power: {found.any_day:,} people looking every "
            f"day, {found.at_once:,} for one planned look"
        )
    if effect.setup.counted_from is not None:
        notes.append(f"counted from {escape(effect.setup.counted_from)}")
    if effect.waiting:
        notes.append(f"{effect.waiting:,} people whose time is not over yet")
    if effect.in_both:
        notes.append(f"{effect.in_both:,} people found in both arms, left out")
    if effect.earlier and effect.setup.since is not None:
        notes.append(f"{effect.earlier:,} people who came before {format_instant(effect.setup.since)}, left out")
    return [*notes, left_out_line(effect.left_out)]


def _share(value: float | None, n: int) -> str:
    if value is None:
        return f"too few ({n:,})" if n else "nobody"
    return f"{value:.1%} of {n:,}"


def _points(value: float | None) -> str:
    return "" if value is None else f"{100 * value:+.1f}"


def _span(interval: Interval | None, rail: Guardrail | None = None) -> str:
    if interval is None:
        return ""
    if rail is not None and rail.means is not None:
        return f"{interval.low:+.2f} to {interval.high:+.2f}"
    if rail is not None and rail.alone is not None:
        return f"{interval.low:.1%} – {interval.high:.1%}"
    return f"{100 * interval.low:+.1f} to {100 * interval.high:+.1f}"
