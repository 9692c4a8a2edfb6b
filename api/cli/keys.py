"""`waypost keys`: the keys of a project, and the web origins that may use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import orjson

from api.cli.analyzing import Form, file_options, place_options
from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from

if TYPE_CHECKING:
    from dsl.values import Instant
    from engine.replies import KeyView


@click.group("keys")
def command() -> None:
    """Make, list, rotate and withdraw keys; allow web origins.

    \b
    Example:
      waypost keys create --public
      waypost keys allow https://app.example.com
    """


@command.command("list")
@file_options
@place_options
def list_keys(data: str | None, slug: str, form: Form) -> None:
    """List the keys of a project, in all its environments.

    \b
    Example:
      waypost keys list
    """
    with opened(settings_from(data)) as service:
        root = project_named(service, slug).root
        views = service.tenancy.keys([one.id for one in service.tenancy.environments_of(root)])
    from api.schemas.access import KeySchema

    if form.export_documents(list(map(_as_json, views)), KeySchema().fields):
        return
    if not views:
        click.echo("no keys yet; make one with `waypost keys create --public`")
    for view in views:
        shown = _as_json(view)
        what = "" if view.kind.value == "public" or shown["scopes"] is None else f"  may {', '.join(shown['scopes'])}"
        line = f"{view.id:>4}  {view.kind.value:<6}  {view.environment.value:<11}  {view.shown}  {_state(shown)}"
        click.echo(f"{line}{what}  {view.name}".rstrip())


@command.command("create")
@click.option("--public/--secret", "public", default=None, help="For web pages, or for servers.")
@click.option("--name", default="", help="What it is for.")
@click.option("--scope", "scopes", multiple=True, help="Let a secret key do this only; more than once. [all]")
@click.option("--expires", metavar="TIME", help="Let it end: `90d` from now, or a time like 2027-01-01T00:00:00Z.")
@data_option
@project_option
@json_option
def create(
    public: bool | None,
    name: str,
    scopes: tuple[str, ...],
    expires: str | None,
    data: str | None,
    slug: str,
    as_json: bool,
) -> None:
    """Make a key. A secret key is shown once, now.

    What scopes there are: docs/reference/authorisation.md; a wrong one is answered with the list.

    \b
    Example:
      waypost keys create --secret --name "nightly export" --scope records:read --expires 90d
    """
    from api.serving import system_clock
    from engine.permissions import read_scopes
    from engine.replies import KeyKind

    if public is None:
        raise click.UsageError("say which kind: --public for web pages, --secret for servers")
    if public and scopes:
        raise click.UsageError("a public key has no scopes to choose: it sends events and asks for guidance")
    try:
        given = read_scopes(scopes) if scopes else None
        ends = None if expires is None else _end(expires, system_clock())
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with opened(settings_from(data), begins=True) as service:
        project = project_named(service, slug)
        kind = KeyKind.PUBLIC if public else KeyKind.SECRET
        made = service.tenancy.create_key(project.id, kind, name=name, scopes=given, expires=ends)
    if as_json:
        click.echo(orjson.dumps(_as_json(made.view) | {"key": made.text}))
    else:
        click.echo(made.text)


@command.command("rotate")
@click.argument("key_id", type=int)
@click.option("--grace", default="7d", show_default=True, help="How long the old one goes on working: `12h`, `0m`.")
@data_option
@project_option
@json_option
def rotate(key_id: int, grace: str, data: str | None, slug: str, as_json: bool) -> None:
    """Make a key in place of another one; both work until the grace is over.

    \b
    Example:
      waypost keys rotate 3 --grace 24h
    """
    from api.config import read_duration

    try:
        lasts = read_duration(grace)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        made = service.tenancy.rotate_key(project.id, key_id, grace=lasts)
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
    with opened(settings_from(data), begins=True) as service:
        project = project_named(service, slug)
        listed = tuple(one for one in project.allowed_origins if one not in given) + (() if remove else given)
        if listed != project.allowed_origins:
            listed = service.tenancy.change(project.id, allowed_origins=listed).allowed_origins
    if as_json:
        click.echo(orjson.dumps(list(listed)))
    else:
        click.echo("\n".join(listed) or "no origins: only pages of the server's own address may use the public keys")


def _end(text: str, now: Instant) -> Instant:
    from api.config import read_duration
    from dsl.values import Instant, read_instant

    found = read_instant(text)
    ends = Instant(now + read_duration(text)) if found is None else found
    if ends <= now:
        raise ValueError(f"`{text}` does not lie ahead")
    return ends


def _state(shown: dict[str, Any]) -> str:
    if shown["revoked"] is not None:
        return f"withdrawn {shown['revoked']}"
    used = "never used" if shown["last_used"] is None else f"used {shown['last_used']}"
    until = "" if shown["expires"] is None else f", until {shown['expires']}"
    return f"since {shown['created']}, {used}{until}"


def _as_json(view: KeyView) -> dict[str, Any]:
    from dsl.values import format_instant
    from engine.permissions import ALL_SCOPES

    def time(instant: Instant | None) -> str | None:
        return None if instant is None else format_instant(instant)

    return {
        "id": view.id,
        "kind": view.kind.value,
        "name": view.name,
        "shown": view.shown,
        "environment": view.environment.value,
        "scopes": None if view.scopes == ALL_SCOPES else sorted(scope.value for scope in view.scopes),
        "created": format_instant(view.created),
        "expires": time(view.expires),
        "last_used": time(view.last_used),
        "replaced_by": view.replaced_by,
        "revoked": time(view.revoked),
    }
