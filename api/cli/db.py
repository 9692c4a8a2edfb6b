"""`waypost db`: the schema of the database, and whether what is stored agrees with itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
import orjson

from api.cli.options import data_option, json_option, settings_from

if TYPE_CHECKING:
    from api.config import Settings
    from engine.storage.store import Database


@click.group("db")
def command() -> None:
    """Bring the database up to date, and check it.

    \b
    Example:
      waypost db upgrade
    """


@command.command("upgrade")
@data_option
def upgrade(data: str | None) -> None:
    """Bring the schema to this release. `waypost serve` does so by itself at its start.

    \b
    Example:
      waypost db upgrade --data data
    """
    database = _database(settings_from(data))
    try:
        before = database.revision()
        database.migrate()
        after = database.revision()
    finally:
        database.close()
    click.echo(f"the schema is at {after}" + ("" if before == after else f" (it was at {before or 'nothing'})"))


@command.command("downgrade")
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@data_option
def downgrade(revision: str, yes: bool, data: str | None) -> None:
    """Take the schema back, to start an earlier release again. What only later releases keep is dropped.

    Stop every server first. The refusal of the earlier release names the revision that it found; `waypost db upgrade`
    of that release names its own.

    \b
    Example:
      waypost db downgrade 0007
    """
    database = _database(settings_from(data))
    if not yes:
        click.confirm(f"Drop everything that came after the schema `{revision}`?", abort=True, err=True)
    try:
        before = database.revision()
        database.downgrade(revision)
    finally:
        database.close()
    click.echo(f"the schema is at {revision} (it was at {before or 'nothing'})")


@command.command("verify")
@data_option
@json_option
def verify(data: str | None, as_json: bool) -> None:
    """Fold the whole log once more and compare it with what is stored of every person and every account.

    Exits with 1 if anything differs.

    Only reads, and may run beside a server.

    \b
    Example:
      waypost db verify --data data
    """
    from engine.verification import verify as compare

    database = _database(settings_from(data))
    try:
        if database.revision() is None:
            raise click.UsageError("there is no database yet; `waypost db upgrade` makes one")
        found = compare(database, progress=_progress(quiet=as_json))
    finally:
        database.close()
    if as_json:
        click.echo(orjson.dumps(asdict(found)))
    else:
        for fault in found.faults:
            click.echo(f"fault: {fault}")
        waiting = f", {found.waiting:,} people wait to be folded again" if found.waiting else ""
        faults = "1 fault" if len(found.faults) == 1 else f"{len(found.faults):,} faults"
        compared = f"{found.people:,} people, {found.accounts:,} accounts and {found.events:,} events compared"
        click.echo(f"{compared}, {faults}{waiting}")
    if found.faults:
        raise click.exceptions.Exit(1)


def _progress(*, quiet: bool) -> Callable[[int], None] | None:
    if quiet or not sys.stderr.isatty():
        return None
    return lambda people: click.echo(f"\r{people:,} people", nl=False, err=True)


def _database(settings: Settings) -> Database:
    from engine.storage.store import Database, make_private

    if settings.database_url is None:
        make_private(settings.data_dir)
    return Database(settings.url)
