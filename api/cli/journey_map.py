"""`waypost map`: the living map of a journey, and what people add to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from api.cli.analyzing import Form, echo_json, file_options, place_options, population_options
from api.cli.choices import Listing, known
from api.cli.map_desk import FORMATS, PAPERS, drawn, opened_maps, which_options, write
from api.cli.roadmap_desk import author_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.cli.map_desk import Maps
    from engine.mapping.cells import Cell
    from engine.mapping.targets import Target

_METRICS = known("engine.roadmap.metrics:Metric")
_ROWS = known("engine.mapping.rows:TYPED")


class MapGroup(click.Group):
    """A group whose first word may be a journey: `waypost map activation` is `waypost map show activation`."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A subcommand; for any other word the one that draws the journey of that name."""
        return super().get_command(ctx, cmd_name) or self.commands["show"]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `show` before a journey, or an option, that stands where a subcommand would."""
        if args and args[0] not in self.commands and args[0] not in {"--help", "-h"}:
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group("map", cls=MapGroup)
def command() -> None:
    """Draw the living map of a journey: stages and steps, what was measured, declared and typed at each.

    What was typed is marked as assumed until evidence is linked that is here; a step that a release touched is stale
    until somebody confirms it. What each row says: docs/reference/map.md.

    \b
    Example:
      waypost map activation
      waypost map activation --persona self_serve --format pdf --output map.pdf
      waypost map activation --compare 2026-Q3
      waypost map type activation motivation "wants to send today" --step verify_domain --evidence evidence:12
      waypost map confirm activation verify_domain
    """


@command.command("show")
@click.argument("journey")
@which_options
@population_options
@click.option("--snapshot", type=click.IntRange(1), help="Not as it is now, but as this snapshot kept it.")
@click.option("--format", "form", type=FORMATS, default="text", show_default=True)
@click.option("--output", "-o", metavar="FILE", type=click.Path(dir_okay=False), help="Write to a file.")
@click.option("--paper", type=PAPERS, default="a4", show_default=True, help="Of a PDF, lying.")
@place_options
def show(
    journey: str,
    *,
    form: str,
    output: str | None,
    paper: str,
    data: str | None,
    slug: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Draw the map of a JOURNEY.

    \b
    Example:
      waypost map activation
      waypost map activation --persona self_serve --compare persona:enterprise
      waypost map activation --format svg > map.svg
      waypost map activation --snapshot 3 --json
    """
    from api.cli.map_drawing import documents, draw

    if options["snapshot"] is not None and (options["persona"] or options["compare"] or options["period"]):
        raise click.UsageError("a snapshot is of one persona and period: leave --persona, --period and --compare out")
    with opened_maps(data, slug) as maps:
        found = drawn(maps, journey, options)
    if as_json or form == "json":
        if output is None:
            echo_json(documents(found))
            return
        from pathlib import Path

        from orjson import dumps

        Path(output).write_bytes(dumps(documents(found)))
    elif form == "text":
        draw(found)
    else:
        write(found, form, output, paper)


# what people type in


@command.command("cells")
@click.argument("journey")
@file_options
@place_options
def cells(journey: str, *, data: str | None, slug: str, form: Form) -> None:
    """List what was typed into the maps of a JOURNEY, with its revision and what it links.

    \b
    Example:
      waypost map cells activation --json
    """
    with opened_maps(data, slug) as maps:
        found = maps.door.cells(maps.project, maps.rules, journey)
    from api.schemas.map_documents import cell_document
    from api.schemas.maps import CellSchema

    told = CellSchema(many=True).dump(list(map(cell_document, found)))
    if not form.export_documents(told, CellSchema().fields, lambda: {"data": told}):
        _list_cells(found)


