"""What the commands of journey maps share: how they reach them, which map is meant, how it is written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from api.cli.analyzing import opened_lake
from api.cli.choices import known

if TYPE_CHECKING:
    from api.maps.files import Drawn
    from engine.mapping.cartographer import Author, Cartographer
    from engine.membership import RulesNow

Command = TypeVar("Command", bound=Callable[..., Any])

FORMATS = known("api.maps.files:FORMS", first=("text", "json"))
PAPERS = known("api.maps.pdf:PAPERS")
_BINARY = frozenset({"png", "pdf", "parquet"})


@dataclass(frozen=True, slots=True)
class Maps:
    """The maps of a project."""

    door: Cartographer
    project: int
    rules: RulesNow


@contextmanager
def opened_maps(data: str | None, slug: str) -> Iterator[Maps]:
    """The maps of a project, on the database of the settings, with the log copied as far as it has come."""
    with opened_lake(data, slug) as lake:
        from engine.mapping.cartographer import Cartographer
        from engine.roadmap.path_contrasts import PathContrasts
        from engine.roadmap.planner import Planner
        from engine.roadmap.readings import Readings

        lake.copy_log()
        database = lake.analyst.database
        planner = Planner(database, Readings(database, contrasts=PathContrasts(lake.analyst)))
        yield Maps(Cartographer(database, planner, lake.analyst), lake.project, lake.rules)


def which_options(command: Command) -> Command:
    """Which map: `--persona`, `--period`, `--days`, `--compare`."""
    options = (
        click.option("--persona", metavar="NAME", default="", help="Of a persona. [everybody]"),
        click.option("--period", metavar="TIME", help="A month or a quarter: 2026-11, 2026-Q4. [the last weeks]"),
        click.option("--days", type=click.IntRange(1, 1_100), help="The last days, instead of --period."),
        click.option(
            "--compare",
            metavar="WHAT",
            help="Beside a month or quarter, `persona:NAME`, `persona:everyone`, or `snapshot:NUMBER`.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def drawn(maps: Maps, journey: str, options: dict[str, Any]) -> Drawn:
    """The map that the options ask for, or that of `snapshot`."""
    from api.schemas.map_documents import read_map

    if options["period"] is not None and options["days"] is not None:
        raise click.UsageError("say --period or --days, not both")
    if options.get("snapshot") is not None:
        return maps.door.snapshot(maps.project, journey, options["snapshot"])
    query = {**options, "simulated": options["with_simulated"]}
    asked, against = read_map(query, journey, maps.rules.now)
    if against is None:
        return maps.door.map(maps.project, maps.rules, asked)
    return maps.door.compared(maps.project, maps.rules, asked, against)


def write(found: Drawn, form: str, output: str | None, paper: str) -> None:
    """Write a map in one of FORMS, to a file or to standard output. Raises click.UsageError."""
    from api.maps.files import FORMS

    if output is None and form in _BINARY and sys.stdout.isatty():
        raise click.UsageError(f"{form} is not for a terminal: say where to with --output FILE, or pass it on with `>`")
    content = FORMS[form].write(found, paper)
    if output is not None:
        Path(output).write_bytes(content)
        click.echo(f"wrote {output}", err=True)
    elif form in _BINARY:
        sys.stdout.buffer.write(content)
    else:
        click.echo(content.decode(), nl=False)


def author(name: str) -> Author:
    """Who says so on the command line: shown by the name they give, audited as the command line."""
    from engine.audit import COMMAND_LINE
    from engine.mapping.cartographer import Author

    return Author(name, COMMAND_LINE)
