"""`waypost decide`: what each user of a recorded history would be shown at an instant, and why or why not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
import orjson

from api.cli.history import read_lines, warn_of_nobody
from api.cli.rules import instant_option, json_object, zone_option
from dsl.clauses import trigger_events
from dsl.diagnostics import Severity, render
from dsl.project import RuleProject, load
from dsl.sources import read_files
from dsl.suggest import did_you_mean, nearest
from dsl.values import Instant, JsonValue, format_instant
from engine.context import read_context
from engine.decisions import Decision, GuideDecision
from engine.events import Event
from engine.past import Past
from engine.people import people_of
from engine.ruleset import RuleSet
from engine.seen import seen_in


@click.command("decide")
@click.option(
    "--rules",
    "rules",
    metavar="PATH",
    multiple=True,
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="A `.way` file, or a folder of them; may stand several times.",
)
@click.option(
    "--events",
    "events_file",
    metavar="FILE",
    required=True,
    type=click.File("rb"),
    help="The history: one event in Segment's form a line; `-` reads standard input.",
)
@instant_option("--at", help="The instant of the decision.")
@click.option("--user", metavar="ID", help="Decide for this user only.")
@click.option("--trigger", metavar="EVENT", help="Let the user's last event wake rules, if it has this name.")
@click.option("--context", metavar="JSON", help='What a request tells, such as {"page": {"path": "/domains/new"}}.')
@zone_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a user and line.")
def command(
    rules: tuple[Path, ...],
    events_file: Iterable[bytes],
    at: Instant | None,
    user: str | None,
    trigger: str | None,
    context: str | None,
    zone: str,
    as_json: bool,
) -> None:
    """Decide for the users of a recorded history, as the server would at that instant.

    Shows each guide that was considered with its reason. Without --trigger only rules without `on` are decided, and
    what a user snoozed. Exits with 1 if the rules have errors.

    \b
    Example:
      waypost decide --rules rules/ --events history.ndjson --at 2026-03-01T12:00:00Z --user u1
      waypost decide --rules rules/ --events - --at 2026-03-01 --trigger "DNS Check Failed" --json < history.ndjson
    """
    if at is None:
        raise click.UsageError("say when: --at 2026-03-01T12:00:00Z")
    request = read_context(json_object(context))
    events, bad = read_lines(events_file)
    for line in bad:
        click.echo(f"line {line.line} was left out: {line.message}", err=True)
    ruleset = RuleSet.build(_checked(rules, events, zone=zone, at=at))
    past = Past.of(ruleset, people_of(events, until=at))
    warn_of_nobody(past, user)
    _warn_of_trigger(ruleset.project, trigger)
    chosen = past.people if user is None else (past.person(user),)
    write = _print_json if as_json else _print
    for each in chosen:
        write(each.person.name, past.decide(each, at=at, trigger=trigger, context=request))


def _warn_of_trigger(project: RuleProject, trigger: str | None) -> None:
    """Say that no rule waits for the trigger: its name may be mistyped."""
    waited_for = {name for guide in project.guides.values() for name in trigger_events(guide)}
    if trigger is None or trigger in waited_for:
        return
    near = did_you_mean([f"`{each}`" for each in nearest(trigger, waited_for)])
    told = f"no rule waits for `{trigger}`"
    click.echo(f"{told}; {near}" if near else told, err=True)


def _checked(rules: tuple[Path, ...], events: Iterable[Event], *, zone: str, at: Instant) -> RuleProject:
    """The rules, checked against what the history shows; prints errors and exits with 1 where there are any."""
    files, unreadable = read_files(rules)
    project = load(files, seen=seen_in(events), at=at, zone=zone)
    errors = [each for each in (*unreadable, *project.diagnostics) if each.severity is Severity.ERROR]
    for each in errors:
        click.echo(render(each, files) + "\n", err=True)
    if errors:
        raise click.exceptions.Exit(1)
    return project


def _as_json(decided: GuideDecision) -> dict[str, JsonValue]:
    plain: dict[str, JsonValue] = {"guide": decided.guide, "kind": decided.kind, "variant": decided.variant}
    return plain if decided.wait is None else {**plain, "wait": dict(decided.wait)}


def _print_json(user: str, decision: Decision) -> None:
    shown = [*([decision.winner] if decision.winner is not None else []), *decision.launchers]
    document = {
        "user": user,
        "decisions": [_as_json(each) for each in shown],
        "considered": [{"guide": each.guide, "reason": each.reason.value} for each in decision.considered],
    }
    click.echo(orjson.dumps(document))


def _print(user: str, decision: Decision) -> None:
    click.echo(user)
    if not decision.considered:
        click.echo("  nothing was considered: no rule was woken, and no guide belongs to where the user stands")
    width = max((len(each.guide) for each in decision.considered), default=0)
    for each in decision.considered:
        click.echo(f"  {each.guide:<{width}}  {each.reason.value:<19}  {each.reason.meaning}")
    winner = decision.winner
    if winner is not None:
        details = [winner.kind]
        details += [f"variant {winner.variant}"] if winner.variant is not None else []
        details += [f"waits: {orjson.dumps(dict(winner.wait)).decode()}"] if winner.wait is not None else []
        details += [f"until {format_instant(winner.expires)}"] if winner.expires is not None else []
        click.echo(f"  shows {winner.guide} ({', '.join(details)})")
