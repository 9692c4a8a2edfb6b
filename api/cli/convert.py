"""`waypost convert`: the targeting of other tools as rules, with a list of what could not be said."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.options import json_option

if TYPE_CHECKING:
    from dsl.values import JsonValue
    from engine.convert.conditions import Note
    from engine.convert.sheet import Conversion
    from engine.convert.vendors import Vendor

LARGEST = 64 * 1024 * 1024
"""Bytes of a document that is read."""
WIDTH = 120
"""Of the list, where it is not a terminal that says how wide it is."""


class _Vendors(click.Group):
    """One command for every vendor of `engine.convert`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        from engine.convert.vendors import vendors

        return list(vendors())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        from engine.convert.vendors import vendors

        return _command_of(vendors()[cmd_name]) if cmd_name in vendors() else None


@click.group("convert", cls=_Vendors)
def command() -> None:
    """Turn the targeting of another tool into rules, and list what could not be said.

    Segments become personas, flags and content become guides, surveys become surveys; all of them drafts, which decide
    and log but show nothing. The rules always pass `waypost check`. Exits with 1 if something could not be said.

    \b
    Example:
      waypost convert unleash features.json --output rules/unleash.way
      waypost convert growthbook features.json --json
    """


def _command_of(vendor: Vendor) -> click.Command:
    """`waypost convert NAME`."""

    def converted(file: Path, output: Path | None, *, force: bool, as_json: bool) -> None:
        from engine.convert.sheet import TooLarge
        from engine.convert.vendors import NotOfVendor, convert

        if output is not None and output.exists() and not force:
            raise click.UsageError(f"{output} is there already; --force writes over it")
        document = _read(file)
        try:
            found = convert(vendor, document, source="standard input" if str(file) == "-" else file.name)
        except (NotOfVendor, TooLarge) as error:
            raise click.UsageError(f"{file} cannot be converted: {error}") from None
        if output is not None:
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_text(found.text, encoding="utf-8", newline="")
        if as_json:
            click.echo(_as_json(found, with_text=output is None))
        else:
            if output is None:
                click.echo(found.text, nl=False)
            _tell(found, output)
        if found.notes:
            raise click.exceptions.Exit(1)

    told = f"""Turn the targeting of {vendor.title} into rules.

    Read are {vendor.files}. `-` reads standard input.

    The rules go to standard output, or into the file after --output; what could not be said stands in them as remarks,
    and is listed on standard error. Exit 0: all of it is said; 1: not all of it; 2: the file cannot be read.

    \b
    Format:
      {vendor.source}
    \b
    Example:
      waypost convert {vendor.name} {vendor.name}.json --output rules/{vendor.name}.way
    """
    made: Callable[..., None] = json_option(converted)
    made = click.option("--force", is_flag=True, help="Write over a file that is there.")(made)
    place = click.Path(dir_okay=False, path_type=Path)
    made = click.option("--output", "-o", metavar="FILE", type=place, help="Write the rules into this file.")(made)
    source = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
    made = click.argument("file", metavar="FILE", type=source)(made)
    return click.command(vendor.name, help=told, short_help=f"Turn the targeting of {vendor.title} into rules.")(made)


def _read(file: Path) -> JsonValue:
    """The JSON document in a file. Raises UsageError for anything else."""
    from orjson import JSONDecodeError, loads

    content = sys.stdin.buffer.read(LARGEST + 1) if str(file) == "-" else file.read_bytes()
    if len(content) > LARGEST:
        raise click.UsageError(f"{file} is larger than {LARGEST // 1024 // 1024} MB: convert a part of it at a time")
    try:
        document: JsonValue = loads(content.removeprefix(b"\xef\xbb\xbf"))
    except JSONDecodeError as error:
        raise click.UsageError(f"{file} is not readable as JSON: {error}") from None
    return document


def _tell(found: Conversion, output: Path | None) -> None:
    """What came of it, on standard error: the rules may be on standard output."""
    if output is not None:
        click.echo(f"{found.declarations} declarations written to {output}", err=True)
    if not found.notes:
        click.echo("all of it is said", err=True)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    several = f"{len(found.notes)} things" if len(found.notes) > 1 else "1 thing"
    click.echo(f"{several} could not be said, or not quite:\n", err=True)
    table = Table("where", "what", "why", "what comes of it", box=None, pad_edge=False)
    for each in table.columns:
        each.overflow = "fold"
    for note in found.notes:
        cells = (note.path, note.what, note.why, note.effect.value)
        table.add_row(*(Text(each) for each in cells))
    Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else WIDTH).print(table)


def _as_json(found: Conversion, *, with_text: bool) -> str:
    from orjson import OPT_INDENT_2, dumps

    answer: dict[str, object] = {"declarations": found.declarations, "notes": [_note(each) for each in found.notes]}
    if with_text:
        answer["rules"] = found.text
    return dumps(answer, option=OPT_INDENT_2).decode()


def _note(note: Note) -> dict[str, str]:
    return {
        "path": note.path,
        "what": note.what,
        "why": note.why,
        "effect": note.effect.name.lower(),
        "effect_text": note.effect.value,
    }
