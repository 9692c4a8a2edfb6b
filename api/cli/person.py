"""`waypost person`: what people may ask for: all that is kept of them, and to be forgotten."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from api.cli.analyzing import Form, file_options, place_options
from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from

if TYPE_CHECKING:
    from engine.privacy import Erased
    from engine.storage.copies import Copy

_COPY_COLUMNS = ("id", "kind", "path", "made", "removed")
"""Of the copies, one a row."""


@click.group("person")
def command() -> None:
    """Export what is kept of a person, erase a person, see which copies of the data there are.

    \b
    Example:
      waypost person export ada@example.com --out ada.json
      waypost person erase ada@example.com
    """


@command.command("export")
@click.argument("person_id", metavar="ID")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@data_option
@project_option
def export(person_id: str, out: Path | None, data: str | None, slug: str) -> None:
    """Write all that is kept of the person of a user id, or an anonymous id, as JSON.

    A file is noted as a copy that holds the person: erasing them will tell of it.

    \b
    Example:
      waypost person export ada@example.com --out ada.json
    """
    from api.schemas.privacy import PersonExportSchema

    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        found = service.privacy.export(project.id, person_id)
        if found is None:
            raise _unknown(person_id, slug)
        content = orjson.dumps(PersonExportSchema().dump(found), option=orjson.OPT_INDENT_2)
        if out is None:
            sys.stdout.buffer.write(content + b"\n")
            return
        out.write_bytes(content + b"\n")
        service.privacy.record_person_export(project.id, person_id, str(out.absolute()))
    click.echo(f"{out}: {len(found.events):,} events and all else that is kept of the person")


@command.command("erase")
@click.argument("person_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
@project_option
@json_option
def erase(person_id: str, yes: bool, data: str | None, slug: str, as_json: bool) -> None:
    """Forget the person of a user id, or an anonymous id, for good. There is no way back.

    Removes events, state, progress, answers, exposures and decisions, and rewrites the files that analyses read. What
    is sent of them again, or late, stays out. Lists the backups and exports that still hold them; removing those is
    up to you. Asked again, it finishes what was cut off. Exits with 1 while files still wait to be rewritten.

    \b
    Example:
      waypost person erase ada@example.com --yes
    """
    if not yes:
        click.confirm(f"forget `{person_id}` in project `{slug}` for good?", abort=True, err=True)
    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        found = service.privacy.erase(project.id, person_id)
    if found is None:
        raise _unknown(person_id, slug)
    if as_json:
        from api.schemas.privacy import ErasedSchema

        click.echo(orjson.dumps(ErasedSchema().dump(found)))
    else:
        _tell(found)
    if not found.is_finished:
        raise click.exceptions.Exit(1)


@command.command("copies")
@click.option("--removed", "copy_id", type=int, metavar="NUMBER", help="Note that this copy is gone.")
@file_options
@place_options
def copies(*, copy_id: int | None, data: str | None, slug: str, form: Form) -> None:
    """List the backups and exports that hold data of a project, the latest first.

    \b
    Example:
      waypost person copies
      waypost person copies --removed 3
    """
    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        known = service.privacy.copies(project.id)
        if copy_id is not None:
            if copy_id not in {copy.id for copy in known} or not service.privacy.remove_copy(copy_id):
                raise click.UsageError(f"project `{slug}` has no copy {copy_id} that is still there")
            known = service.privacy.copies(project.id)
    if form.export_documents(list(map(_as_json, known)), _COPY_COLUMNS):
        return
    if not known:
        click.echo("no backups and no exports are known")
    for copy in known:
        shown = _as_json(copy)
        click.echo(f"{copy.id:>4}  {shown['made']}  {shown['kind']:<13}  {copy.path}{_gone(shown)}")


def _tell(found: Erased) -> None:
    if found.rows:
        click.echo(f"erased: {', '.join(f'{number:,} {table}' for table, number in sorted(found.rows.items()))}")
    else:
        click.echo("was erased before")
    if found.files:
        click.echo(f"{found.files:,} files for analyses rewritten")
    if not found.is_finished:
        click.echo("files for analyses still hold the person; ask again when they can be written")
    if found.copies:
        click.echo("these copies still hold the person, and are yours to remove:")
    for copy in found.copies:
        shown = _as_json(copy)
        click.echo(f"  {copy.id:>4}  {shown['made']}  {shown['kind']}  {copy.path}")


def _gone(shown: dict[str, Any]) -> str:
    return "" if shown["removed"] is None else f"  removed {shown['removed']}"


def _as_json(copy: Copy) -> dict[str, Any]:
    from dsl.values import format_instant

    removed = None if copy.removed is None else format_instant(copy.removed)
    values = (copy.id, copy.kind.value, copy.path, format_instant(copy.made), removed)
    return dict(zip(_COPY_COLUMNS, values, strict=True))


def _unknown(person_id: str, slug: str) -> click.UsageError:
    return click.UsageError(f"no person with the id `{person_id[:200]}` has been seen in project `{slug}`")
