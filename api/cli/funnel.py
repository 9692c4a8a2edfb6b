"""`waypost funnel`: how many come from step to step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from

if TYPE_CHECKING:
    from dsl.values import Duration
    from engine.analyst import Analyst, UsersBehind
    from engine.analytics.asked import FunnelAsked
    from engine.analytics.funnel_answer import Design, FunnelAnswer, SharpestDrop, StepCount
    from engine.stages import StageMark

_LENGTH = re.compile(r"(\d+)\s*([smhdw])", re.ASCII)
_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
BAR = 8
"""Characters of the longest bar."""


@click.command("funnel")
@click.argument("journey", required=False)
@click.option("--steps", metavar="A,B,C", help="Count these events instead of a journey's steps.")
@click.option(
    "--step", "more", metavar="EVENT", multiple=True, help="The same one by one: `Purchase where amount > 10`."
)
@click.option("--window", metavar="LENGTH", help="From the entry to the last step, such as 30m, 12h or 7d. [no limit]")
@click.option(
    "--order",
    type=click.Choice(["ordered", "strict", "any", "then", "directly"]),
    default="ordered",
    show_default=True,
    help="`then` and `directly` count whom a rule with these words reaches.",
)
@click.option("--by", "unit", type=click.Choice(["user", "account", "session"]), default="user", show_default=True)
@click.option("--breakdown", metavar="WHAT", help="A trait, account.TRAIT, persona, week or guide:NAME.")
@click.option("--where", metavar="CONDITION", help="Only who meets it now; event.PROP asks it of each step's event.")
@click.option(
    "--exclude", metavar="EVENT", multiple=True, help="Must not come in between: EVENT [between STEP and STEP]."
)
@click.option("--everyone", is_flag=True, help="Count internal users, bots and simulated people too.")
@click.option("--simulated", "with_simulated", is_flag=True, help="Count simulated people too, but no bots.")
@click.option("--users", metavar="STEP", type=click.IntRange(1), help="List who came to a step, by its number.")
@click.option("--dropped", is_flag=True, help="With --users: and no further.")
@click.option("--group", metavar="NAME", help="With --users: of one group of the breakdown.")
@click.option("--after", metavar="ID", default="", help="With --users: go on after this id.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="With --users.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--parquet", metavar="FILE", type=click.Path(dir_okay=False), help="Write a Parquet file.")
@data_option
@project_option
@json_option
def command(
    *,
    journey: str | None,
    steps: str | None,
    more: tuple[str, ...],
    users: int | None,
    dropped: bool,
    group: str | None,
    after: str,
    limit: int,
    as_csv: bool,
    parquet: str | None,
    data: str | None,
    slug: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Count how many come from step to step, of a JOURNEY of the rules in force or of named events.

    A user counts at the furthest step that one chain of events has come to. The window runs from the event that entered
    the funnel. Every share is of those who entered, with its 95 % interval. The rules: docs/reference/funnels.md.

    \b
    Example:
      waypost funnel activation --window 7d --breakdown persona
      waypost funnel --steps add_to_cart,cart,purchase --by session --exclude payment_error
      waypost funnel --steps signup,purchase --where 'plan is "pro"' --users 1 --dropped
    """
    from engine.analytics.conversion import Who
    from engine.stages import step_marks

    named = [name.strip() for name in (steps or "").split(",") if name.strip()]
    if (journey is None) == (not named and not more):
        raise click.UsageError("name a journey, or the events with `--steps a,b,c`")
    asked = _asked(journey, (*named, *more), options)
    settings = settings_from(data)
    with opened(settings) as service:
        from engine.analyst import Analyst

        project = project_named(service, slug)
        analyst = Analyst(service.database, settings.lakes, master=settings.spark)
        copy_log(analyst, project.id)
        rules = service.rules_now(project.id)
        if users is not None:
            who = Who(users - 1, dropped, group)
            page = analyst.users_behind(project.id, asked, who, rules, after=after, limit=limit)
            _list(page, as_json=as_json)
            return
        answer = analyst.funnel(project.id, asked, rules)
    marks = {} if journey is None else step_marks(rules.project, journey)
    _print(answer, asked, marks, as_json=as_json, as_csv=as_csv, parquet=parquet)


def _asked(journey: str | None, steps: tuple[str, ...], options: Mapping[str, Any]) -> FunnelAsked:
    from engine.analytics.asked import FunnelAsked
    from engine.analytics.funnels import Order, Unit

    window = options["window"]
    return FunnelAsked(
        journey=journey,
        steps=steps,
        window=None if window is None else read_length(window),
        order=Order(options["order"]),
        unit=Unit(options["unit"]),
        exclude=options["exclude"],
        where=options["where"],
        breakdown=options["breakdown"],
        everyone=options["everyone"],
        with_simulated=options["with_simulated"],
    )


def read_length(text: str) -> Duration:
    """A length such as `30m` or `7d`. Raises click.BadParameter."""
    from dsl.values import UNITS, Duration

    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        raise click.BadParameter(f"`{text}` is not a length: write a number and s, m, h, d or w, such as 7d")
    return Duration(int(found.group(1)) * UNITS[_UNITS[found.group(2)]])


