"""`waypost project`: projects and their environments, and how their users are signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import orjson

from api.cli import retention
from api.cli.analyzing import Form, file_options
from api.cli.choices import known
from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from

if TYPE_CHECKING:
    from engine.replies import ProjectView

_COLUMNS = ("project", "environment", "name", "zone", "allowed_origins", "signed_users", "shared_links")
"""Of the projects, one a row."""


@click.group("project")
def command() -> None:
    """Make and list projects and their environments; let users be signed.

    \b
    Example:
      waypost project add shop
      waypost project add shop --env staging
    """


command.add_command(retention.command)


@command.command("list")
@data_option
@file_options
@json_option
def list_projects(data: str | None, form: Form) -> None:
    """List all projects with their environments.

    \b
    Example:
      waypost project list
    """
    with opened(settings_from(data)) as service:
        views = service.projects()
    if form.export_documents(list(map(_as_json, views)), _COLUMNS):
        return
    if not views:
        click.echo("no projects yet; the first start of `waypost serve` makes `default`")
    for view in views:
        shown = _as_json(view)
        signed = "  signed users only" if view.signed_users else ""
        click.echo(
            f"{shown['project']:<20}  {view.environment.value:<11}  {view.zone:<20}  {view.name}{signed}".rstrip()
        )


@command.command("add")
@click.argument("name")
@click.option(
    "--env",
    "environment",
    type=known("engine.environments:Environment"),
    default="production",
    show_default=True,
    help="Which environment of it; the others need production to be there.",
)
@click.option("--title", default="", help="What people call it.")
@click.option("--zone", default="", help="Its time zone. [that of production; else UTC]")
@click.option("--origin", "origins", multiple=True, help="A web origin that may use its public keys; more than once.")
@data_option
@json_option
def add(
    name: str, environment: str, title: str, zone: str, origins: tuple[str, ...], data: str | None, as_json: bool
) -> None:
    """Make a project, or another environment of one.

    Each environment has keys, people, events and rules of its own. What was tried in one is brought to another by
    publishing the same rules there.

    \b
    Example:
      waypost project add shop --env staging --origin https://staging.example.com
    """
    from api.config import read_origin, read_zone
    from engine.environments import Environment
    from engine.errors import UnknownProject

    try:
        given = tuple(read_origin(origin) for origin in origins)
        read = read_zone(zone) if zone else ""
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with opened(settings_from(data), begins=True) as service:
        if not service.projects() and name == "default" and environment != "production":
            service.ensure_project()
        try:
            made = service.tenancy.add(name, Environment(environment), name=title, zone=read, allowed_origins=given)
        except UnknownProject:
            raise click.UsageError(
                f"there is no project `{name}`; make its production first, with `waypost project add {name}`"
            ) from None
    if as_json:
        click.echo(orjson.dumps(_as_json(made)))
        return
    shown = _as_json(made)
    click.echo(f"made {shown['project']}, {shown['environment']}; make keys with `waypost keys create`")


@command.group("signing")
def signing() -> None:
    """Let your server vouch for who a page's user is.

    \b
    Example:
      waypost project signing add
      waypost project signing require
    """


@signing.command("show")
@click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True, help="How far to look back.")
@data_option
@project_option
@json_option
def show(days: int, data: str | None, slug: str, as_json: bool) -> None:
    """Show the secrets, and how much of the traffic for known users is signed.

    \b
    Example:
      waypost project signing show
    """
    from dsl.values import format_instant

    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        secrets = service.vouching.secrets(project.id)
        share = service.vouching.share(project.id, days=days)
    if as_json:
        listed = [
            {
                "id": each.id,
                "shown": each.shown,
                "created": format_instant(each.created),
                "expires": None if each.expires is None else format_instant(each.expires),
            }
            for each in secrets
        ]
        traffic = {
            "days": days,
            "signed": share.signed,
            "unsigned": share.unsigned,
            "invalid": share.invalid,
            "share": share.share,
        }
        click.echo(orjson.dumps({"required": project.signed_users, "secrets": listed, "traffic": traffic}))
        return
    click.echo("unsigned users are refused" if project.signed_users else "unsigned users are taken, and counted")
    for each in secrets:
        until = "" if each.expires is None else f" until {format_instant(each.expires)}"
        click.echo(f"secret {each.id}  {each.shown}  since {format_instant(each.created)}{until}")
    if share.share is None:
        click.echo(f"no traffic for known users in {days} days")
    else:
        told = f"{share.signed} signed, {share.unsigned} unsigned, {share.invalid} with a token that is not valid"
        click.echo(f"{share.share:.1%} of the traffic for known users in {days} days was signed: {told}")


@signing.command("add")
@data_option
@project_option
@json_option
def add_secret(data: str | None, slug: str, as_json: bool) -> None:
    """Make a secret to sign with. It is shown once, now; one that is in use goes on working for a week.

    \b
    Example:
      waypost project signing add --env staging
    """
    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        made, text = service.vouching.add_secret(project.id)
    click.echo(orjson.dumps({"id": made.id, "secret": text}) if as_json else text)


@signing.command("withdraw")
@click.argument("secret_id", type=int)
@data_option
@project_option
def withdraw(secret_id: int, data: str | None, slug: str) -> None:
    """Withdraw a secret at once.

    \b
    Example:
      waypost project signing withdraw 1
    """
    with opened(settings_from(data)) as service:
        service.vouching.withdraw_secret(project_named(service, slug).id, secret_id)
    click.echo(f"signing secret {secret_id} is withdrawn")


@signing.command("require")
@click.option("--off", is_flag=True, help="Take unsigned users again.")
@data_option
@project_option
def require(off: bool, data: str | None, slug: str) -> None:
    """Refuse what pages say of known users without a signed token. Look at `show` first.

    \b
    Example:
      waypost project signing require
    """
    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        if not off and not service.vouching.secrets(project.id):
            raise click.UsageError("there is no signing secret yet; make one with `waypost project signing add`")
        service.tenancy.change(project.id, signed_users=not off)
    click.echo("unsigned users are taken again" if off else "unsigned users are refused from now on")


def _as_json(view: ProjectView) -> dict[str, Any]:
    from engine.environments import split_slug

    values = (
        split_slug(view.slug)[0],
        view.environment.value,
        view.name,
        view.zone,
        list(view.allowed_origins),
        view.signed_users,
        view.shared_links,
    )
    return dict(zip(_COLUMNS, values, strict=True))
