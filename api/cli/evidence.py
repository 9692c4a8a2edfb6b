"""`waypost import evidence` and `waypost evidence`: what people said outside of the product."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from api.cli.analyzing import Form, echo_json, file_options, place_options
from api.cli.choices import known
from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from
from api.cli.roadmap_desk import author_option

if TYPE_CHECKING:
    from engine.evidence_desk import Receipt
    from engine.evidence_sheet import SheetRow

SHOWN_PROBLEMS = 20
"""How many wrong rows are shown one by one; the sum counts all."""

ALL = 10_000_000
"""More than a file of evidence ever holds."""


@click.command("evidence")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--source",
    required=True,
    type=known("engine.evidence:OF_FILES"),
    help="Where it comes from.",
)
@click.option(
    "--map",
    "mappings",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="What a column is: id, time, text, quotes, language, feelings, score, task, success, seconds, tags, page, "
    "link, user, step or ignore.",
)
@click.option("--step", metavar="JOURNEY.STEP", help="The step of all rows that name none.")
@click.option("--zone", default="UTC", show_default=True, help="The time zone of times that bring none.")
@click.option("--dry-run", is_flag=True, help="Keep nothing: only say what would come of it.")
@author_option
@data_option
@project_option
@json_option
def import_command(
    file: Path,
    *,
    source: str,
    mappings: tuple[str, ...],
    step: str | None,
    zone: str,
    dry_run: bool,
    author: str,
    data: str | None,
    slug: str,
    as_json: bool,
) -> None:
    """Take in support tickets, interviews, usability tests, advisory-board notes, app reviews or an NPS export.

    A CSV whose first line names the columns; the names of usual exports are known (`comment`, `rating`, `created at`),
    others are named with --map. A row that cannot be used is listed with its line and skipped. Rows without a step are
    tagged by the project's rules (`waypost evidence rules`). Importing the same file again changes nothing.

    \b
    Example:
      waypost import evidence tickets.csv --source support_ticket --map Subject=text
      waypost import evidence tests.csv --source usability_test --step activation.verify_domain
    """
    from engine.evidence import Source, read_place
    from engine.evidence_desk import EvidenceDesk
    from engine.evidence_sheet import read_columns, read_evidence

    try:
        named_zone = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise click.UsageError(f"there is no time zone `{zone}`; write one like `Europe/Berlin`") from None
    columns, place = read_columns(mappings), None if step is None else read_place(step)
    with opened(settings_from(data)) as service, file.open(encoding="utf-8", newline="") as lines:
        project = project_named(service, slug)
        try:
            rows = list(read_evidence(lines, Source(source), columns=columns, zone=named_zone, place=place))
        except UnicodeDecodeError as error:
            raise click.UsageError(f"{file} cannot be read: {error}") from None
        drafts = [row.draft if row.draft is not None else ("bad_evidence", row.problem or "") for row in rows]
        desk = EvidenceDesk(service.database)
        receipts = desk.take_in(project.id, service.rules_now(project.id), drafts, by=author, keeps=not dry_run)
    _report(rows, receipts, as_json=as_json, dry_run=dry_run)


@click.group("evidence")
def command() -> None:
    """Show what people said outside of the product, and say which step it belongs to, by hand or by rules.

    \b
    Example:
      waypost evidence list --untagged
      waypost evidence tag 12 activation.verify_domain
      waypost evidence rules rules.json
    """


@command.command("list")
@click.option("--source", type=known("engine.evidence:SOURCES"), help="Only from there.")
@click.option("--step", metavar="JOURNEY.STEP", help="Only of this step.")
@click.option("--untagged", is_flag=True, help="Only what has no step yet.")
@click.option("--after", type=int, default=0, help="Only numbers above this one: the next page.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="CSV and Parquet have all.")
@file_options
@place_options
def list_command(
    *,
    source: str | None,
    step: str | None,
    untagged: bool,
    after: int,
    limit: int,
    data: str | None,
    slug: str,
    form: Form,
) -> None:
    """List evidence in the order in which it was taken in.

    \b
    Example:
      waypost evidence list --source support_ticket --untagged
      waypost evidence list --csv > evidence.csv
    """
    from engine.evidence import Source, read_place
    from engine.evidence_desk import EvidenceDesk
    from engine.evidence_rows import EVIDENCE_COLUMNS, evidence_rows
    from engine.storage.evidence import Asked

    journey, name = (None, None) if step is None else read_place(step)
    wanted = None if source is None else Source(source)
    asked = Asked(wanted, journey, name, False if untagged else None, after, ALL if form.is_file else limit)
    with opened(settings_from(data)) as service:
        found = EvidenceDesk(service.database).listed(project_named(service, slug).id, asked)

    def document() -> Any:
        from api.schemas.evidence import EvidencePageSchema, evidence_document

        page = {"data": list(map(evidence_document, found)), "next": found[-1].id if len(found) == limit else None}
        return EvidencePageSchema().dump(page)

    if form.export(evidence_rows(found), EVIDENCE_COLUMNS, document):
        return
    for each in found:
        said = " / ".join(each.said) or (each.draft.task or "")
        words = " ".join(said.split())
        short = words if len(words) <= 100 else f"{words[:99]}…"
        place = "no step" if each.draft.place is None else ".".join(each.draft.place)
        tagged = "" if each.tagged_by is None else f" (by {each.tagged_by})"
        felt = "" if each.emotion is None else f", {each.emotion.valence:+.2f}"
        click.echo(f"{each.id}  {each.draft.source}, {place}{tagged}{felt}: {short}")
    if not found:
        click.echo("no evidence")


@command.command("tag")
@click.argument("number", type=int)
@click.argument("step", metavar="JOURNEY.STEP")
@author_option
@data_option
@project_option
@json_option
def tag_command(number: int, step: str, *, author: str, data: str | None, slug: str, as_json: bool) -> None:
    """Say by hand which step evidence NUMBER belongs to; `-` for none. No rule changes that afterwards.

    \b
    Example:
      waypost evidence tag 12 activation.verify_domain
      waypost evidence tag 13 -
    """
    from engine.evidence import read_place
    from engine.evidence_desk import EvidenceDesk

    said = {"place": None if step == "-" else read_place(step)}
    with opened(settings_from(data)) as service:
        project, desk = project_named(service, slug), EvidenceDesk(service.database)
        revision = desk.one(project.id, number).revision
        found = desk.change(project.id, service.rules_now(project.id), number, said, revision=revision, by=author)
    if as_json:
        from api.schemas.evidence import EvidenceSchema, evidence_document

        echo_json(EvidenceSchema().dump(evidence_document(found)))
        return
    belongs = "belongs to no step" if found.draft.place is None else f"belongs to {'.'.join(found.draft.place)}"
    click.echo(f"evidence {number} {belongs}, tagged by hand")


@command.command("delete")
@click.argument("number", type=int)
@data_option
@project_option
def delete_command(number: int, *, data: str | None, slug: str) -> None:
    """Delete evidence NUMBER. Imported again, it is taken in again.

    \b
    Example:
      waypost evidence delete 12
    """
    from engine.evidence_desk import EvidenceDesk

    with opened(settings_from(data)) as service:
        EvidenceDesk(service.database).delete(project_named(service, slug).id, number)
    click.echo(f"evidence {number} is deleted")


@command.command("rules")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@author_option
@file_options
@place_options
def rules_command(
    file: Path | None,
    *,
    author: str,
    data: str | None,
    slug: str,
    form: Form,
) -> None:
    """Print the rules that tag evidence with a step, ready to be changed; with a FILE, put its rules in their place.

    A list of rules, of which the first that applies decides. Each names a step and at least one of `source`, `words`
    (one of them occurs), `tag` and `page` (a pattern): all that it says must hold. What nobody tagged by hand is tagged
    again at once. With --json the revision is told too.

    \b
    Example:
      echo '[{"step": "activation.verify_domain", "words": ["dns", "txt record"]}]' > tagging.json
      waypost evidence rules tagging.json
    """
    from marshmallow import ValidationError
    from orjson import OPT_INDENT_2, JSONDecodeError, dumps, loads

    from api.schemas.evidence import (
        TagRuleSchema,
        TagRulesKeptSchema,
        TagRulesSchema,
        read_tag_rules,
        rules_document,
    )
    from engine.evidence_desk import EvidenceDesk

    def exported(shown: dict[str, Any]) -> bool:
        return form.export_documents(shown["rules"], TagRuleSchema().fields, lambda: shown)

    with opened(settings_from(data)) as service:
        project, desk = project_named(service, slug), EvidenceDesk(service.database)
        kept = desk.rules(project.id)
        if file is None:
            shown = TagRulesKeptSchema().dump(rules_document(kept))
            if exported(shown):
                return
            click.echo(dumps(shown["rules"], option=OPT_INDENT_2).decode())
            return
        try:
            said = TagRulesSchema().load({"rules": loads(file.read_bytes()), "revision": kept.revision})
        except JSONDecodeError as error:
            raise click.UsageError(f"{file} is no JSON: {error}") from None
        except ValidationError as error:
            raise click.UsageError(f"{file} is no list of rules: {_first_fault(error)}") from None
        now = service.rules_now(project.id)
        found = desk.set_rules(project.id, now, read_tag_rules(said), revision=kept.revision, by=author)
    if exported(TagRulesKeptSchema().dump(rules_document(found))):
        return
    click.echo(f"{len(found.rules)} rules kept, {found.retagged} pieces of evidence have another step now")


def _first_fault(error: Exception) -> str:
    from api.parsing import field_errors

    first = next(field_errors(getattr(error, "messages", {})))
    return f"{first.path}: {first.message}" if first.path else first.message


def _report(rows: list[SheetRow], receipts: list[Receipt], *, as_json: bool, dry_run: bool) -> None:
    from engine.evidence_desk import Fate

    problems = [(row.line, told.problem) for row, told in zip(rows, receipts, strict=True) if told.fate is Fate.REFUSED]
    counts = {fate: sum(each.fate is fate for each in receipts) for fate in Fate}
    untagged = sum(each.fate is Fate.KEPT and each.place is None for each in receipts)
    strangers = sum(each.has_unknown_user for each in receipts)
    if as_json:
        from orjson import dumps

        answer = {
            "rows": len(rows),
            "kept": counts[Fate.KEPT],
            "known": counts[Fate.KNOWN],
            "skipped": counts[Fate.REFUSED],
            "untagged": untagged,
            "unknown_users": strangers,
            "dry_run": dry_run,
            "problems": [{"line": line, "problem": problem} for line, problem in problems],
        }
        click.echo(dumps(answer).decode())
        return
    for line, problem in problems[:SHOWN_PROBLEMS]:
        click.echo(f"line {line}: {problem}", err=True)
    if len(problems) > SHOWN_PROBLEMS:
        click.echo(f"… and {len(problems) - SHOWN_PROBLEMS} more (all of them with --json)", err=True)
    would = "would be " if dry_run else ""
    known = f", {counts[Fate.KNOWN]} known before" if counts[Fate.KNOWN] else ""
    click.echo(f"{counts[Fate.KEPT]} rows {would}kept{known}, {counts[Fate.REFUSED]} skipped, {len(rows)} in all")
    if untagged:
        click.echo(f"{untagged} of them have no step: `waypost evidence list --untagged`, `… tag`, `… rules`")
    if strangers:
        click.echo(f"{strangers} of them name users who are not known here, and are kept without them")
