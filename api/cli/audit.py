"""`waypost audit`: who did what, and whether the record of it is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import orjson

from api.cli.analyzing import Form, file_options, place_options
from api.cli.options import data_option, json_option, opened, project_named, settings_from

if TYPE_CHECKING:
    from engine.audit import Entry


@click.group("audit")
def command() -> None:
    """Read and verify the log of administrative acts.

    \b
    Example:
      waypost audit list
      waypost audit verify
    """


@command.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at most.")
@click.option("--before", type=click.IntRange(1), help="Only entries with lower numbers.")
@file_options
@place_options
def list_entries(*, limit: int, before: int | None, data: str | None, slug: str, form: Form) -> None:
    """List administrative acts, the newest first. People, keys and users are named by number only.

    \b
    Example:
      waypost audit list --limit 20
    """
    from engine.audit import AUDIT_COLUMNS, audit_rows

    with opened(settings_from(data)) as service:
        entries = service.auditing.entries(project_named(service, slug).id, before=before, limit=limit)
    if form.export(audit_rows(entries), AUDIT_COLUMNS, lambda: list(map(_as_json, entries))):
        return
    if not entries:
        click.echo("no entries")
    for entry in entries:
        shown = _as_json(entry)
        detail = "" if entry.detail == "{}" else f"  {entry.detail}"
        click.echo(f"{entry.seq:>6}  {shown['time']}  {entry.actor:<14}  {entry.action:<16}  {entry.target}{detail}")


@command.command("verify")
@click.option("--head", metavar="SEQ:HASH", help="An entry noted earlier, which must still be there as it was.")
@data_option
@json_option
def verify(head: str | None, data: str | None, as_json: bool) -> None:
    """Work every hash out again: is each entry what it was, and is none missing? Exits with 1 if not.

    The log of each project ends in a hash. Noted elsewhere, it proves later that nothing before it was changed or cut
    off; without such a note, entries missing at the very end cannot be told.

    \b
    Example:
      waypost audit verify
      waypost audit verify --head 42:9f86d081884c7d65…
    """
    with opened(settings_from(data)) as service:
        names = {project.id: project.slug for project in service.projects()}
        found = {number: service.auditing.verify(number) for number in service.auditing.projects()}
        noted = _noted(head)
        is_kept = noted is None or any(
            (service.auditing.hash_at(number, noted[0]) or "").startswith(noted[1]) for number in found
        )
    if as_json:
        told = {
            names.get(number, str(number)): {
                "entries": verdict.entries,
                "head": verdict.head,
                "broken_at": verdict.broken_at,
                "why": verdict.why,
            }
            for number, verdict in found.items()
        }
        click.echo(orjson.dumps({"projects": told, "head_found": is_kept}))
    else:
        for number, verdict in found.items():
            name = names.get(number, f"project {number}")
            if verdict.broken_at is None:
                click.echo(f"{name}: {verdict.entries} entries fit; head {verdict.entries}:{verdict.head}")
            else:
                click.echo(f"{name}: broken at entry {verdict.broken_at}: {verdict.why}")
        if not is_kept:
            click.echo("the noted entry is not there as it was: the log was cut off or written anew")
    if not is_kept or any(verdict.broken_at is not None for verdict in found.values()):
        raise click.exceptions.Exit(1)


def _noted(head: str | None) -> tuple[int, str] | None:
    if head is None:
        return None
    seq, mark, found = head.partition(":")
    if not mark or not seq.isdigit() or len(found.rstrip("…")) < 12:
        raise click.UsageError("write the noted entry as its number, a colon and its hash, as `verify` prints it")
    return int(seq), found.rstrip("…")


def _as_json(entry: Entry) -> dict[str, Any]:
    from dsl.values import format_instant

    return {
        "seq": entry.seq,
        "time": format_instant(entry.time),
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "detail": orjson.loads(entry.detail),
        "hash": entry.hash,
    }