def copy_log(analyst: Analyst, project_id: int) -> None:
    """Copy what the log has more than the lake, with progress for people."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,.0f} events"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading the log:")
        analyst.sync(project_id, progress=lambda rows: bar.advance(task, rows))


def _print(
    answer: FunnelAnswer,
    asked: FunnelAsked,
    marks: Mapping[str, StageMark],
    *,
    as_json: bool,
    as_csv: bool,
    parquet: str | None,
) -> None:
    from api import tables
    from engine.analytics.tables import FUNNEL_COLUMNS, funnel_rows

    if parquet is not None:
        Path(parquet).write_bytes(tables.as_parquet(funnel_rows(answer), list(FUNNEL_COLUMNS)))
    if as_json:
        from orjson import dumps

        from api.schemas.funnels import funnel_document

        click.echo(dumps(funnel_document(answer)).decode())
    elif as_csv:
        click.echo(tables.as_csv(funnel_rows(answer), list(FUNNEL_COLUMNS)), nl=False)
    elif parquet is None:
        _draw(answer, asked, marks)


def _list(page: UsersBehind, *, as_json: bool) -> None:
    if as_json:
        from orjson import dumps

        click.echo(dumps({"data": list(page.users), "next": page.next}).decode())
        return
    for user in page.users:
        click.echo(user)
    if page.next is not None:
        click.echo(f"there are more: go on with --after {page.next!r}", err=True)


def _draw(answer: FunnelAnswer, asked: FunnelAsked, marks: Mapping[str, StageMark]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    groups = {"": answer.steps} if answer.groups is None else answer.groups
    for name, counted in groups.items():
        console.print(_table(name, counted, asked.unit, marks))
        if len(groups) > 1:
            console.print()
    if answer.sharpest is not None:
        console.print("\n" + _sharpest(answer.sharpest))
    if answer.design is not None and answer.design.units:
        console.print("\n" + _design(answer.design, asked.unit))
    left_out = ", ".join(kind.value for kind in answer.left_out)
    console.print(f"\nleft out: {left_out} (--everyone counts them)" if left_out else "\nnobody is left out")


def _table(name: str, counted: Sequence[StepCount], unit: str, marks: Mapping[str, StageMark]) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(name) or None, title_justify="left", box=None, pad_edge=False)
    table.add_column("step", no_wrap=True)
    for head in (f"{unit}s", "rate", "95 % interval", "of step before"):
        table.add_column(head, justify="right", no_wrap=True)
    has_times = any(step.took is not None for step in counted)
    if has_times:
        table.add_column("median time", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for step in counted:
        took = "" if step.took is None else in_words(step.took.median)
        table.add_row(
            _marked(step.name, marks),
            f"{step.count:,}",
            "" if step.rate is None else f"{step.rate:.1%}",
            "" if step.interval is None else f"{step.interval.low:.1%} – {step.interval.high:.1%}",
            "" if step.of_previous is None else f"{step.of_previous:.1%}",
            *([took] if has_times else []),
            "█" * round(BAR * (step.rate or 0)),
        )
    return table


def _marked(step: str, marks: Mapping[str, StageMark]) -> str:
    """A step with the letter of its stage, in its colour."""
    from rich.markup import escape

    mark = marks.get(step)
    return escape(step) if mark is None else f"[white on {mark.colour}]{mark.letter}[/] {escape(step)}"


def _sharpest(drop: SharpestDrop) -> str:
    from rich.markup import escape

    span = "" if drop.interval is None else f" ({drop.interval.low:.1%} – {drop.interval.high:.1%})"
    said = (
        f"[bold]sharpest drop[/bold]: {escape(drop.after)} → {escape(drop.step)}, "
        f"{drop.lost:,} of {drop.entered:,} lost, {drop.share:.1%}{span}"
    )
    if drop.difference is not None and drop.difference_interval is not None:
        low, high = drop.difference_interval.low, drop.difference_interval.high
        points = f"{100 * drop.difference:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"
        said += f"\n  {points} against the other steps together"
        told = "clearly sharper than" if drop.is_clear else "cannot be told from"
        said += f"\n  {told} the next sharpest, before {escape(drop.runner_up or '')}"
    return said


def _design(design: Design, unit: str) -> str:
    from rich.markup import escape

    lines = [f"[bold]design and reality[/bold], {design.units:,} {unit}s, each step when it was first done"]
    for manner, count in design.manners.items():
        interval = design.interval(manner)
        span = "" if interval is None else f"  {interval.low:.1%} – {interval.high:.1%}"
        lines.append(f"  {manner.value:<13} {count:>8,}  {count / design.units:6.1%}{span}")
    if design.most_common is not None:
        path = " → ".join(map(escape, design.most_common.steps))
        lines.append(f"  most common: {path}, {design.most_common.count:,} ({design.most_common.share:.1%})")
    return "\n".join(lines)


def in_words(length: int) -> str:
    """A length in its two largest units, such as `2 h 5 min`."""
    seconds = round(length / 1_000_000)
    if seconds < 1:
        return f"{length / 1_000:.0f} ms"
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {unit}")
        elif parts:
            break
    return " ".join(parts[:2])
