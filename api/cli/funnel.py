"""`waypost funnel`: how many come from step to step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from

if TYPE_CHECKING:
    from dsl.values import Duration
    from engine.analytics.conversion import Answer
    from engine.analytics.funnels import StepCount

_LENGTH = re.compile(r"(\d+)\s*([smhdw])", re.ASCII)
_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
BAR = 12
"""Characters of the longest bar."""


@click.command("funnel")
@click.argument("journey", required=False)
@click.option("--steps", metavar="A,B,C", help="Count these events instead of a journey's steps.")
@click.option("--window", metavar="LENGTH", help="From the entry to the last step, such as 30m, 12h or 7d. [no limit]")
@click.option("--order", type=click.Choice(["ordered", "strict", "any"]), default="ordered", show_default=True)
@click.option("--by", "unit", type=click.Choice(["user", "session"]), default="user", show_default=True)
@click.option("--breakdown", metavar="TRAIT", help="One funnel for each value of a trait.")
@click.option("--simulated", "with_simulated", is_flag=True, help="Count simulated people too.")
@data_option
@project_option
@json_option
def command(
    journey: str | None,
    steps: str | None,
    window: str | None,
    *,
    order: str,
    unit: str,
    breakdown: str | None,
    with_simulated: bool,
    data: str | None,
    slug: str,
    as_json: bool,
) -> None:
    """Count how many come from step to step, of a JOURNEY of the rules in force or of named events.

    A user counts at the furthest step that one chain of events has come to. The window runs from the event that entered
    the funnel. Every share is of those who entered, with its 95 % interval.

    \b
    Example:
      waypost funnel activation --window 7d
      waypost funnel --steps add_to_cart,cart,purchase --by session
    """
    from engine.analyst import Analyst, FunnelOptions
    from engine.analytics.funnels import Order, Unit

    if (journey is None) == (steps is None):
        raise click.UsageError("name a journey, or the events with `--steps a,b,c`")
    options = FunnelOptions(
        window=None if window is None else read_length(window),
        order=Order(order),
        unit=Unit(unit),
        breakdown=breakdown,
        with_simulated=with_simulated,
    )
    settings = settings_from(data)
    with opened(settings) as service:
        project = project_named(service, slug)
        analyst = Analyst(service.database, settings.lakes)
        _copy(analyst, project.id)
        if journey is not None:
            answer = analyst.funnel_of_journey(project.id, service.declared(project.id), journey, options)
        else:
            names = [name.strip() for name in (steps or "").split(",") if name.strip()]
            answer = analyst.funnel_of_events(project.id, names, options)
    if as_json:
        from orjson import dumps

        click.echo(dumps(as_document(answer)).decode())
    else:
        _draw(answer, unit)


def read_length(text: str) -> Duration:
    """A length such as `30m` or `7d`. Raises click.BadParameter."""
    from dsl.values import UNITS, Duration

    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        raise click.BadParameter(f"`{text}` is not a length: write a number and s, m, h, d or w, such as 7d")
    return Duration(int(found.group(1)) * UNITS[_UNITS[found.group(2)]])


def as_document(answer: Answer) -> dict[str, Any]:
    """The answer as JSON: `{"steps": […]}`, or `{"groups": {"value": {"steps": […]}}}`."""
    if answer.groups is not None:
        return {"groups": {name: {"steps": _steps(counted)} for name, counted in answer.groups.items()}}
    return {"steps": _steps(answer.steps)}


def _steps(counted: Sequence[StepCount]) -> list[dict[str, Any]]:
    return [
        {
            "name": step.name,
            "count": step.count,
            "rate": step.rate,
            "interval": None if step.interval is None else [step.interval.low, step.interval.high],
        }
        for step in counted
    ]


def _copy(analyst: Any, project_id: int) -> None:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,.0f} events"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading the log:")
        analyst.sync(project_id, progress=lambda rows: bar.advance(task, rows))


def _draw(answer: Answer, unit: str) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    groups = {"": answer.steps} if answer.groups is None else answer.groups
    for name, counted in groups.items():
        table = Table(title=name or None, title_justify="left", box=None, pad_edge=False)
        table.add_column("step", no_wrap=True)
        for head in (f"{unit}s", "rate", "95 % interval", "of step before"):
            table.add_column(head, justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        for number, step in enumerate(counted):
            before = counted[number - 1].count if number else 0
            table.add_row(
                step.name,
                f"{step.count:,}",
                "" if step.rate is None else f"{step.rate:.1%}",
                "" if step.interval is None else f"{step.interval.low:.1%} – {step.interval.high:.1%}",
                f"{step.count / before:.1%}" if before else "",
                "█" * round(BAR * (step.rate or 0)),
            )
        console.print(table)
        if len(groups) > 1:
            console.print()
