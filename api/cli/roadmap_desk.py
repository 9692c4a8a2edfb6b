"""What the commands of the roadmap share: how they reach it, whom they count, how they print."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from api.analysts import analyst_of
from api.cli.analyzing import Form
from api.cli.options import opened, project_named, settings_from

if TYPE_CHECKING:
    from engine.analyst import Analyst
    from engine.membership import RulesNow
    from engine.roadmap.board import Line
    from engine.roadmap.planner import Planner
    from engine.roadmap.readings import Whose
    from engine.roadmap.sheets import Audit
    from engine.service import Service

Command = TypeVar("Command", bound=Callable[..., Any])
SHOWN_PROBLEMS = 20
"""How many wrong rows are shown one by one; the sum counts all."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command of the roadmap works with."""

    service: Service
    project: int
    rules: RulesNow
    planner: Planner
    analyst: Analyst | None = None


@contextmanager
def desk(data: str | None, slug: str, *, with_effects: bool = False) -> Iterator[Desk]:
    """The roadmap of a project. with_effects: with what reads the log, for lifts and for what is new."""
    from engine.roadmap.planner import Planner

    settings = settings_from(data)
    with opened(settings) as service:
        project = project_named(service, slug)
        rules = service.rules_now(project.id)
        if not with_effects:
            yield Desk(service, project.id, rules, Planner(service.database))
            return
        from engine.roadmap.guide_effects import GuideEffects
        from engine.roadmap.readings import Readings

        analyst = analyst_of(service.database, settings)
        planner = Planner(service.database, Readings(service.database, effects=GuideEffects(analyst)))
        yield Desk(service, project.id, rules, planner, analyst)


def author_option(command: Command) -> Command:
    """`--name`."""
    return click.option("--name", "author", default="command line", show_default=True, help="Who says so.")(command)


def whose_of(everyone: bool, with_simulated: bool) -> Whose:
    """Who counts."""
    from engine.roadmap.readings import Whose

    return Whose(everyone=everyone, with_simulated=with_simulated)


def export_items(lines: Sequence[Line], form: Form) -> bool:
    """Write items for machines. False: nobody asked for that."""
    from engine.roadmap.tables import ITEM_COLUMNS, item_rows

    def document() -> Any:
        from api.schemas.roadmap import ItemSchema
        from api.schemas.roadmap_documents import item_document

        return {"data": ItemSchema(many=True).dump(list(map(item_document, lines)))}

    return form.export(item_rows(lines), ITEM_COLUMNS, document)


def echo_audit(found: Audit, form: Form) -> None:
    """Print an audit: for machines, or what there is to do for people."""
    from engine.roadmap.tables import AUDIT_COLUMNS, audit_rows

    def document() -> Any:
        from api.schemas.roadmap import AuditSchema

        return AuditSchema().dump(found)

    if form.export(audit_rows(found), AUDIT_COLUMNS, document):
        return
    if found.rows:
        click.echo(
            f"{found.kept} taken in, {found.known} known before, {len(found.problems)} skipped, {found.rows} rows"
        )
    for each in found.problems[:SHOWN_PROBLEMS]:
        click.echo(f"line {each.line}: {each.problem}", err=True)
    if len(found.problems) > SHOWN_PROBLEMS:
        click.echo(f"… and {len(found.problems) - SHOWN_PROBLEMS} more (all of them with --json)", err=True)
    parts = (
        ("without a step", found.no_step),
        ("without evidence", found.no_evidence),
        ("in the intake until they have both", found.waiting),
        (
            "steps where users are lost and nothing is planned",
            [
                f"{one.journey}.{one.step}: {one.lost_per_week:,.1f} a week ({one.persona_label})"
                for one in found.uncared
            ],
        ),
    )
    for title, lines in parts:
        if lines:
            click.echo(f"{title}: {len(lines)}")
            for line in lines:
                click.echo(f"  {line}")
    if not any(lines for _, lines in parts):
        click.echo("every item has a step and evidence, and every step that loses users an item")
