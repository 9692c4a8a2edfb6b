"""`waypost opportunities`: where users could be won, why they may leave, and what people say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.analyzing import (
    Form,
    echo_json,
    file_options,
    left_out_line,
    opened_lake,
    place_options,
    population_options,
)
from api.cli.choices import known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.roadmap.opportunities import Decision, Opportunity
    from engine.roadmap.readings import Asked
    from engine.stages import Marks


@click.command("opportunities")
@click.argument("journey", required=False)
@click.option("--step", metavar="STEP", help="Only at this step of the journey.")
@click.option("--persona", metavar="NAME", help="Only of this persona; - for people in none, ~ for unknown visitors.")
@click.option("--status", type=known("engine.roadmap.opportunities:Status"), help="Only these.")
@click.option("--days", type=click.IntRange(1, 730), default=28, show_default=True, help="How much of the past.")
@click.option(
    "--by", type=known("engine.roadmap.opportunities:Ranking"), default="reachable", show_default=True, help="Ranking."
)
@click.option("--confirm", metavar="ID", help="Say that this one is real; needs --why.")
@click.option("--dismiss", metavar="ID", help="Say that this one is none; needs --why.")
@click.option("--reopen", metavar="ID", help="Leave this one open again.")
@click.option("--why", default="", help="The reason.")
@click.option("--cause", help="With --confirm: the cause that you hold for the real one.")
@click.option("--name", "author", default="command line", show_default=True, help="Who decides.")
@population_options
@file_options
@place_options
def command(
    *,
    confirm: str | None,
    dismiss: str | None,
    reopen: str | None,
    why: str,
    cause: str | None,
    author: str,
    data: str | None,
    slug: str,
    form: Form,
    **options: Any,
) -> None:
    """Show where users could be won: lost per week × the share within reach, with the causes that the data propose.

    Within reach are as many as would go on if the persona did as well as the one that does best at the step. A person
    confirms or dismisses. How it is counted: docs/reference/roadmap.md.

    \b
    Example:
      waypost opportunities activation
      waypost opportunities --confirm activation.verify_domain.enterprise --why "seen in three interviews"
    """
    from engine.roadmap.opportunities import Status
    from engine.roadmap.path_contrasts import PathContrasts
    from engine.roadmap.planner import Planner, Verdict
    from engine.roadmap.readings import Readings
    from engine.stages import stage_marks

    said = [
        (name, status)
        for name, status in ((confirm, Status.CONFIRMED), (dismiss, Status.DISMISSED), (reopen, Status.PROPOSED))
        if name is not None
    ]
    if len(said) > 1:
        raise click.UsageError("one of --confirm, --dismiss and --reopen at a time")
    with opened_lake(data, slug) as lake:
        database = lake.analyst.database
        planner = Planner(database, Readings(database, contrasts=PathContrasts(lake.analyst)))
        if said:
            ((name, status),) = said
            known = planner.decisions(lake.project).get(name)
            revision = 0 if known is None else known.revision
            verdict = Verdict(status, why, cause)
            made = planner.decide(lake.project, lake.rules, name, verdict, revision=revision, by=author)
            _echo_decision(name, made, as_json=form.as_json)
            return
        asked = read_asked(options)
        found = planner.opportunities(lake.project, lake.rules, asked)
        marks = stage_marks(lake.rules.project)
    if not _export(found, asked, form, marks):
        _draw(found, asked, marks)


def read_asked(options: dict[str, Any]) -> Asked:
    """What the options ask for."""
    from dsl.values import DAY, Duration
    from engine.roadmap.opportunities import Ranking, Status
    from engine.roadmap.readings import Asked, Whose

    return Asked(
        journey=options["journey"],
        step=options["step"],
        persona=options["persona"],
        status=None if options["status"] is None else Status(options["status"]),
        period=Duration(options["days"] * DAY),
        ranking=Ranking(options["by"]),
        whose=Whose(everyone=options["everyone"], with_simulated=options["with_simulated"]),
        with_paths=True,
    )


def _export(found: Sequence[Opportunity], asked: Asked, form: Form, marks: Marks) -> bool:
    from engine.roadmap.tables import OPPORTUNITY_COLUMNS, opportunity_rows

    def document() -> Any:
        from api.schemas.opportunities import OpportunitySchema

        left_out = [kind.value for kind in asked.whose.left_out]
        return {"data": OpportunitySchema(many=True).dump(found), "left_out": left_out}

    return form.export(opportunity_rows(found, marks), OPPORTUNITY_COLUMNS, document)


def _draw(found: Sequence[Opportunity], asked: Asked, marks: Marks) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    if not found:
        console.print("no opportunities: nobody is lost, or there are too few people to tell (20 a step and persona)")
    for number, one in enumerate(found, 1):
        mark = "" if one.decision is None else f" · {one.status} by {escape(one.decision.by)}"
        label = f"{marks[one.stage].letter} {one.label}" if one.stage in marks else one.label
        console.print(f"[bold]{number}. {escape(label)}, {escape(one.persona_label)}[/bold]  ({one.id}){mark}")
        interval = one.lost_interval
        share = f"{one.lost_share:.0%}" + ("" if interval is None else f" ({interval.low:.0%} – {interval.high:.0%})")
        console.print(f"   {one.lost_per_week:,.1f} lost a week: {one.lost:,} of {one.settled:,}, {share}")
        console.print(f"   {_reach(one)}")
        for cause in one.causes:
            console.print(f"   · {cause.kind}: {escape(cause.text)}")
        if one.has_grown:
            console.print("   far more are lost than when it was dismissed: look at it again")
    console.print(("\n" if found else "") + left_out_line(asked.whose.left_out))


def _reach(one: Opportunity) -> str:
    from rich.markup import escape

    if one.reachable is None or one.worth is None:
        return "within reach: unknown, there is no persona to compare with"
    if one.best is not None and one.best.persona == one.persona:
        return "within reach: none, no persona does better here"
    ends, best = one.worth_interval, one.best
    span = "" if ends is None else f" ({ends.low:,.1f} – {ends.high:,.1f})"
    beside = "" if best is None else f", if they did as well as “{escape(best.label)}” ({best.rate:.0%})"
    return f"within reach: {one.worth:,.1f} a week{span}, {one.reachable:.0%} of those lost{beside}"


def _echo_decision(name: str, decision: Decision, *, as_json: bool) -> None:
    from api.schemas.opportunities import OpportunityDecisionSchema

    if as_json:
        echo_json(OpportunityDecisionSchema().dump(decision))
    else:
        click.echo(f"{name} is {decision.status}")
