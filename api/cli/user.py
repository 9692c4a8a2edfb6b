"""`waypost user`: people of the console."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
import orjson

from api.cli.analyzing import Form, file_options, place_options
from api.cli.choices import known
from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from

if TYPE_CHECKING:
    from api.config import Settings
    from engine.members import Member, NewLink


@click.group("user")
def command() -> None:
    """Let people use the console: invite, list, give roles, reset passwords, remove.

    \b
    Example:
      waypost user add ada@example.com --role admin
      waypost user reset ada@example.com
    """


@command.command("list")
@file_options
@place_options
def list_users(data: str | None, slug: str, form: Form) -> None:
    """List the people of a project, and the links that still work; CSV and Parquet have the people.

    \b
    Example:
      waypost user list
    """
    from engine.members import MEMBER_COLUMNS, member_rows

    with opened(settings_from(data)) as service:
        root = project_named(service, slug).root
        members, links = service.staff.members(root), service.staff.links(root)

    def document() -> Any:
        invited = [
            {"id": link.id, "kind": link.kind.value, "email": link.email, "expires": _time(link.expires)}
            for link in links
        ]
        return {"members": [_as_json(member) for member in members], "invites": invited}

    if form.export(member_rows(members), MEMBER_COLUMNS, document):
        return
    if not members and not links:
        click.echo("nobody yet; invite somebody with `waypost user add ADDRESS --role admin`")
    for member in members:
        seen = "never signed in" if member.last_login is None else f"last signed in {_time(member.last_login)}"
        click.echo(f"{member.user_id:>4}  {member.role.value:<7}  {member.email}  {seen}")
    for link in links:
        click.echo(f"   ·  {link.kind.value:<7}  {link.email}  link {link.id} works until {_time(link.expires)}")


@command.command("add")
@click.argument("email")
@click.option("--role", type=known("engine.permissions:Role"), default="viewer", show_default=True)
@click.option("--password", "ask", is_flag=True, help="Ask for a password now, instead of making a link.")
@click.option("--password-stdin", "from_stdin", is_flag=True, help="Read the password from standard input.")
@data_option
@project_option
@json_option
def add(email: str, role: str, ask: bool, from_stdin: bool, data: str | None, slug: str, as_json: bool) -> None:
    """Let somebody use the console. Prints a link for them, which works once and for seven days.

    No mail is sent: hand the link on. With a password they are in at once.

    \b
    Example:
      waypost user add ada@example.com --role author
    """
    from engine.permissions import Role

    settings = settings_from(data)
    password = _password(ask=ask, from_stdin=from_stdin)
    with opened(settings, begins=True) as service:
        root = project_named(service, slug).root
        if password is None:
            _tell(service.staff.invite(root, email, Role(role)), settings, as_json=as_json)
            return
        member = service.staff.add(root, email, Role(role), password=password)
    click.echo(orjson.dumps(_as_json(member)) if as_json else f"{member.email} is {member.role.value} now")


@command.command("reset")
@click.argument("email")
@data_option
@project_option
@json_option
def reset(email: str, data: str | None, slug: str, as_json: bool) -> None:
    """Print a link with which somebody chooses a new password; it works once and for a day.

    \b
    Example:
      waypost user reset ada@example.com
    """
    settings = settings_from(data)
    with opened(settings) as service:
        root = project_named(service, slug).root
        member = service.staff.member(root, email.strip().lower())
        _tell(service.staff.reset(root, member.user_id, even_elsewhere=True), settings, as_json=as_json)


@command.command("role")
@click.argument("email")
@click.argument("role", type=known("engine.permissions:Role"))
@data_option
@project_option
def change_role(email: str, role: str, data: str | None, slug: str) -> None:
    """Give somebody another role.

    \b
    Example:
      waypost user role ada@example.com admin
    """
    from engine.permissions import Role

    with opened(settings_from(data)) as service:
        root = project_named(service, slug).root
        member = service.staff.member(root, email.strip().lower())
        service.staff.set_role(root, member.user_id, Role(role))
    click.echo(f"{member.email} is {role} now")


@command.command("remove")
@click.argument("email")
@data_option
@project_option
def remove(email: str, data: str | None, slug: str) -> None:
    """Remove somebody, or withdraw the link they have not used yet.

    \b
    Example:
      waypost user remove ada@example.com
    """
    from engine.members import NoSuchMember

    address = email.strip().lower()
    with opened(settings_from(data)) as service:
        root = project_named(service, slug).root
        links = [link for link in service.staff.links(root) if link.email == address]
        for link in links:
            service.staff.withdraw(root, link.id)
        try:
            service.staff.remove(root, service.staff.member(root, address).user_id)
        except NoSuchMember:
            if not links:
                raise
            click.echo(f"the link of {address} is withdrawn")
            return
    click.echo(f"{address} is removed")


@command.command("sign-out")
@click.argument("email")
@data_option
@project_option
def sign_out(email: str, data: str | None, slug: str) -> None:
    """Sign somebody out everywhere.

    \b
    Example:
      waypost user sign-out ada@example.com
    """
    from engine.audit import COMMAND_LINE

    with opened(settings_from(data)) as service:
        member = service.staff.member(project_named(service, slug).root, email.strip().lower())
        ended = service.sign_in.end_all(member.user_id, actor=COMMAND_LINE)
    click.echo(f"{ended} sessions ended" if ended != 1 else "1 session ended")


def _password(*, ask: bool, from_stdin: bool) -> str | None:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if ask:
        asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return asked
    return None


def _tell(made: NewLink, settings: Settings, *, as_json: bool) -> None:
    from api.links import join_link

    link = join_link(settings.public_url or f"http://{settings.host}:{settings.port}", made.token)
    if as_json:
        told = {"link": link, "token": made.token, "email": made.link.email, "expires": _time(made.link.expires)}
        click.echo(orjson.dumps(told))
        return
    click.echo(link)
    if settings.public_url is None:
        click.echo("note: WAYPOST_PUBLIC_URL says where people reach the server; links then begin with it", err=True)


def _as_json(member: Member) -> dict[str, Any]:
    return {
        "id": member.user_id,
        "email": member.email,
        "name": member.name,
        "role": member.role.value,
        "since": _time(member.since),
        "last_login": None if member.last_login is None else _time(member.last_login),
    }


def _time(instant: Any) -> str:
    from dsl.values import format_instant

    return format_instant(instant)
