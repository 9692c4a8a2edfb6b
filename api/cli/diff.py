"""`waypost diff`: what differs between two rule sets, and who of a history gains and who loses each guide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from api.cli.progress import progress_bar
from api.cli.rules import zone_option
from dsl.values import JsonValue, format_instant

if TYPE_CHECKING:
    from dsl.catalog import Seen
    from dsl.changes import RuleChange
    from dsl.project import RuleProject
    from engine.audience import AudienceChange, GuideAudience, Switch
    from engine.people import Person

_RULES = click.Path(exists=True, path_type=Path)


@click.command("diff")
@click.argument("old", metavar="OLD", type=_RULES)
@click.argument("new", metavar="NEW", type=_RULES)
@click.option(
    "--events",
    "events_file",
    metavar="FILE",
    type=click.File("rb"),
    help="A history: one event in Segment's form a line; `-` reads standard input.",
)
@click.option(
    "--samples",
    default=5,
    show_default=True,
    type=click.IntRange(min=0),
    help="How many users to name for each guide that they gain or lose.",
)
@zone_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def command(old: Path, new: Path, events_file: Iterable[bytes] | None, samples: int, zone: str, as_json: bool) -> None:
    """Compare two rule sets: files, or folders of them.

    Prints which declarations differ. With --events, the history is lived through under both: who sees a guide under
    the new rules that they never saw under the old ones, who no longer does, and the reason before and after. What
    users were shown is taken from the rules, everything else from the history. Exits with 1 if either has errors.

    \b
    Example:
      waypost diff rules/ new-rules/
      waypost diff rules/ new-rules/ --events history.ndjson
    """
    from dsl.catalog import Seen
    from dsl.changes import changes_between

    people, seen = ([], Seen()) if events_file is None else _history(events_file)
    projects = (_checked(old, seen, zone), _checked(new, seen, zone))
    changes = changes_between(*projects)
    audience = None if events_file is None else _compared(*projects, people, is_quiet=as_json)
    if as_json:
        click.echo(orjson.dumps(_document(changes, audience, samples), option=orjson.OPT_INDENT_2))
        return
    for line in _changes(changes):
        click.echo(line)
    if audience is not None:
        click.echo()
        for line in _audience(audience, samples):
            click.echo(line)


def _history(events_file: Iterable[bytes]) -> tuple[list[Person], Seen]:
    from api.cli.history import read_lines
    from engine.people import people_of
    from engine.seen import seen_in

    events, bad = read_lines(events_file)
    for each in bad:
        click.echo(f"line {each.line} was left out: {each.message}", err=True)
    return people_of(events), seen_in(events)


def _checked(path: Path, seen: Seen, zone: str) -> RuleProject:
    """The rules, checked against what the history shows; prints errors and exits with 1 where there are any."""
    from dsl.diagnostics import Severity, render
    from dsl.project import load
    from dsl.sources import read_files

    files, unreadable = read_files([path])
    project = load(files, seen=seen, zone=zone)
    errors = [each for each in (*unreadable, *project.diagnostics) if each.severity is Severity.ERROR]
    for each in errors:
        click.echo(render(each, files) + "\n", err=True)
    if errors:
        raise click.exceptions.Exit(1)
    return project


def _compared(old: RuleProject, new: RuleProject, people: list[Person], *, is_quiet: bool) -> AudienceChange:
    from engine.audience import compare
    from engine.ruleset import RuleSet

    total = sum(len(each.events) for each in people)
    with progress_bar("living through the history", total, is_quiet=is_quiet) as progress:
        return compare(RuleSet.build(old), RuleSet.build(new), people, progress=progress)


def _changes(changes: Iterable[RuleChange]) -> Iterator[str]:
    lines = [f"{each.edit.value:<8} {each.title}" for each in changes]
    if not lines:
        yield "the rules say the same"
    for each, line in zip(changes, lines, strict=True):
        yield line
        for text in each.lines:
            yield f"    {text}"


def _audience(change: AudienceChange, samples: int) -> Iterator[str]:
    yield f"{_counted(change.people, 'user')}, {_counted(change.moments, 'request')} for guidance"
    changed = [each for each in change.guides if each.is_changed]
    if not changed:
        yield "nobody gains or loses a guide"
    for each in changed:
        yield ""
        yield (
            f"{each.guide}: seen by {_counted(each.people[1], 'user')}, before {each.people[0]}; "
            f"shown {_counted(each.shows[1], 'time')}, before {each.shows[0]}"
        )
        yield from _switches("gain it", each.gains, samples)
        yield from _switches("lose it", each.losses, samples)
    same = [each.guide for each in change.guides if not each.is_changed]
    if changed and same:
        yield ""
        yield "as before: " + ", ".join(same)


def _switches(verb: str, switches: tuple[Switch, ...], samples: int) -> Iterator[str]:
    if not switches:
        return
    yield f"  {_counted(len(switches), 'user')} {verb if len(switches) != 1 else verb.replace(' ', 's ', 1)}"
    for (before, after), number in _reasons(switches).items():
        yield f"    {number:>6}  {before} → {after}"
    for each in switches[:samples]:
        yield f"    {each.person} at {format_instant(each.at)}: {_reason(each.before)} → {_reason(each.after)}"


def _reasons(switches: Iterable[Switch]) -> dict[tuple[str, str], int]:
    return dict(Counter((_reason(each.before), _reason(each.after)) for each in switches).most_common())


def _reason(reason: str | None) -> str:
    return "not in the rules" if reason is None else str(reason)


def _document(changes: Iterable[RuleChange], audience: AudienceChange | None, samples: int) -> dict[str, JsonValue]:
    document: dict[str, JsonValue] = {
        "changes": [{"title": each.title, "edit": each.edit.value, "lines": list(each.lines)} for each in changes]
    }
    if audience is None:
        return document
    guides: list[JsonValue] = [_guide(each, samples) for each in audience.guides]
    return {**document, "people": audience.people, "moments": audience.moments, "guides": guides}


def _guide(audience: GuideAudience, samples: int) -> dict[str, JsonValue]:
    return {
        "guide": audience.guide,
        "people": {"old": audience.people[0], "new": audience.people[1]},
        "shows": {"old": audience.shows[0], "new": audience.shows[1]},
        "gains": _switches_document(audience.gains, samples),
        "losses": _switches_document(audience.losses, samples),
    }


def _switches_document(switches: tuple[Switch, ...], samples: int) -> dict[str, JsonValue]:
    pairs = Counter((each.before, each.after) for each in switches).most_common()
    return {
        "people": len(switches),
        "reasons": [{"before": before, "after": after, "people": number} for (before, after), number in pairs],
        "samples": [
            {"user": each.person, "at": format_instant(each.at), "before": each.before, "after": each.after}
            for each in switches[:samples]
        ],
    }


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
