"""What `waypost records` counts over the log: each view asked and exported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, TypeVar

import click

from api.cli.analyzing import Form, Lake, echo_json, left_out_line, read_time
from api.cli.choices import known
from api.cli.record_drawing import DRAW

Command = TypeVar("Command", bound=Callable[..., Any])


class View(StrEnum):
    """What is shown."""

    RECORDS = "records"
    TRANSITIONS = "transitions"
    CURVE = "curve"
    RESPONSES = "responses"
    ASKED = "asked"
    TERMS = "terms"
    DISAGREEMENTS = "disagreements"


_PARTS: Final[Mapping[View, tuple[str, ...]]] = {
    View.RECORDS: ("records", "signals"),
    View.TRANSITIONS: ("transitions", "unplanned"),
    View.CURVE: ("curve", "marks"),
}
"""Of the views that have several tables: the first is the one that a file has without `--part`."""


def view_options(command: Command) -> Command:
    """What is to be shown instead of the records."""
    helps = {
        View.TRANSITIONS: "From step to step: times, who goes straight on, what lies in between, who is lost.",
        View.CURVE: "What was felt along the journey, with releases and publications.",
        View.RESPONSES: "The answers, the newest first.",
        View.ASKED: "To how many each survey was shown, and how many answered.",
        View.TERMS: "What people write of most, beside the period before.",
        View.DISAGREEMENTS: "Scores and words that say opposite things, for you to read.",
    }
    for view, text in reversed(helps.items()):
        command = click.option(f"--{view}", "view", flag_value=view.value, help=text)(command)
    return command


def choosing_options(command: Command) -> Command:
    """Of when, of whom, and what somebody made of a disagreement."""
    verdicts = known("engine.analytics.disagreements:Verdict", last=("none",))
    feelings = known("dsl.feelings:FEELINGS")
    parts = click.Choice([part for parts in _PARTS.values() for part in parts])
    options = [
        click.option("--by", type=known("engine.step_records:By"), help="In groups."),
        click.option("--from", "since", metavar="TIME", help="Who came to a step, or spoke, then or later."),
        click.option("--to", "until", metavar="TIME", help="And before this. [now]"),
        click.option("--where", metavar="CONDITION", help="Only who meets it now, such as 'plan is \"pro\"'."),
        click.option("--survey", metavar="NAME", help="Of answers, terms, --asked: only this survey."),
        click.option("--silent", is_flag=True, help="List who was asked and answered nothing."),
        click.option("--after", metavar="ID", default="", help="With --silent: go on after this id."),
        click.option("--before", type=click.IntRange(1), metavar="NUMBER", help="With --responses: older ones."),
        click.option(
            "--limit", type=click.IntRange(1, 10_000), help="How many responses, terms or users; all users in a file."
        ),
        click.option("--unread", is_flag=True, help="With --disagreements: only those that nobody has read."),
        click.option("--judge", "judged", metavar="ID", help="Say how a disagreement is to be read."),
        click.option("--verdict", type=verdicts, help="With --judge: what was meant; `none` makes it unread again."),
        click.option("--feeling", type=feelings, help="With --judge: what the words name."),
        click.option("--note", metavar="TEXT", default="", help="With --judge: a note."),
        click.option("--author", metavar="NAME", default="command line", help="With --judge: who says so."),
        click.option("--part", type=parts, help="What --csv and --parquet have rows of. [the view]"),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def asks_lake(view: str | None, form: Form, options: Mapping[str, Any]) -> bool:
    """True where something else is asked for than the records as of now."""
    names = ("by", "since", "until", "where", "silent", "judged", "everyone", "part", "survey")
    return view is not None or form.is_file or any(options[name] for name in names)


def show(lake: Lake, view: View, journey: str, step: str | None, options: Mapping[str, Any], form: Form) -> None:
    """Ask for a view, and print it in the form that is wanted."""
    from engine.analytics.record_tables import COLUMNS, Part, record_rows

    part = options["part"] or view.value
    if part not in _PARTS.get(view, (view.value,)):
        raise click.UsageError(f"--part {part} goes with --{_owner(part)}")
    found, members, schema = _ASK[view](lake, journey, step, options)
    rows = record_rows(members, Part(part))
    if form.export(rows, COLUMNS[Part(part)], lambda: schema().dump(found)):
        return
    DRAW[view.value](members, found)
    click.echo(f"\n{left_out_line(found.left_out)}")


def judge(lake: Lake, journey: str, options: Mapping[str, Any], *, as_json: bool) -> None:
    """Say how a disagreement is to be read."""
    from engine.analytics.disagreements import VERDICTS, Verdict
    from engine.step_answers import Found, read_disagreement

    verdict = options["verdict"]
    if verdict is None:
        meanings = "; ".join(f"`{name}`: {text}" for name, text in VERDICTS.items())
        raise click.UsageError(f"say what was meant with --verdict: {meanings}")
    made = None if verdict == "none" else Found(Verdict(verdict), options["feeling"], options["note"])
    one = read_disagreement(
        lake.analyst, lake.project, lake.rules, journey, options["judged"], found=made, by=options["author"]
    )
    if as_json:
        from api.schemas.step_answers import DisagreementSchema

        echo_json(DisagreementSchema().dump(one))
        return
    click.echo(f"{one.id}: {'unread again' if made is None else f'read, {VERDICTS[made.verdict]}'}")


def silent_people(lake: Lake, journey: str, step: str | None, options: Mapping[str, Any], form: Form) -> None:
    """List who was asked and answered nothing."""
    from engine.step_answers import silent

    asked, limit = _answers(journey, step, options), form.most_users(options["limit"])
    page = silent(lake.analyst, lake.project, asked, lake.rules, after=options["after"], limit=limit)
    rows = [{"user": user} for user in page.users]
    if form.export(rows, ["user"], lambda: {"data": list(page.users), "next": page.next}):
        return
    for user in page.users:
        click.echo(user)
    if page.next is not None:
        click.echo(f"there are more: go on with --after {page.next!r}", err=True)


def _owner(part: str) -> str:
    return next((view.value for view, parts in _PARTS.items() if part in parts), part)


Asked = tuple[Any, Sequence[Any], Any]
"""The answer, the members of it that are shown, and the schema of its document."""


def _records(lake: Lake, journey: str, step: str | None, options: Mapping[str, Any]) -> Asked:
    from api.schemas.step_records import StepRecordsSchema
    from engine.step_records import of_step, records

    found = records(lake.analyst, lake.project, _asked(journey, options), lake.rules)
    if step is not None:
        found = of_step(found, journey, step, lake.rules)
    return found, found.records, StepRecordsSchema


def _transitions(lake: Lake, journey: str, step: str | None, options: Mapping[str, Any]) -> Asked:
    from dataclasses import replace

    from api.schemas.step_records import TransitionsSchema
    from engine.step_records import transitions

    found = transitions(lake.analyst, lake.project, _asked(journey, options), lake.rules)
    if step is not None:
        found = replace(found, transitions=tuple(each for each in found.transitions if step in (each.step, each.to)))
    return found, found.transitions, TransitionsSchema


def _curve(lake: Lake, journey: str, step: str | None, options: Mapping[str, Any]) -> Asked:
    from api.schemas.step_records import CurvesSchema
    from engine.step_records import curves

    if step is not None:
        raise click.UsageError("a curve is that of a whole journey: leave the step out")
    found = curves(lake.analyst, lake.project, _asked(journey, options), lake.rules)
    return found, found.curves, CurvesSchema


def _responses(lake: Lake, journey: str, step: str | None, options: Mapping[str, Any]) -> Asked:
    from api.schemas.step_answers import ResponsesSchema
    from engine.step_answers import responses

    asked, before, limit = _answers(journey, step, options), options["before"], options["limit"] or 100
    found = responses(lake.analyst, lake.project, asked, lake.rules, before=before, limit=limit)
    return found, found.responses, ResponsesSchema


def _reach(lake: Lake, journey: str, step: str | None, options: Mapping[str, Any]) -> Asked:
    from api.schemas.step_answers import ReachesSchema
    from engine.step_answers import asked_and_answered

    found = asked_and_answered(lake.analyst, lake.project, _answers(journey, step, options), lake.rules)
    return found, found.surveys, ReachesSchema


def _terms(lake: Lake, journey: str, step: str | None, options: Mapping[str, Any]) -> Asked:
    from api.schemas.step_answers import TermsSchema
    from engine.step_answers import terms

    asked, limit = _answers(journey, step, options), options["limit"] or 30
    found = terms(lake.analyst, lake.project, asked, lake.rules, limit=limit)
    return found, found.terms, TermsSchema


def _disagreements(lake: Lake, journey: str, step: str | None, options: Mapping[str, Any]) -> Asked:
    from api.schemas.step_answers import DisagreementsSchema
    from engine.step_answers import disagreeing

    asked, is_read = _answers(journey, step, options), False if options["unread"] else None
    found = disagreeing(lake.analyst, lake.project, asked, lake.rules, is_read=is_read)
    return found, found.disagreements, DisagreementsSchema


def _asked(journey: str, options: Mapping[str, Any]) -> Any:
    from engine.step_records import By, RecordsAsked

    by = options["by"]
    return RecordsAsked(
        journey=journey,
        by=None if by is None else By(by),
        since=read_time(options["since"], "--from"),
        until=read_time(options["until"], "--to"),
        where=options["where"],
        everyone=options["everyone"],
        with_simulated=options["with_simulated"],
    )


def _answers(journey: str, step: str | None, options: Mapping[str, Any]) -> Any:
    from engine.step_answers import AnswersAsked

    asked = _asked(journey, options)
    return AnswersAsked(
        journey=journey,
        step=step,
        survey=options["survey"],
        by=asked.by,
        since=asked.since,
        until=asked.until,
        where=asked.where,
        everyone=asked.everyone,
        with_simulated=asked.with_simulated,
    )


_ASK: Final[Mapping[View, Callable[[Lake, str, str | None, Mapping[str, Any]], Asked]]] = {
    View.RECORDS: _records,
    View.TRANSITIONS: _transitions,
    View.CURVE: _curve,
    View.RESPONSES: _responses,
    View.ASKED: _reach,
    View.TERMS: _terms,
    View.DISAGREEMENTS: _disagreements,
}
