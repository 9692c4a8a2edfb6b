"""What the commands that ask the lake share: how they reach it, whom they count, in what form they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from api.analysts import analyst_of
from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from

if TYPE_CHECKING:
    from dsl.values import Instant
    from engine.analyst import Analyst, UsersBehind
    from engine.membership import RulesNow

Command = TypeVar("Command", bound=Callable[..., Any])


def population_options(command: Command) -> Command:
    """`--everyone` and `--simulated`: the one switch for who counts."""
    everyone = click.option("--everyone", is_flag=True, help="Count internal users, bots and simulated people too.")
    simulated = click.option(
        "--simulated", "with_simulated", is_flag=True, help="Count simulated people too, but no others."
    )
    return everyone(simulated(command))


def file_options(command: Command) -> Command:
    """`--csv` and `--parquet FILE`; with `--json`, which `place_options` brings, they are told as `form`."""

    @wraps(command)
    def formed(*args: Any, as_csv: bool, parquet: str | None, as_json: bool = False, **options: Any) -> Any:
        return command(*args, form=Form(as_json, as_csv, parquet), **options)

    as_csv = click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
    parquet = click.option("--parquet", metavar="FILE", type=click.Path(dir_okay=False), help="Write a Parquet file.")
    return cast("Command", as_csv(parquet(formed)))


def place_options(command: Command) -> Command:
    """`--data`, `--project`, `--env` and `--json`."""
    return data_option(project_option(json_option(command)))


@dataclass(frozen=True, slots=True)
class Lake:
    """What a command asks: the analyst, the project's number, its rules in force."""

    analyst: Analyst
    project: int
    rules: RulesNow

    def copy_log(self) -> None:
        """Copy what the log has more than the lake, with progress for people."""
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn

        columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,.0f} events"))
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("reading the log:")
            self.analyst.sync(self.project, progress=lambda rows: bar.advance(task, rows))


@contextmanager
def opened_lake(data: str | None, slug: str) -> Iterator[Lake]:
    """The lake of a project, on the database of the settings."""
    settings = settings_from(data)
    with opened(settings) as service:
        project = project_named(service, slug)
        analyst = analyst_of(service.database, settings)
        yield Lake(analyst, project.id, service.rules_now(project.id))


PAGE: Final = 100
"""Users on the screen and in a document, where nobody says how many."""


@dataclass(frozen=True, slots=True)
class Form:
    """In what form an answer is wanted; for people if in none of these."""

    as_json: bool = False
    as_csv: bool = False
    parquet: str | None = None

    @property
    def is_for_machines(self) -> bool:
        """True where nobody reads along."""
        return self.as_json or self.is_file

    @property
    def is_file(self) -> bool:
        """True where all of it goes into a file instead of a page."""
        return self.as_csv or self.parquet is not None

    def most_users(self, limit: int | None) -> int:
        """How many users an answer is to have: as many as were asked for, else a page, or all of them in a file."""
        from api.tables import ALL

        return limit or (ALL if self.is_file else PAGE)

    def export(self, rows: Sequence[dict[str, Any]], columns: Iterable[str], document: Callable[[], Any]) -> bool:
        """Write the answer for machines, as a table of rows or a document. False: nobody asked for that."""
        from api import tables

        if self.parquet is not None:
            Path(self.parquet).write_bytes(tables.as_parquet(list(rows), list(columns)))
        if self.as_json:
            echo_json(document())
        elif self.as_csv:
            click.echo(tables.as_csv(list(rows), list(columns)), nl=False)
        return self.is_for_machines

    def export_documents(
        self,
        documents: Sequence[Mapping[str, Any]],
        columns: Iterable[str],
        document: Callable[[], Any] | None = None,
    ) -> bool:
        """The same of documents that are the rows; `document` where the whole of them is another than their list."""
        from api.tables import document_rows

        named = list(columns)
        return self.export(document_rows(documents, named), named, document or (lambda: list(documents)))


def echo_json(document: Any) -> None:
    """Print a document for machines."""
    from orjson import dumps

    click.echo(dumps(document).decode())


def echo_users(page: UsersBehind, form: Form) -> None:
    """Print a page of users, and how to go on."""
    from engine.analytics.tables import USER_COLUMNS, user_rows

    if form.export(user_rows(page.users), USER_COLUMNS, lambda: {"data": list(page.users), "next": page.next}):
        return
    for user in page.users:
        click.echo(user)
    if page.next is not None:
        click.echo(f"there are more: go on with --after {page.next!r}", err=True)


def left_out_line(kinds: Iterable[Any]) -> str:
    """Who does not count, in a line."""
    left_out = ", ".join(kind.value for kind in kinds)
    return f"left out: {left_out} (--everyone counts them)" if left_out else "nobody is left out"


def read_time(text: str | None, option: str) -> Instant | None:
    """An instant or a day, which begins at midnight UTC. Raises click.BadParameter."""
    if text is None:
        return None
    from dsl.values import read_instant

    found = read_instant(text) or read_instant(f"{text}T00:00:00Z")
    if found is None:
        raise click.BadParameter(f"`{text}` is no time: write 2026-06-30 or 2026-06-30T12:00:00Z", param_hint=option)
    return found
