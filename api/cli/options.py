"""Options that several commands take, and how they reach the database."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from api.cli.choices import known
from api.config import Settings, read_settings
from engine.errors import WaypostError

if TYPE_CHECKING:
    from engine.replies import ProjectView
    from engine.service import Service

Command = TypeVar("Command", bound=Callable[..., Any])


def data_option(command: Command) -> Command:
    """`--data DIR`."""
    return click.option("--data", metavar="DIR", help="The data folder. [WAYPOST_DATA_DIR; default: data]")(command)


def json_option(command: Command) -> Command:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")(command)


def project_option(command: Command) -> Command:
    """`--project NAME` and `--env NAME`, as one name in `slug`."""
    project = click.option(
        "--project", "slug", metavar="NAME", default="default", show_default=True, callback=_with_environment
    )
    # Read first, whatever the order on the command line: the project's callback makes one name of both.
    environment = click.option(
        "--env",
        "environment",
        type=known("engine.environments:Environment"),
        default="production",
        show_default=True,
        is_eager=True,
        expose_value=False,
        callback=_keep_environment,
        help="Which environment of the project.",
    )
    return project(environment(command))


def _keep_environment(ctx: click.Context, _: click.Parameter, value: str) -> str:
    ctx.meta["waypost.environment"] = value
    return value


def _with_environment(ctx: click.Context, _: click.Parameter, value: str) -> str:
    environment = ctx.meta.get("waypost.environment", "production")
    return value if environment == "production" else f"{value}/{environment}"


def settings_from(data: str | None) -> Settings:
    """The settings of the environment, with the data folder of `--data`."""
    return read_settings(os.environ, data_dir=data)


class NoDatabase(WaypostError):
    """A command looks for a database where there is none: most likely in another folder than the server's."""

    code = "no_database"


@contextmanager
def opened(settings: Settings, *, begins: bool = False) -> Iterator[Service]:
    """The service on the settings' database, without publishing anything; closed at the end.

    begins: make the database if there is none, for commands that prepare an installation. All others would answer for
    an empty one what nobody asked: that there are no keys, no alerts, nobody to erase. Raises NoDatabase.
    """
    from api.serving import system_clock
    from engine.service import Service
    from engine.storage.store import file_of, make_private

    file = file_of(settings.url)
    if not begins and file is not None and not file.is_file():
        raise NoDatabase(
            f"there is no database at {file}: say with --data or DATABASE_URL where the server keeps it; "
            "`waypost serve` makes one"
        )
    if settings.database_url is None:
        make_private(settings.data_dir)
    service = Service.open(settings.url, clock=system_clock, lakes=settings.lakes, migrates=settings.migrate == "auto")
    try:
        yield service
    finally:
        service.close()


def project_named(service: Service, slug: str) -> ProjectView:
    """The project of that name; the first one is made if the database is new. Raises click.UsageError."""
    known = service.projects()
    if not known and slug == "default":
        return service.ensure_project()
    for project in known:
        if project.slug == slug:
            return project
    names = ", ".join(f"`{project.slug}`" for project in known) or "none"
    name, _, environment = slug.partition("/")
    if environment and any(project.slug == name for project in known):
        raise click.UsageError(
            f"project `{name}` has no environment `{environment}`; make it with "
            f"`waypost project add {name} --env {environment}`"
        )
    raise click.UsageError(f"there is no project `{slug}`; there are: {names}")