@command.command("type", cls=Listing)
@click.argument("journey")
@click.argument("row", metavar="ROW", type=_ROWS)
@click.argument("text")
@click.option("--step", metavar="NAME", default="", help="The step. Neither step nor stage: the whole journey.")
@click.option("--stage", metavar="NAME", default="", help="The stage.")
@click.option("--persona", metavar="NAME", default="", help="On the maps of this persona only.")
@click.option("--touchpoint", metavar="TEXT", default="", help="Of one touchpoint of the step, as it is declared.")
@click.option(
    "--evidence",
    metavar="LINK",
    multiple=True,
    help="`evidence:NUMBER`, `response:SURVEY.QUESTION.SUBMISSION`, or an address; may be given again.",
)
@click.option("--revision", type=click.IntRange(0), help="The one that you saw. [the latest]")
@author_option
@place_options
def type_in(
    *,
    journey: str,
    row: str,
    text: str,
    evidence: tuple[str, ...],
    revision: int | None,
    author: str,
    data: str | None,
    slug: str,
    as_json: bool,
    **place: Any,
) -> None:
    """Type TEXT into a ROW of the map of a JOURNEY; a blank text ("") clears the cell.

    It is marked as assumed until it links evidence that is here. Without --evidence the links that it has stay.

    \b
    Example:
      waypost map type activation motivation "wants to send today" --step verify_domain
      waypost map type activation systems "DNS prober, team Edge" --step verify_domain --touchpoint "/domains/*"
    """
    from api.cli import map_desk
    from engine.mapping.cells import CellDraft
    from engine.mapping.rows import Row

    with opened_maps(data, slug) as maps:
        draft = CellDraft(row=Row(row), text=text, evidence=evidence, **place)
        before = maps.door.cell(maps.project, journey, draft)
        if before is not None and not evidence:
            draft = replace(draft, evidence=before.draft.evidence)
        seen = (0 if before is None else before.revision) if revision is None else revision
        by = map_desk.author(author)
        made = maps.door.set_cell(maps.project, maps.rules, journey, draft, revision=seen, by=by)
    if as_json:
        from api.schemas.map_documents import cell_document
        from api.schemas.maps import CellSchema

        echo_json(CellSchema().dump(cell_document(made)))
        return
    if not made.draft.text:
        click.echo("cleared")
    else:
        click.echo(f"kept, revision {made.revision}" + (": assumed, no evidence linked" if made.is_hatched else ""))


# targets


@command.command("target", cls=Listing)
@click.argument("journey")
@click.argument("step", required=False)
@click.argument("metric", metavar="[METRIC]", type=_METRICS, required=False)
@click.argument("value", required=False)
@click.option("--persona", metavar="NAME", default="", help="Of the maps of this persona only.")
@click.option("--due", metavar="TIME", help="By a month or a quarter: 2026-12, 2026-Q4.")
@click.option("--revision", type=click.IntRange(0), help="The one that you saw. [the latest]")
@author_option
@file_options
@place_options
def target(
    *,
    journey: str,
    step: str | None,
    metric: str | None,
    value: str | None,
    persona: str,
    due: str | None,
    revision: int | None,
    author: str,
    data: str | None,
    slug: str,
    form: Form,
) -> None:
    """List the targets of a JOURNEY, or set that of a METRIC of a STEP: the future state. `-` takes one back.

    Shares and scores as on the map in JSON (0.8 for 80 %), times in seconds.

    \b
    Example:
      waypost map target activation
      waypost map target activation verify_domain completion 0.8 --due 2026-Q4
      waypost map target activation verify_domain completion -
    """
    with opened_maps(data, slug) as maps:
        if step is None:
            found = list(maps.door.targets(maps.project, maps.rules, journey))
        else:
            if metric is None or value is None:
                raise click.UsageError("say the step, the metric and its target: `verify_domain completion 0.8`")
            said = (step, metric, value, persona, due)
            found = [_set_target(maps, journey, said, revision, author)]
    _echo_targets(found, form)


# looks


@command.command("confirm")
@click.argument("journey")
@click.argument("steps", nargs=-1)
@click.option("--note", metavar="TEXT", default="", help="What you found.")
@author_option
@place_options
def confirm(
    journey: str, steps: tuple[str, ...], *, note: str, author: str, data: str | None, slug: str, as_json: bool
) -> None:
    """Say that you looked at STEPS of a JOURNEY (all, if none is named), and that the map says what is true.

    They are not stale any more, until a release touches them again.

    \b
    Example:
      waypost map confirm activation verify_domain --note "still two records"
    """
    from api.cli import map_desk
    from dsl.values import format_instant

    with opened_maps(data, slug) as maps:
        by = map_desk.author(author)
        found = maps.door.look(maps.project, maps.rules, journey, steps, by=by, note=note)
    if as_json:
        from api.schemas.maps import LooksSchema

        echo_json(LooksSchema().dump({"data": found}))
        return
    for step, look in found.items():
        click.echo(f"{step}: looked at {format_instant(look.at)[:16]} by {look.by}")


# snapshots


