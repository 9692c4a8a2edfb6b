"""`waypost records`: what is known of each step of a journey, as of now or over a period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.analyzing import Form, file_options, opened_lake, place_options, population_options
from api.cli.options import opened, project_named, settings_from
from api.cli.record_views import View, asks_lake, choosing_options, judge, show, silent_people, view_options

if TYPE_CHECKING:
    from engine.analytics.evidence import SourceRecord
    from engine.analytics.intervals import Interval
    from engine.analytics.records import StepRecord


@click.command("records")
@click.argument("journey")
@click.argument("step", required=False)
@view_options
@choosing_options
@population_options
@file_options
@place_options
def command(
    *,
    journey: str,
    step: str | None,
    view: str | None,
    data: str | None,
    slug: str,
    form: Form,
    **options: Any,
) -> None:
    """Show the record of each step of a JOURNEY, or of one STEP: who came, who went on, how hard it was, what was felt.

    Every figure carries its n and a 95 % interval; below five it says so instead. Without options: as of now, up to
    the last second. With --by, a period, --csv or one of the other views: counted over the log, with who is left out.
    What each figure means: docs/reference/records.md

    \b
    Example:
      waypost records activation
      waypost records activation verify_domain --json
      waypost records activation --by persona --from 2026-10-01
      waypost records activation --transitions
      waypost records activation --curve --by week --csv
      waypost records activation verify_domain --terms
      waypost records activation --disagreements --unread
      waypost records activation --judge 812-813 --verdict text --note "the scale was taken the other way round"
    """
    if not asks_lake(view, form, options):
        _now(journey, step, data, slug, as_json=form.as_json, with_simulated=options["with_simulated"])
        return
    with opened_lake(data, slug) as lake:
        lake.copy_log()
        if options["judged"] is not None:
            judge(lake, journey, options, as_json=form.as_json)
        elif options["silent"]:
            silent_people(lake, journey, step, options, form)
        else:
            show(lake, View(view or "records"), journey, step, options, form)


def _now(journey: str, step: str | None, data: str | None, slug: str, *, as_json: bool, with_simulated: bool) -> None:
    settings = settings_from(data)
    with opened(settings) as service:
        project = project_named(service, slug)
        declared = service.declared(project.id).journeys.get(journey)
        names = [] if declared is None else [each.name.text for each in declared.steps]
        steps = [step] if step is not None else names or [""]
        records = [service.step_record(project.id, journey, each, with_simulated=with_simulated) for each in steps]
    if as_json:
        from orjson import dumps

        from api.schemas.records import StepRecordSchema

        documents = [StepRecordSchema().dump(record) for record in records]
        click.echo(dumps(documents if step is None else documents[0]).decode())
    else:
        if step is None:
            _overview(records)
        else:
            _in_full(records[0])
        simulated = "nobody is left out" if with_simulated else "left out: simulated"
        click.echo(f"\nas of now; {simulated} (with --by, --from or --to your own people and bots are left out too)")


def _overview(records: list[StepRecord]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("step")
    for head in ("entered", "completed", "skipped", "dropped", "in progress", "friction", "emotion"):
        table.add_column(head, justify="right")
    for record in records:
        table.add_row(
            record.label,
            f"{record.entered:,}",
            f"{record.completed:,}",
            f"{record.skipped:,}",
            f"{record.dropped:,}",
            f"{record.in_progress:,}",
            "" if record.friction.score is None else f"{record.friction.score:.2f}",
            _emotion(record),
        )
    Console().print(table)


def _in_full(record: StepRecord) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    console.print(f"[bold]{escape(record.label)}[/bold]  ({record.journey}.{record.step})")
    counts = f"{record.completed:,} completed · {record.skipped:,} skipped · {record.dropped:,} dropped"
    console.print(f"  {record.entered:,} entered · {counts} · {record.in_progress:,} in progress")
    friction = record.friction
    if friction.score is None:
        console.print("  friction: nobody has entered yet")
    else:
        console.print(
            f"  friction {friction.score:.2f}{_interval(friction.interval)}, n = {friction.n:,}, "
            f"weights v{friction.version}"
        )
    for signal in friction.signals:
        if signal.count:
            console.print(
                f"    {signal.name:<16} {signal.count:>7,}  {signal.per_entrant:.2f} per entrant, "
                f"{signal.people:,} people, weight {signal.weight:.2f}"
            )
    console.print(f"  emotion {_emotion(record)}")
    named = [f"{feeling} {number:,}" for feeling, number in record.emotion.feelings.items() if number]
    if named:
        console.print(f"    {' · '.join(named)}")
    for question in record.questions:
        console.print(
            f"  {escape(question.guide)}.{question.question} “{escape(question.text)}”: {question.answered:,} answers"
        )
        for score in question.scores:
            shown = "not enough answers" if score.value is None else f"{score.value:.2f}{_interval(score.interval)}"
            console.print(f"    {score.name} {shown}, n = {score.n:,}")
        for value, number in question.distribution.items():
            console.print(f"    {number:>7,}  {escape(value)}")
    for verbatim in record.verbatims:
        console.print(f"  “{escape(verbatim.text)}”")
    for source in record.evidence:
        _elsewhere(source)


def _elsewhere(source: SourceRecord) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    felt = source.note if source.mean is None else f"{source.mean:+.2f}{_interval(source.interval)}"
    console.print(f"  from {source.label}: {source.count:,}, emotion {felt}, n = {source.n:,}")
    if source.task is not None:
        task = source.task
        console.print(
            f"    task success {task.success_rate:.0%}{_interval(task.success_interval)}, n = {task.n:,}; "
            f"without help {task.unaided_rate:.0%}"
        )
    for quoted in source.verbatims:
        console.print(f"    “{escape(quoted.text)}”")


def _emotion(record: StepRecord) -> str:
    emotion = record.emotion
    if emotion.mean is None:
        return f"{emotion.note} (n = {emotion.n})"
    return f"{emotion.mean:+.2f}{_interval(emotion.interval)}, n = {emotion.n:,}"


def _interval(interval: Interval | None) -> str:
    return "" if interval is None else f" ({interval.low:.2f} to {interval.high:.2f})"
