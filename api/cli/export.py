"""`waypost export`: events and pictures of journeys for other tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from api.cli.analyzing import place_options, population_options
from api.cli.export_events import event_commands
from api.cli.map_desk import drawn, opened_maps, which_options, write


@click.group("export")
def command() -> None:
    """Write a project's events, or a journey as a diagram, for other tools.

    Events: as CSV, Parquet, JSON lines in Segment's form, or an event log in XES. A journey: as a Mermaid `journey`, or
    an SVG picture; other forms of the map (PNG, PDF, CSV, Parquet): `waypost map JOURNEY --format …`.

    \b
    Example:
      waypost export ndjson --everyone --output events.ndjson
      waypost export csv --from 2026-10-01 --event Purchase > purchases.csv
      waypost export mermaid activation > journey.mmd
      waypost export svg activation --persona self_serve --output map.svg
    """


def _make(form: str, summary: str, extension: str) -> Callable[..., None]:
    @command.command(form, help=f"{summary}\n\n\b\nExample:\n  waypost export {form} activation > map.{extension}")
    @click.argument("journey")
    @which_options
    @population_options
    @click.option("--output", "-o", metavar="FILE", type=click.Path(dir_okay=False), help="Write to a file.")
    @place_options
    def written(
        journey: str, *, output: str | None, data: str | None, slug: str, as_json: bool, **options: Any
    ) -> None:
        with opened_maps(data, slug) as maps:
            found = drawn(maps, journey, options)
        if as_json:
            from api.cli.analyzing import echo_json
            from api.cli.map_drawing import documents

            echo_json(documents(found))
            return
        write(found, form, output, "a4")

    return written


_make("mermaid", "Write the map of a JOURNEY as a Mermaid `journey`: 1 to 5 from what people said they felt.", "mmd")
_make("svg", "Write the map of a JOURNEY as an SVG picture.", "svg")

for _events in event_commands():
    command.add_command(_events)
