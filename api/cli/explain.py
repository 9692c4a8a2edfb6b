"""`waypost explain`: rules in plain English."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
import orjson

from api.cli.rules import instant_option, json_object, zone_option
from dsl.diagnostics import Severity, render
from dsl.explain import Line, explain_guide, explain_record, write
from dsl.nodes import Guide, Record
from dsl.project import RuleProject, load
from dsl.sources import read_files
from dsl.suggest import did_you_mean, nearest
from dsl.values import Instant, JsonValue


@click.command("explain")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.argument("guide", required=False)
@click.option(
    "--events",
    "events_file",
    metavar="FILE",
    type=click.File("rb"),
    help="A history, one event in Segment's form a line: say why the guide is shown to its users, or why not.",
)
@click.option("--user", metavar="ID", help="Of a history: this user only.")
@instant_option("--at", help="Of a history: the instant that is asked about; its end without one.")
@click.option("--context", metavar="JSON", help='What a request tells, such as {"page": {"path": "/domains/new"}}.')
@zone_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def command(
    path: Path,
    guide: str | None,
    events_file: Iterable[bytes] | None,
    user: str | None,
    at: Instant | None,
    context: str | None,
    zone: str,
    as_json: bool,
) -> None:
    """Say in plain English what the guides and surveys of a file or folder do, and whom they record, or what one of
    the guides does.

    With a history it says why a guide would be shown to a user at an instant, or why not: each gate and condition,
    what is known of the user, and the nearest change that would show it, tried with the evaluator. Without a guide it
    says whom the rules record then, by which `record`, or why not.

    Rules with errors are not explained: the errors are printed, and the command exits with 1.

    \b
    Example:
      waypost explain rules/ verify_help
      waypost explain rules/ verify_help --events history.ndjson --user u1 --at 2026-03-04T10:00:00Z
      waypost explain rules/ --events history.ndjson --user u1
    """
    files, unreadable = read_files([path])
    if events_file is not None:
        from api.cli.why import explain_for_users

        request = json_object(context)
        explain_for_users(files, guide, events_file, user=user, at=at, context=request, zone=zone, as_json=as_json)
        return
    if user is not None or at is not None or context is not None:
        raise click.UsageError("--user, --at and --context are about a history: give one with --events FILE")
    project = load(files, zone=zone)
    errors = [each for each in (*unreadable, *project.diagnostics) if each.severity is Severity.ERROR]
    if errors:
        for diagnostic in errors:
            click.echo(render(diagnostic, files) + "\n", err=True)
        raise click.exceptions.Exit(1)
    guides = list(project.guides.values())
    if guide is not None:
        guides = [_named(guide, project)]
    recorded = project.recorded if guide is None else ()
    if as_json:
        told = {
            "guides": [_document(each, project) for each in guides],
            "records": [{"lines": [_line(each) for each in explain_record(every, project)]} for every in recorded],
        }
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2))
        return
    texts = [_text(each, project) for each in guides] + [_record_text(each, project) for each in recorded]
    click.echo("\n\n".join(texts) if texts else "there are no guides")


def _named(name: str, project: RuleProject) -> Guide:
    if name not in project.guides:
        near = did_you_mean([f"`{each}`" for each in nearest(name, project.guides)])
        raise click.UsageError(f"there is no guide or survey `{name}`" + (f"; {near}" if near else ""))
    return project.guides[name]


def _text(guide: Guide, project: RuleProject) -> str:
    label = f" “{guide.label.value}”" if guide.label is not None else ""
    lines = [f"{guide.name.text}: {guide.kind.value}{label}"]
    for line in explain_guide(guide, project):
        lines += write(line, indent="  ")
    return "\n".join(lines)


def _record_text(record: Record, project: RuleProject) -> str:
    lines = [line for each in explain_record(record, project) for line in write(each, indent="  ")]
    return "\n".join([f"record: {record.span.file}:{record.span.line}", *lines])


def _document(guide: Guide, project: RuleProject) -> dict[str, JsonValue]:
    return {
        "name": guide.name.text,
        "kind": guide.kind.value,
        "label": guide.label.value if guide.label is not None else None,
        "lines": [_line(each) for each in explain_guide(guide, project)],
    }


def _line(line: Line) -> dict[str, JsonValue]:
    about = line.about
    return {
        "text": line.text,
        "about": None if about is None else type(about).__name__,
        "file": None if about is None else about.span.file,
        "line": None if about is None else about.span.line,
        "holds": line.holds,
        "joined": line.joined.value,
        "below": [_line(each) for each in line.below],
    }
