"""`waypost explain PATH [GUIDE] --events FILE`: why a guide is shown to a user of a history, or why not; and whom the
rules record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import click
import orjson

from api.cli.history import read_lines, warn_of_nobody
from dsl.diagnostics import Severity, render
from dsl.formatter.writer import record_text
from dsl.project import load
from dsl.values import Instant, JsonValue, format_instant
from engine.context import read_context
from engine.events import Event
from engine.past import Past
from engine.people import people_of
from engine.replay.asking import verdicts_of
from engine.ruleset import RuleSet
from engine.seen import seen_in
from engine.why import Gate, Part, Situation, Truth, Why, document, why
from engine.why.text import ending, gate_text, heading, part_text, write

if TYPE_CHECKING:
    from rich.tree import Tree

_COLOURS: Final = {Truth.TRUE: "green", Truth.FALSE: "red", Truth.UNKNOWN: "yellow"}


def explain_for_users(
    files: Mapping[str, str],
    guide: str | None,
    lines: Iterable[bytes],
    *,
    user: str | None,
    at: Instant | None,
    context: Mapping[str, JsonValue],
    zone: str,
    as_json: bool,
) -> None:
    """Print the answer for one user of a history, or for each. guide: None for whether they are recorded.

    at: without it, the time of the history's last event. Exits with 1 for rules with errors.
    """
    events, bad = read_lines(lines)
    for line in bad:
        click.echo(f"line {line.line} was left out: {line.message}", err=True)
    if at is None:
        if not events:
            raise click.UsageError("the history has no events, so say when: --at 2026-03-01T12:00:00Z")
        at = max(event.time for event in events)
    ruleset = _compiled(files, events, zone=zone, at=at)
    if guide is None and not ruleset.records:
        raise click.UsageError("say which guide: waypost explain rules/ verify_help --events history.ndjson")
    if guide is not None and guide not in ruleset.by_name:
        raise click.UsageError(f"there is no guide or survey `{guide}`; there are: {', '.join(ruleset.by_name)}")
    past = Past.of(ruleset, people_of(events, until=at))
    warn_of_nobody(past, user)
    for known in past.people if user is None else (past.person(user),):
        situation = Situation(
            ruleset=ruleset,
            state=known.state,
            now=at,
            person=known.person.first_id,
            user=known.person.name,
            woken=known.woken,
            context=read_context(context),
            around=past.around(known),
        )
        if guide is None:
            _print_recorded(situation, as_json=as_json)
        else:
            _print(why(situation, guide), as_json=as_json)


def _print_recorded(asked: Situation, *, as_json: bool) -> None:
    found = verdicts_of(asked)
    by = next((each.record for each in found if each.records), None)
    if as_json:
        told = {
            "user": asked.user,
            "at": format_instant(asked.now),
            "recorded": by is not None,
            "records": [
                {
                    "record": record_text(each.record),
                    "file": each.record.span.file,
                    "line": each.record.span.line,
                    "reason": each.reason.value,
                }
                for each in found
            ],
        }
        click.echo(orjson.dumps(told))
        return
    click.echo(f"{asked.user}, {format_instant(asked.now)}")
    where = "" if by is None else f"{record_text(by)} ({by.span.file}:{by.span.line})"
    click.echo(f"  recorded: yes, by {where}, where the project's settings allow it" if where else "  recorded: no")
    for each in found:
        place = f"{each.record.span.file}:{each.record.span.line}"
        click.echo(f"    {record_text(each.record)}  ({place})\n      {each.reason.value:<15}  {each.meaning}")
    click.echo()


def _compiled(files: Mapping[str, str], events: Iterable[Event], *, zone: str, at: Instant) -> RuleSet:
    project = load(files, seen=seen_in(events), at=at, zone=zone)
    errors = [each for each in project.diagnostics if each.severity is Severity.ERROR]
    for each in errors:
        click.echo(render(each, files) + "\n", err=True)
    if errors:
        raise click.exceptions.Exit(1)
    return RuleSet.build(project)


def _print(answer: Why, *, as_json: bool) -> None:
    from rich.console import Console

    if as_json:
        click.echo(orjson.dumps(document(answer)))
        return
    console = Console(highlight=False, emoji=False)
    if not console.is_terminal:
        click.echo("\n".join(write(answer)) + "\n")
        return
    console.print(_tree(answer))
    for line in ending(answer):
        console.print(line, markup=False)
    console.print()


def _tree(answer: Why) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text(heading(answer), style="bold"), guide_style="dim")
    for gate in answer.gates:
        branch = tree.add(Text(gate_text(gate, answer), style=_style(gate, answer)))
        for part in gate.parts:
            _add(branch, part)
    return tree


def _style(gate: Gate, answer: Why) -> str:
    if gate.is_open:
        return "green"
    return "bold red" if gate is answer.stopped_by else "red"


def _add(branch: Tree, part: Part) -> None:
    from rich.text import Text

    below = branch.add(Text(part_text(part), style=_COLOURS[part.truth]))
    for each in part.below:
        _add(below, each)
