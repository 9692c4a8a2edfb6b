"""The commands that change the roadmap: items, themes, an admin's override; and the starters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from api.cli.analyzing import Form, file_options, place_options
from api.cli.choices import known
from api.cli.options import data_option, json_option, project_option
from api.cli.roadmap_desk import author_option, desk, export_items

if TYPE_CHECKING:
    from engine.roadmap.items import ItemDraft

Command = TypeVar("Command", bound=Callable[..., Any])

_KINDS = known("engine.roadmap.items:ItemKind")
_STATUSES = known("engine.roadmap.items:ItemStatus")
_METRICS = known("engine.roadmap.metrics:Metric")
_NOTHING = "-"
"""What takes a value away."""


def _item_options(command: Command) -> Command:
    options = (
        click.option("--kind", type=_KINDS, help="What sort of work it is. [feature]"),
        click.option("--story", help="As whom one wants what, and why."),
        click.option("--opportunity", metavar="ID", help="The opportunity: gives it step and evidence."),
        click.option("--step", metavar="JOURNEY.STEP", help="The step that it is for."),
        click.option("--metric", type=_METRICS, help="What it is to move."),
        click.option("--evidence", metavar="TEXT", multiple=True, help="A link or a quotation; may be given again."),
        click.option("--effort", metavar="DAYS", help="Person-days, such as 2-4; the estimate of --name."),
        click.option("--impact", metavar="USERS", help="Users a week, such as 10-20. [that of the opportunity]"),
        click.option("--theme", type=click.IntRange(1), help="The theme, by its number."),
        click.option("--timebox", metavar="TIME", help="A month or a quarter: 2026-12, 2026-Q4. Schedules it."),
        click.option("--sprint", metavar="NAME", help="As the team calls it. Schedules it."),
        click.option("--owner", metavar="NAME", help="Who cares for it."),
        click.option("--guide", metavar="NAME", help="The guide that carries it."),
        click.option("--external", metavar="ID", help="Its number in an issue tracker."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("add")
@click.argument("title")
@_item_options
@author_option
@data_option
@project_option
@json_option
def add(*, title: str, author: str, data: str | None, slug: str, as_json: bool, **options: Any) -> None:
    """Add an item. Without a timebox it goes to the intake; to be scheduled it needs a step and evidence.

    \b
    Example:
      waypost roadmap add "Say what the record is for" --opportunity activation.verify_domain.self_serve --effort 2-4
      waypost roadmap add "Dark mode"
    """
    from api.schemas.roadmap_documents import edited_item
    from engine.roadmap.items import ItemDraft

    said = _said(options)
    with desk(data, slug) as at:
        draft = edited_item(ItemDraft(title=title), said, author=author)
        made = at.planner.add_item(at.project, at.rules, draft, by=author)
        _show(at, made.id, as_json=as_json, told=f"item {made.id} is {made.draft.status}")


@click.command("set")
@click.argument("number", type=click.IntRange(1))
@click.option("--title", help="Another title.")
@click.option("--status", type=_STATUSES, help="How far it is.")
@click.option("--revision", type=click.IntRange(1), help="Only if it still is at this revision.")
@_item_options
@author_option
@data_option
@project_option
@json_option
def change(
    *, number: int, revision: int | None, author: str, data: str | None, slug: str, as_json: bool, **options: Any
) -> None:
    """Change item NUMBER; a value of - takes one away, such as --timebox -.

    \b
    Example:
      waypost roadmap set 1 --timebox 2026-12 --owner Ada
      waypost roadmap set 1 --status launched
    """
    from api.schemas.roadmap_documents import edited_item

    said = _said(options)
    if not said:
        raise click.UsageError("say what changes, such as --timebox 2026-12")
    with desk(data, slug) as at:
        seen = at.planner.item(at.project, number).revision if revision is None else revision
        made = at.planner.change_item(
            at.project,
            at.rules,
            (number, seen),
            lambda draft: edited_item(draft, _beside(draft, said, author=author), author=author),
            by=author,
        )
        told = f"item {number} is {made.draft.status}, revision {made.revision}"
        _show(at, number, as_json=as_json, told=told)


@click.command("override")
@click.argument("number", type=click.IntRange(1))
@click.option("--why", required=True, help="The reason; it is written into the audit log.")
@click.option("--timebox", metavar="TIME", help="A month or a quarter.")
@click.option("--sprint", metavar="NAME", help="As the team calls it.")
@author_option
@data_option
@project_option
@json_option
def override(
    *,
    number: int,
    why: str,
    timebox: str | None,
    sprint: str | None,
    author: str,
    data: str | None,
    slug: str,
    as_json: bool,
) -> None:
    """Schedule item NUMBER although it lacks a step or evidence. Over HTTP only admins may.

    \b
    Example:
      waypost roadmap override 7 --timebox 2026-Q4 --why "promised in the contract with Acme"
    """
    from api.schemas.roadmap_documents import edited_item

    said = {name: value for name, value in (("timebox", timebox), ("sprint", sprint)) if value is not None}
    with desk(data, slug) as at:
        made = at.planner.change_item(
            at.project,
            at.rules,
            (number, at.planner.item(at.project, number).revision),
            lambda draft: edited_item(draft, said, author=author),
            by=author,
            why=why,
        )
        _show(at, number, as_json=as_json, told=f"item {number} is {made.draft.status}, by override")


@click.command("themes")
@click.option("--add", "title", metavar="TITLE", help="A new one: the problem, not the feature.")
@click.option("--at", "place", metavar="JOURNEY[.STEP]", help="With --add: where people have it.")
@click.option("--stage", metavar="STAGE", help="With --add: a whole stage of the journey.")
@click.option("--metric", type=_METRICS, help="With --add: what says that it is solved.")
@click.option("--target", type=float, help="With --add: in the metric's own unit, such as 0.7.")
@click.option("--due", metavar="TIME", help="With --add: a month or a quarter.")
@click.option("--owner", metavar="NAME", help="With --add: who cares for it.")
@author_option
@file_options
@place_options
def themes(
    *,
    title: str | None,
    place: str | None,
    author: str,
    data: str | None,
    slug: str,
    form: Form,
    **options: Any,
) -> None:
    """List the themes, or add one with its outcome metric and target.

    \b
    Example:
      waypost roadmap themes
      waypost roadmap themes --add "New users do not know what to enter" --at activation.verify_domain \\
        --metric completion --target 0.7 --due 2026-Q4
    """
    from api.schemas.roadmap import ThemeSchema
    from api.schemas.roadmap_documents import theme_document
    from engine.roadmap.tables import THEME_COLUMNS, theme_rows

    with desk(data, slug) as at:
        if title is not None:
            made = at.planner.add_theme(at.project, at.rules, _theme(title, place, options), by=author)
            if made.hint is not None:
                click.echo(f"hint: {made.hint}", err=True)
        found = at.planner.themes(at.project)

    def document() -> Any:
        return {"data": ThemeSchema(many=True).dump(list(map(theme_document, found)))}

    if form.export(theme_rows(found), THEME_COLUMNS, document):
        return
    for theme in found:
        draft = theme.draft
        where = ".".join(part for part in (draft.journey, draft.stage, draft.step) if part)
        due = f" by {draft.due}" if draft.due is not None else ""
        click.echo(f"{theme.id:>4}  {draft.title} ({draft.status})")
        click.echo(f"      {draft.metric} of {where}: {draft.target:g}{due}")
    if not found:
        click.echo("there are no themes yet; `waypost roadmap starters` suggests some")


@click.command("starters")
@file_options
@place_options
def starters(data: str | None, slug: str, form: Form) -> None:
    """Suggest themes for each stage of the journeys in force.

    \b
    Example:
      waypost roadmap starters
    """
    from engine.roadmap.tables import STARTER_COLUMNS, starter_rows
    from engine.roadmap.themes import starters_for
    from engine.stages import stage_marks

    with desk(data, slug) as at:
        rules = at.rules.project
    marks = stage_marks(rules)
    found = [
        (name, marks[stage.name.text], starters_for(stage))
        for name, journey in rules.journeys.items()
        for stage in journey.stages
    ]

    def document() -> Any:
        from api.schemas.roadmap import StartersSchema

        listed = [{"journey": name, "mark": mark, "themes": themes} for name, mark, themes in found]
        return StartersSchema().dump({"data": listed})

    if form.export(starter_rows(found), STARTER_COLUMNS, document):
        return
    for name, mark, suggested in found:
        click.echo(f"{mark.letter}  {mark.label} ({name})")
        for each in suggested:
            click.echo(f"   - {each.title} [{each.metric}]")
            click.echo(f"     look for: {each.symptom}")


COMMANDS = (add, change, override, themes, starters)
"""The commands of this module."""


def _said(options: dict[str, Any]) -> dict[str, Any]:
    """What was said, as a request would say it."""
    from engine.roadmap.items import ItemKind, ItemStatus
    from engine.roadmap.metrics import Metric

    given = {name: value for name, value in options.items() if value not in {None, ()}}
    said: dict[str, Any] = {name: None if value == _NOTHING else value for name, value in given.items()}
    for name, kind in (("kind", ItemKind), ("status", ItemStatus), ("metric", Metric)):
        if said.get(name) is not None:
            said[name] = kind(said[name])
    if "story" in said:
        said["story"] = said["story"] or ""
    if "step" in said:
        said["journey"], said["step"] = (None, None) if said["step"] is None else _place(said["step"])
    if "effort" in said:
        days = said.pop("effort")
        said["efforts"] = [] if days is None else [dict(zip(("low", "high"), _ends(days), strict=True), by="")]
    if said.get("impact") is not None:
        low, high = _ends(said["impact"])
        said["impact"] = {"low": low, "high": high}
    return said


def _beside(draft: ItemDraft, said: dict[str, Any], *, author: str) -> dict[str, Any]:
    """What was said, with what stays beside it: the estimates of others, and the evidence that is there."""
    found = dict(said)
    if "efforts" in said:
        others = [{"by": each.by, "low": each.low, "high": each.high} for each in draft.efforts if each.by != author]
        found["efforts"] = [*others, *said["efforts"]]
    if "evidence" in said:
        found["evidence"] = [] if said["evidence"] == (_NOTHING,) else [*draft.evidence, *said["evidence"]]
    return found


def _place(text: str) -> tuple[str, str]:
    journey, dot, step = text.partition(".")
    if not dot or not journey or not step:
        raise click.BadParameter(f"`{text}` is no step: write it as JOURNEY.STEP, such as activation.verify_domain")
    return journey, step


def _ends(text: str) -> tuple[float, float]:
    low, _, high = text.partition("-")
    try:
        return float(low), float(high or low)
    except ValueError:
        raise click.BadParameter(f"`{text}` is no figure: write a number, or two such as 2-4") from None


def _theme(title: str, place: str | None, options: dict[str, Any]) -> Any:
    from engine.roadmap.metrics import Metric
    from engine.roadmap.themes import ThemeDraft
    from engine.roadmap.timeboxes import read_timebox

    if place is None or options["metric"] is None or options["target"] is None:
        raise click.UsageError("a theme needs --at, --metric and --target")
    journey, _, step = place.partition(".")
    return ThemeDraft(
        title=title,
        journey=journey,
        stage=options["stage"],
        step=step or None,
        metric=Metric(options["metric"]),
        target=options["target"],
        due=None if options["due"] is None else read_timebox(options["due"]),
        owner=options["owner"],
    )


def _show(at: Any, number: int, *, as_json: bool, told: str) -> None:
    lines = [line for line in at.planner.board(at.project, at.rules).lines if line.item.id == number]
    if as_json:
        export_items(lines, Form(as_json=True))
        return
    click.echo(told)
    for line in lines:
        if line.missing:
            lacks = ", ".join(line.missing)
            is_allowed = line.item.override is not None
            click.echo(f"it still lacks: {lacks}" if is_allowed else f"before it can be scheduled it needs: {lacks}")
        elif line.place is not None:
            proposed = f"; proposed: {line.place.timebox}" if line.place.timebox is not None else ""
            click.echo(f"{line.place.quadrant}{' (close)' if line.place.is_close else ''}{proposed}")