@command.command("snapshot")
@click.argument("journey")
@click.option("--persona", metavar="NAME", default="", help="Of a persona. [everybody]")
@click.option("--period", metavar="TIME", help="A month or a quarter: 2026-11, 2026-Q4. [the last weeks]")
@click.option("--note", metavar="TEXT", default="", help="Why.")
@author_option
@place_options
def snapshot(
    journey: str,
    *,
    persona: str,
    period: str | None,
    note: str,
    author: str,
    data: str | None,
    slug: str,
    as_json: bool,
) -> None:
    """Keep the map of a JOURNEY as it is, for good. Words of users are not kept with it.

    The snapshot of each quarter is taken by itself, by `waypost serve` or `waypost worker`.

    \b
    Example:
      waypost map snapshot activation --note "before the relaunch"
      waypost map activation --compare snapshot:1
    """
    from api.cli import map_desk
    from api.schemas.map_documents import read_period, snapshot_document
    from engine.mapping.cartographer import MapAsked

    with opened_maps(data, slug) as maps:
        asked = MapAsked(journey, persona, read_period(period, None, maps.rules.now))
        made = maps.door.take(maps.project, maps.rules, asked, by=map_desk.author(author), note=note)
    if as_json:
        from api.schemas.maps import SnapshotSchema

        echo_json(SnapshotSchema().dump(snapshot_document(made)))
        return
    click.echo(f"snapshot {made.id}")


@command.command("snapshots")
@click.argument("journey")
@click.option("--before", type=click.IntRange(1), help="Only numbers below this one: the next page.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@file_options
@place_options
def snapshots(
    journey: str,
    *,
    before: int | None,
    limit: int,
    data: str | None,
    slug: str,
    form: Form,
) -> None:
    """List the snapshots of a JOURNEY, the latest first.

    \b
    Example:
      waypost map snapshots activation
    """
    from api.schemas.map_documents import snapshot_document
    from api.schemas.maps import SnapshotSchema
    from dsl.values import format_instant

    with opened_maps(data, slug) as maps:
        found = maps.door.snapshots(maps.project, maps.rules, journey, before=before, limit=limit)
    page = SnapshotSchema(many=True).dump(list(map(snapshot_document, found)))
    onward = found[-1].id if len(found) == limit else None
    if form.export_documents(page, SnapshotSchema().fields, lambda: {"data": page, "next": onward}):
        return
    for each in found:
        draft = each.draft
        what = draft.quarter or f"{format_instant(draft.period.begin)[:10]} to {format_instant(draft.period.end)[:10]}"
        note = f": {draft.note}" if draft.note else ""
        click.echo(
            f"{each.id:>4}  {what}, {draft.persona or 'everyone'}, {format_instant(each.taken)[:10]} by {each.by}{note}"
        )
    if not found:
        click.echo("no snapshots yet: one is taken each quarter, or with `waypost map snapshot`")


def _set_target(
    maps: Maps, journey: str, said: tuple[str, str, str, str, str | None], revision: int | None, name: str
) -> Target:
    from api.cli.map_desk import author
    from engine.mapping.targets import TargetDraft
    from engine.roadmap.metrics import Metric
    from engine.roadmap.timeboxes import read_timebox

    step, metric, value, persona, due = said
    try:
        wanted = None if value == "-" else float(value)
    except ValueError:
        raise click.BadParameter(f"`{value}` is no number; write 0.8 for 80 %, or `-` to take it back") from None
    draft = TargetDraft(
        step=step,
        metric=Metric(metric),
        target=wanted,
        persona=persona,
        due=None if due is None else read_timebox(due),
    )
    seen = maps.door.target_revision(maps.project, journey, draft) if revision is None else revision
    return maps.door.set_target(maps.project, maps.rules, journey, draft, revision=seen, by=author(name))


def _echo_targets(found: Sequence[Target], form: Form) -> None:
    from api.schemas.map_documents import target_document
    from api.schemas.maps import TargetSchema
    from engine.roadmap.metrics import METRICS
    from engine.roadmap.review import spelled

    told = TargetSchema(many=True).dump(list(map(target_document, found)))
    if form.export_documents(told, TargetSchema().fields, lambda: {"data": told}):
        return
    for each in found:
        draft = each.draft
        aim = "taken back" if draft.target is None else spelled(draft.target, METRICS[draft.metric].unit)
        due = f" by {draft.due}" if draft.due is not None else ""
        whom = f" ({draft.persona})" if draft.persona else ""
        click.echo(f"{draft.step} {draft.metric}{whom}: {aim}{due}, revision {each.revision}")
    if not found:
        click.echo("no targets yet: `waypost map target JOURNEY STEP completion 0.8`")


def _list_cells(found: Sequence[Cell]) -> None:
    for cell in found:
        draft = cell.draft
        place = draft.step or draft.stage or "whole journey"
        persona = f", {draft.persona}" if draft.persona else ""
        touchpoint = f", {draft.touchpoint}" if draft.touchpoint else ""
        mark = "assumed" if cell.is_hatched else ", ".join(draft.evidence)
        click.echo(
            f"{draft.row} of {place}{touchpoint}{persona}, revision {cell.revision} by {cell.changed_by}: {mark}"
        )
        click.echo(f"  {' '.join(draft.text.split())}")
    if not found:
        click.echo("nothing was typed yet: `waypost map type JOURNEY motivation TEXT --step STEP`")
