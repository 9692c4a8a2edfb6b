"""`waypost funnel`: how many come from step to step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    from engine.analytics.asked import FunnelAsked
    from engine.analytics.conversion import Who
    from engine.analytics.designs import Walked
    from engine.analytics.funnel_answer import Design, FunnelAnswer, SharpestDrop, StepCount
    from engine.stages import Marks

BAR = 8
"""Characters of the longest bar."""
PATHS = 5
"""The most common real paths that people get to see; `--json` has more."""
ANY = "any"
"""In whatever manner."""


@click.command("funnel")
@click.argument("journey", required=False)
@click.option("--steps", metavar="A,B,C", help="Count these events instead of a journey's steps.")
@click.option(
    "--step", "more", metavar="EVENT", multiple=True, help="The same one by one: `Purchase where amount > 10`."
)
@click.option("--window", metavar="LENGTH", help="From the entry to the last step, such as 30m, 12h or 7d. [no limit]")
@click.option(
    "--order",
    type=known("engine.analytics.funnels:Order"),
    default="ordered",
    show_default=True,
    help="`then` and `directly` count whom a rule with these words reaches.",
)
@click.option("--by", "unit", type=known("engine.analytics.funnels:Unit"), default="user", show_default=True)
@click.option("--breakdown", metavar="WHAT", help="A trait, account.TRAIT, persona, week or guide:NAME.")
@click.option("--where", metavar="CONDITION", help="Only who meets it now; event.PROP asks it of each step's event.")
@click.option(
    "--exclude", metavar="EVENT", multiple=True, help="Must not come in between: EVENT [between STEP and STEP]."
)
@population_options
@click.option("--users", metavar="STEP", type=click.IntRange(1), help="List who came to a step, by its number.")
@click.option("--dropped", is_flag=True, help="With --users: and no further.")
@click.option("--group", metavar="NAME", help="With --users: of one group of the breakdown.")
@click.option(
    "--manner",
    type=known("engine.analytics.funnel_answer:Manner", last=(ANY,), dashed=True),
    help="List who went through the steps in this manner.",
)
@click.option("--completed", is_flag=True, help="With --manner: and came to the last step.")
@click.option("--path", metavar="1,3,2", help="List who did exactly these steps first in this order, by their numbers.")
@click.option("--after", metavar="ID", default="", help="In a list: go on after this id.")
@click.option("--limit", type=click.IntRange(1, 100_000), help="Of a list. [100; all of them in a file]")
@click.option(
    "--part",
    type=known("api.schemas.funnels:PARTS"),
    default="steps",
    show_default=True,
    help="Rows of --csv and --parquet: the steps, or the intended path beside the real ones.",
)
@file_options
@place_options
def command(
    *,
    journey: str | None,
    steps: str | None,
    more: tuple[str, ...],
    users: int | None,
    dropped: bool,
    group: str | None,
    manner: str | None,
    completed: bool,
    path: str | None,
    after: str,
    limit: int | None,
    part: str,
    data: str | None,
    slug: str,
    form: Form,
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
      waypost funnel activation --manner skipped --csv
    """
    from engine.stages import NO_MARKS, step_marks

    named = [name.strip() for name in (steps or "").split(",") if name.strip()]
    if (journey is None) == (not named and not more):
        raise click.UsageError("name a journey, or the events with `--steps a,b,c`")
    asked = _asked(journey, (*named, *more), options)
    who = _who(users, dropped=dropped, group=group, manner=manner, completed=completed, path=path)
    with opened_lake(data, slug) as lake:
        lake.copy_log()
        if who is not None:
            most = form.most_users(limit)
            page = lake.analyst.users_behind(lake.project, asked, who, lake.rules, after=after, limit=most)
            echo_users(page, form)
            return
        answer = lake.analyst.funnel(lake.project, asked, lake.rules)
    marks = NO_MARKS if journey is None else step_marks(lake.rules.project, journey)
    if not _export(answer, marks, part, form):
        _draw(answer, asked, marks)


def _who(
    users: int | None, *, dropped: bool, group: str | None, manner: str | None, completed: bool, path: str | None
) -> Who | Walked | None:
    """Whom a list is wanted of; None where none is wanted. Raises click.UsageError."""
    from engine.analytics.conversion import Who
    from engine.analytics.designs import Walked
    from engine.analytics.funnel_answer import Manner

    if sum(each is not None for each in (users, manner, path)) > 1:
        raise click.UsageError("`--users`, `--manner` and `--path` list the people of one figure each: say one of them")
    for option, is_said, needs, has in (
        ("--dropped", dropped, "--users", users),
        ("--group", group is not None, "--users", users),
        ("--completed", completed, "--manner", manner),
    ):
        if is_said and has is None:
            raise click.UsageError(f"`{option}` goes with `{needs}` only")
    if users is not None:
        return Who(users - 1, dropped, group)
    if manner is not None:
        return Walked(None if manner == ANY else Manner(manner.replace("-", " ")), completed=completed)
    return None if path is None else Walked(path=_numbers(path))


def _numbers(path: str) -> tuple[int, ...]:
    """The numbers of steps, from 0, of a path such as `1,3,2`."""
    words = [word.strip() for word in path.split(",")]
    if not all(word.isascii() and word.isdigit() for word in words):
        raise click.BadParameter("write the numbers of its steps, separated by commas: 1,3,2", param_hint="--path")
    return tuple(int(word) - 1 for word in words)


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


def _export(answer: FunnelAnswer, marks: Marks, part: str, form: Form) -> bool:
    from engine.analytics.tables import DESIGN_COLUMNS, FUNNEL_COLUMNS, design_rows, funnel_rows

    def document() -> Any:
        from api.schemas.funnels import funnel_document

        return funnel_document(answer, marks)

    if part == "design":
        return form.export(design_rows(answer), DESIGN_COLUMNS, document)
    return form.export(funnel_rows(answer, marks), FUNNEL_COLUMNS, document)


def _draw(answer: FunnelAnswer, asked: FunnelAsked, marks: Marks) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if not any(step.count for step in answer.steps):
        console.print("none of those who count came into this funnel")
        console.print(f"\n{left_out_line(answer.left_out)}")
        return
    groups = {"": answer.steps} if answer.groups is None else answer.groups
    for name, counted in groups.items():
        console.print(_table(name, counted, asked.unit, marks))
        if len(groups) > 1:
            console.print()
    if answer.sharpest is not None:
        console.print("\n" + _sharpest(answer.sharpest))
    if answer.design is not None and answer.design.units:
        console.print("\n" + _design(answer.design, asked.unit))
    console.print(f"\n{left_out_line(answer.left_out)}")


def _table(name: str, counted: Sequence[StepCount], unit: str, marks: Marks) -> Any:
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


def _marked(step: str, marks: Marks) -> str:
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
    came = f"{design.completed:,} came to the last step in whatever order"
    lines.append(f"  {came}, {design.direct:,} of them as designed" if design.completed else "  nobody came to the end")
    lines.append("  the most common paths, with the numbers of their steps for `--path`:")
    for path in design.paths[:PATHS]:
        numbers = ",".join(str(number + 1) for number in path.numbers)
        words = " → ".join(map(escape, path.steps))
        lines.append(f"  {numbers:<13} {path.count:>8,}  {path.share:6.1%}  {words}")
    return "\n".join(lines)
