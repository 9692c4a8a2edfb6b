"""A journey map on a terminal: step by step, row by row; what is only assumed is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from api.maps.files import Drawn
    from engine.mapping.model import JourneyMap, Lines, MapLine, StepOnMap

ASSUMED = "[yellow]▒[/yellow]"


def draw(found: Drawn) -> None:
    """Show a map."""
    from rich.console import Console
    from rich.markup import escape

    from api.maps.layout import beside_what, compared_lines, preface_of, title_of
    from engine.mapping.comparing import MapComparison

    console = Console(highlight=False)
    whole = found.map if isinstance(found, MapComparison) else found
    console.print(f"[bold]{escape(title_of(found))}[/bold]\n{escape(preface_of(found))}")
    _rows(console, whole.lines, "  ")
    beside = {each.step: each for each in found.steps} if isinstance(found, MapComparison) else {}
    for stage in whole.stages:
        console.print(f"\n[white on {stage.mark.colour}] {escape(stage.mark.name)} [/]")
        _rows(console, stage.lines, "  ")
        for step in whole.steps:
            if step.step in stage.steps:
                _step(console, step, stage.mark.colour)
                if isinstance(found, MapComparison) and step.step in beside:
                    console.print(f"    [bold]beside {escape(beside_what(found))}[/bold]")
                    for line in compared_lines(beside[step.step]):
                        console.print(f"      {escape(line)}")
    console.print(f"\n{ASSUMED} assumed: typed in, and no evidence linked that is here")


def _step(console: Console, step: StepOnMap, colour: str) -> None:
    from rich.markup import escape

    console.print(f"\n  [bold white on {colour}] {step.name} [/] [bold]{escape(step.label)}[/bold]{_looked(step)}")
    _rows(console, step.lines, "    ")


def _looked(step: StepOnMap) -> str:
    from dsl.values import format_instant

    if step.stale:
        versions = ", ".join(each.version for each in step.stale[-3:])
        return f"  [yellow]stale since {format_instant(step.stale[0].at)[:10]}: {_plain(versions)}[/yellow]"
    if step.look is None:
        return ""
    return f"  looked at {format_instant(step.look.at)[:10]} by {_plain(step.look.by)}"


def _rows(console: Console, lines: Lines, indent: str) -> None:
    from engine.mapping.rows import ROWS

    for row, told in lines.items():
        console.print(f"{indent}[bold]{ROWS[row].label}[/bold]")
        for line in told:
            console.print(f"{indent}  {_line(line)}", soft_wrap=True)


def _line(line: MapLine) -> str:
    from api.maps.rows import told
    from engine.mapping.model import LineKind

    if line.kind is not LineKind.TYPED:
        return _plain(line.text)
    mark = f"{ASSUMED} " if line.is_hatched else ""
    return f"{mark}{_plain(told(line))} (revision {line.revision}, {_plain(line.by)})"


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape("".join(letter if letter.isprintable() else " " for letter in text))


def documents(found: JourneyMap | Any) -> Any:
    """A map as JSON."""
    from api.schemas.map_documents import map_document
    from api.schemas.maps import MapSchema

    return MapSchema().dump(map_document(found))
