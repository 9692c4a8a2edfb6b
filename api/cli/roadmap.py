"""`waypost roadmap`: themes, items, the board, exports for issue trackers, the quarterly review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli import roadmap_writing
from api.cli.analyzing import Form, echo_json, file_options, place_options, population_options
from api.cli.options import data_option, json_option, project_option
from api.cli.roadmap_desk import desk, echo_audit, export_items, whose_of

if TYPE_CHECKING:
    from engine.roadmap.board import Board


@click.group("roadmap", invoke_without_command=True)
@population_options
@file_options
@place_options
@click.pass_context
def command(
    context: click.Context, /, *, everyone: bool, with_simulated: bool, data: str | None, slug: str, form: Form
) -> None:
    """Plan what is done about what was found; without a word behind it: show the roadmap.

    \b
    Example:
      waypost roadmap
      waypost roadmap add "Say what the record is for" --opportunity activation.verify_domain.self_serve --effort 2-4
      waypost roadmap set 1 --timebox 2026-12 --sprint 23
      waypost roadmap review --quarter 2026-Q4 --html review.html
    """
    if context.invoked_subcommand is not None:
        return
    from engine.roadmap.tables import ITEM_COLUMNS, item_rows

    with desk(data, slug) as at:
        found = at.planner.board(at.project, at.rules, whose_of(everyone, with_simulated))

    def document() -> Any:
        from api.schemas.roadmap import BoardSchema
        from api.schemas.roadmap_documents import board_document

        return BoardSchema().dump(board_document(found))

    if not form.export(item_rows(found.lines), ITEM_COLUMNS, document):
        draw(found)


@command.command("intake")
@file_options
@place_options
def intake(data: str | None, slug: str, form: Form) -> None:
    """List the requests, with what each lacks before it may be scheduled.

    \b
    Example:
      waypost roadmap intake
    """
    from engine.roadmap.items import MISSING_MEANS, ItemStatus

    with desk(data, slug) as at:
        lines = at.planner.board(at.project, at.rules).lines
    waiting = [line for line in lines if line.item.draft.status is ItemStatus.REQUESTED]
    if export_items(waiting, form):
        return
    for line in waiting:
        wish = f", asked for {line.item.draft.wish}" if line.item.draft.wish is not None else ""
        click.echo(f"{line.item.id:>4}  {line.item.draft.title} ({line.item.draft.kind}{wish})")
        for each in line.missing:
            click.echo(f"      lacks {MISSING_MEANS[each]}")
        if not line.missing:
            click.echo("      may be scheduled")
    if not waiting:
        click.echo("the intake is empty")


@command.command("audit")
@population_options
@file_options
@place_options
def audit(everyone: bool, with_simulated: bool, data: str | None, slug: str, form: Form) -> None:
    """Find items without step or evidence, and steps where users are lost and nothing is planned. Exit 1: there are.

    \b
    Example:
      waypost roadmap audit
    """
    with desk(data, slug) as at:
        found = at.planner.audit(at.project, at.rules, whose_of(everyone, with_simulated))
    echo_audit(found, form)
    if found.no_step or found.no_evidence or found.uncared:
        raise SystemExit(1)


@command.command("export")
@click.option(
    "--format", "written", type=click.Choice(["markdown", "csv", "json"]), default="markdown", show_default=True
)
@population_options
@file_options
@place_options
def export(written: str, everyone: bool, with_simulated: bool, data: str | None, slug: str, form: Form) -> None:
    """Write the items for an issue tracker: labels with the stage's letter, story, milestone, estimate.

    No cell is a formula: texts that a sheet would run get an apostrophe before them.

    \b
    Example:
      waypost roadmap export --csv > issues.csv
    """
    from engine.roadmap.sheets import ISSUE_COLUMNS, issue_rows, markdown_of

    with desk(data, slug) as at:
        found = at.planner.board(at.project, at.rules, whose_of(everyone, with_simulated))
    # `--format` is what there was before there were `--json` and `--csv` everywhere.
    asked = Form(form.as_json or written == "json", form.as_csv or written == "csv", form.parquet)
    rows = issue_rows(found.lines)
    if not asked.export(rows, ISSUE_COLUMNS, lambda: {"data": rows}):
        click.echo(markdown_of(found), nl=False)


@command.command("review")
@click.option("--quarter", metavar="YYYY-QN", help="Such as 2026-Q4. [the one that runs]")
@click.option("--html", "page", metavar="FILE", type=click.Path(dir_okay=False), help="Write a page to print.")
@population_options
@file_options
@place_options
def review(
    quarter: str | None,
    page: str | None,
    everyone: bool,
    with_simulated: bool,
    data: str | None,
    slug: str,
    form: Form,
) -> None:
    """Look back on a quarter: what moved, what did not, stale maps, what is new, what to drop. Prints Markdown.

    \b
    Example:
      waypost roadmap review --quarter 2026-Q3 > review.md
      waypost roadmap review --html review.html
    """
    from engine.roadmap.review_text import markdown_of
    from engine.roadmap.reviewing import Reviewer
    from engine.roadmap.tables import REVIEW_COLUMNS, review_rows
    from engine.roadmap.timeboxes import quarter_of, read_timebox

    whose = whose_of(everyone, with_simulated)
    with desk(data, slug, with_effects=True) as at:
        asked = quarter_of(at.rules.now) if quarter is None else read_timebox(quarter)
        if asked.months == 1:
            raise click.BadParameter(f"`{quarter}` is a month; write a quarter, such as 2026-Q4")
        found = Reviewer(at.planner, at.analyst).review(at.project, at.rules, asked, whose)
        board = at.planner.board(at.project, at.rules, whose) if page is not None else None
    if page is not None and board is not None:
        from api.roadmap_pages import review_page

        Path(page).write_text(review_page(found, board), encoding="utf-8")

    def document() -> Any:
        from api.schemas.roadmap import ReviewSchema
        from api.schemas.roadmap_documents import review_document

        return ReviewSchema().dump(review_document(found))

    if not form.export(review_rows(found), REVIEW_COLUMNS, document) and page is None:
        click.echo(markdown_of(found), nl=False)


@command.command("outcomes")
@population_options
@file_options
@place_options
def outcomes(everyone: bool, with_simulated: bool, data: str | None, slug: str, form: Form) -> None:
    """Show what became of what was launched: its metric before and after, and the lift where a guide tells it.

    \b
    Example:
      waypost roadmap outcomes --json
    """
    from engine.roadmap.review import verdict_in_words
    from engine.roadmap.tables import OUTCOME_COLUMNS, outcome_rows

    with desk(data, slug, with_effects=True) as at:
        items = at.planner.items(at.project)
        found = at.planner.outcomes(at.project, at.rules, items, whose_of(everyone, with_simulated))

    def document() -> Any:
        from api.schemas.roadmap import OutcomeSchema

        return {"data": OutcomeSchema(many=True).dump(found)}

    if form.export(outcome_rows(found), OUTCOME_COLUMNS, document):
        return
    for each in found:
        click.echo(each.title)
        if each.comparison is None:
            click.echo("  no step of a journey to compare")
        else:
            click.echo(f"  {each.comparison.metric} {verdict_in_words(each.comparison)} ({each.note})")
        if each.lift is not None:
            click.echo(f"  lift of {each.lift.guide}: {each.lift.said}")
    if not found:
        click.echo("nothing is launched yet")


@command.command("limits")
@click.option("--effort", type=click.FloatRange(0, 5_000, min_open=True), help="Person-days from which it is high.")
@click.option("--impact", type=click.FloatRange(0, min_open=True), help="Users a week from which it is high.")
@data_option
@project_option
@json_option
def limits(effort: float | None, impact: float | None, data: str | None, slug: str, as_json: bool) -> None:
    """Show, or say, from where on effort and impact are high: what divides the quadrants.

    \b
    Example:
      waypost roadmap limits --effort 5 --impact 25
    """
    from dataclasses import replace

    with desk(data, slug) as at:
        known, revision = at.planner.limits(at.project)
        if effort is not None or impact is not None:
            wanted = replace(
                known,
                effort_days=known.effort_days if effort is None else effort,
                users_per_week=known.users_per_week if impact is None else impact,
            )
            known, revision = at.planner.set_limits(at.project, wanted, revision=revision)
    if as_json:
        from api.schemas.roadmap_documents import limits_document

        echo_json(limits_document(known, revision))
        return
    click.echo(
        f"effort is high from {known.effort_days:g} person-days, impact from {known.users_per_week:g} users a week"
    )


def draw(board: Board) -> None:
    """Show a board on a terminal."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from engine.roadmap.sheets import range_in_words

    console = Console(highlight=False)
    if not board.lines:
        console.print("the roadmap is empty: `waypost opportunities` proposes, `waypost roadmap add` begins")
        return
    table = Table(box=None, pad_edge=False)
    heads = (("", "left"), ("stage", "left"), ("item", "left"), ("status", "left"))
    for head, justify in (*heads, ("quadrant", "left"), ("effort", "right"), ("impact", "right")):
        is_text = head in {"item", "quadrant"}
        table.add_column(head, justify=justify, no_wrap=not is_text, min_width=20 if head == "item" else None)  # type: ignore[arg-type]
    for line in board.lines:
        draft, place = line.item.draft, line.place
        proposed = f" → {place.timebox}" if place is not None and place.timebox and draft.timebox is None else ""
        table.add_row(
            str(line.item.id),
            "" if line.mark is None else f"[white on {line.mark.colour}] {line.mark.letter} [/]",
            escape(draft.title),
            " ".join(filter(None, (draft.status.value, str(draft.timebox or "")))),
            ("lacks " + ", ".join(line.missing) if line.missing else "unknown")
            if place is None
            else f"{place.quadrant}{' (close)' if place.is_close else ''}{proposed}",
            range_in_words(line.effort, "d"),
            range_in_words(line.impact, "/week"),
        )
    console.print(table)
    legend = " · ".join(f"[white on {mark.colour}] {mark.letter} [/] {escape(mark.label)}" for mark in board.marks)
    console.print(f"\n{legend}")


for writing in roadmap_writing.COMMANDS:
    command.add_command(writing)
