"""`waypost keys`: the keys of a project, and the web origins that may use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import orjson

from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from

if TYPE_CHECKING:
    from engine.replies import KeyView


@click.group("keys")
def command() -> None:
    """Make, list and withdraw keys; allow web origins.

    \b
    Example:
      waypost keys create --public
      waypost keys allow https://app.example.com
    """


@command.command("list")
@data_option
@project_option
@json_option
def list_keys(data: str | None, slug: str, as_json: bool) -> None:
    """List the keys of a project.

    \b
    Example:
      waypost keys list
    """
    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        views = service.keys(project.id)
    if as_json:
        click.echo(orjson.dumps([_as_json(view) for view in views]))
        return
    if not views:
        click.echo("no keys yet; make one with `waypost keys create --public`")
    for view in views:
        shown = _as_json(view)
        state = f"withdrawn {shown['revoked']}" if view.revoked is not None else f"since {shown['created']}"
        click.echo(f"{view.id:>4}  {view.kind.value:<6}  {view.shown}  {state}  {view.name}".rstrip())


@command.command("create")
@click.option("--public/--secret", "public", default=None, help="For web pages, or for servers.")
@click.option("--name", default="", help="What it is for.")
@data_option
@project_option
@json_option
def create(public: bool | None, name: str, data: str | None, slug: str, as_json: bool) -> None:
    """Make a key. A secret key is shown once, now.

    \b
    Example:
      waypost keys create --secret --name "nightly export"
    """
    from engine.replies import KeyKind

    if public is None:
        raise click.UsageError("say which kind: --public for web pages, --secret for servers")
    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        made = service.create_key(project.id, KeyKind.PUBLIC if public else KeyKind.SECRET, name=name)
    if as_json:
        click.echo(orjson.dumps(_as_json(made.view) | {"key": made.text}))
    else:
        click.echo(made.text)


@command.command("revoke")
@click.argument("key_id", type=int)
@data_option
@project_option
def revoke(key_id: int, data: str | None, slug: str) -> None:
    """Withdraw a key for good, by its number in the list.

    \b
    Example:
      waypost keys revoke 3
    """
    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        if not service.revoke_key(project.id, key_id):
            raise click.UsageError(f"project `{slug}` has no key {key_id} that is still valid")
    click.echo(f"key {key_id} is withdrawn")


@command.command("allow")
@click.argument("origins", nargs=-1, metavar="[ORIGIN]…")
@click.option("--remove", is_flag=True, help="Take these off the list instead.")
@data_option
@project_option
@json_option
def allow(origins: tuple[str, ...], remove: bool, data: str | None, slug: str, as_json: bool) -> None:
    """Let web pages of these origins use the public keys; without any, show the list.

    \b
    Example:
      waypost keys allow https://app.example.com https://staging.example.com
    """
    from api.config import read_origin

    try:
        given = tuple(read_origin(origin) for origin in origins)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        listed = tuple(one for one in project.allowed_origins if one not in given) + (() if remove else given)
        if listed != project.allowed_origins:
            listed = service.tenancy.change(project.id, allowed_origins=listed).allowed_origins
    if as_json:
        click.echo(orjson.dumps(list(listed)))
    else:
        click.echo("\n".join(listed) or "no origins: only pages of the server's own address may use the public keys")


def _as_json(view: KeyView) -> dict[str, Any]:
    from dsl.values import format_instant

    return {
        "id": view.id,
        "kind": view.kind.value,
        "name": view.name,
        "shown": view.shown,
        "created": format_instant(view.created),
        "revoked": None if view.revoked is None else format_instant(view.revoked),
    }
