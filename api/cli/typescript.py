"""`waypost types`: what rules know by name, as TypeScript."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
import orjson

from api.cli.rules import paths_argument
from dsl.diagnostics import Severity, render
from dsl.project import RuleProject, load
from dsl.sources import read_files
from dsl.typescript import Names, declarations, names_of
from dsl.values import JsonValue, ValueType


@click.command("types")
@paths_argument
@click.option(
    "--check",
    "kept",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Print nothing; say with exit 1 that FILE is not what would be printed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def command(paths: tuple[Path, ...], kept: Path | None, as_json: bool) -> None:
    """Write TypeScript declarations of the events, attributes, steps and guides that rules know.

    With the file in your project, `waypost.track("Domain Added", { provider: "google" })` of the packages @waypost/js
    and @waypost/react is checked by the compiler: names, properties and their types. Events that the snippet sends by
    itself are left out. Where rules state no properties of an event, any may be sent.

    Rules with errors are not written: the errors are printed, and the command exits with 1.

    \b
    Example:
      waypost types rules/ > src/waypost-events.d.ts
      waypost types rules/ --check src/waypost-events.d.ts
    """
    names = names_of(_checked(paths))
    text = declarations(names)
    if kept is not None:
        renew = f"waypost types {' '.join(path.as_posix() for path in paths)} > {kept}"
        if kept.read_text(encoding="utf-8") != text:
            click.echo(f"{kept} is not up to date; write it anew: {renew}", err=True)
            raise click.exceptions.Exit(1)
        return
    if as_json:
        click.echo(orjson.dumps(_document(names), option=orjson.OPT_INDENT_2))
        return
    click.echo(text, nl=False)


def _checked(paths: tuple[Path, ...]) -> RuleProject:
    files, unreadable = read_files(list(paths))
    project = load(files)
    errors = [each for each in (*unreadable, *project.diagnostics) if each.severity is Severity.ERROR]
    for diagnostic in errors:
        click.echo(render(diagnostic, files) + "\n", err=True)
    if errors:
        raise click.exceptions.Exit(1)
    return project


def _document(names: Names) -> dict[str, JsonValue]:
    return {
        "events": {
            name: {"properties": None if stated is None else _types(stated)} for name, stated in names.events.items()
        },
        "attributes": _types(names.attributes),
        "accountAttributes": _types(names.account_attributes),
        "steps": list(names.steps),
        "guides": list(names.guides),
    }


def _types(types: Mapping[str, ValueType]) -> dict[str, JsonValue]:
    return {
        name: {"type": value.kind.value, **({"oneOf": list(value.allowed)} if value.allowed else {})}
        for name, value in types.items()
    }
