"""`waypost rules`: what was ever published, what a version changed, and going back to an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from api.cli.analyzing import Form, file_options, place_options
from api.cli.options import data_option, json_option, project_option
from api.cli.publications import ACTOR, published
from api.cli.remotes import elsewhere_options
from engine.errors import WaypostError


@click.group("rules")
def command() -> None:
    """Publish rules, list what was published, see what a version changed, go back to an earlier one.

    \b
    Example:
      waypost rules publish rules/
      waypost rules versions
      waypost rules diff 12
      waypost rules rollback 11 --note "the new words confuse"
    """


@command.command("versions")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="How many.")
@elsewhere_options
@file_options
@place_options
def versions(
    *,
    limit: int,
    url: str | None,
    key: str | None,
    data: str | None,
    slug: str,
    form: Form,
) -> None:
    """List what was published, newest first: when, who, why. The version in force has a `*`.

    \b
    Example:
      waypost rules versions --limit 5
    """
    with published(url, key, data, slug) as rules:
        found = rules.versions(limit)
    from api.schemas.rules import PublishedVersionLineSchema

    if form.export_documents(found, PublishedVersionLineSchema().fields):
        return
    if not found:
        click.echo("nothing is published yet: `waypost push` does so")
    for each in found:
        mark = "*" if each["active"] else " "
        line = f"{mark} {each['version']:>5}  {each['published']}  {each['by'] or 'unknown':<14}  {each['note']}"
        click.echo(line.rstrip())


@command.command("diff")
@click.argument("number", metavar="[VERSION]", type=click.IntRange(min=1), required=False)
@click.option("--against", type=click.IntRange(min=1), metavar="N", help="Compare with this one. [the one before]")
@elsewhere_options
@data_option
@project_option
@json_option
def diff(
    number: int | None,
    against: int | None,
    url: str | None,
    key: str | None,
    data: str | None,
    slug: str,
    as_json: bool,
) -> None:
    """Show what a VERSION changed in each file; without one, the version in force.

    What it changed for people, `waypost diff` tells: `waypost pull` fetches both.

    \b
    Example:
      waypost rules diff
      waypost rules diff 12 --against 9
    """
    with published(url, key, data, slug) as rules:
        if number is None:
            latest = rules.versions(1)
            if not latest:
                click.echo("[]" if as_json else "nothing is published yet: `waypost push` does so")
                return
            number = int(latest[0]["version"])
        found = rules.version(number, against)
    if as_json:
        click.echo(orjson.dumps(found["changes"], option=orjson.OPT_INDENT_2))
        return
    for change in found["changes"]:
        click.echo(change["diff"])
    if not found["changes"]:
        click.echo(f"version {number} has the same files as version {found['against']}")


@command.command("publish")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--note", default="", metavar="TEXT", help="Why, for the list of versions.")
@data_option
@project_option
@json_option
def publish(path: Path, note: str, data: str | None, slug: str, as_json: bool) -> None:
    """Put the rules of a folder, or of one file, in force in the database here; no server is needed.

    Checked first: with an error in them nothing changes (exit 1). On a server elsewhere, `waypost push` does the same.

    \b
    Example:
      waypost rules publish examples/ecom --data shop
    """
    from api.cli.options import opened, project_named, settings_from
    from api.publishing import RulesRefused, publish_folder
    from api.schemas.problems import DiagnosticSchema
    from api.schemas.rules import PublishedSchema

    with opened(settings_from(data), begins=True) as service:
        project = project_named(service, slug)
        try:
            found = publish_folder(service, project.id, path, by=ACTOR, note=note)
        except RulesRefused as refused:
            _tell(
                refused, DiagnosticSchema(many=True).dump(refused.diagnostics), refused.refused.sources, as_json=as_json
            )
            raise click.exceptions.Exit(1) from None
    if as_json:
        click.echo(orjson.dumps(PublishedSchema().dump(found), option=orjson.OPT_INDENT_2))
        return
    state = "is in force now" if found.changed else "was in force already; nothing changed"
    click.echo(f"version {found.version} {state}")


@command.command("rollback")
@click.argument("number", metavar="VERSION", type=click.IntRange(min=1))
@click.option("--note", default="", metavar="TEXT", help="Why, for the list of versions.")
@elsewhere_options
@data_option
@project_option
@json_option
def rollback(
    number: int, note: str, url: str | None, key: str | None, data: str | None, slug: str, as_json: bool
) -> None:
    """Put the files of an earlier VERSION in force again. That is a new version, so nothing is lost.

    Checked like every publication: where a new release finds errors in old rules, nothing changes (exit 1).

    \b
    Example:
      waypost rules rollback 11 --note "the new words confuse"
    """
    with published(url, key, data, slug) as rules:
        try:
            answer = rules.roll_back(number, note)
        except WaypostError as refused:
            found = _diagnostics(refused)
            if found is None:
                raise
            _tell(refused, found, rules.version(number, None)["files"], as_json=as_json)
            raise click.exceptions.Exit(1) from None
    if as_json:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
    elif answer["changed"]:
        click.echo(f"version {answer['version']} is in force now, with the files of version {number}")
    else:
        click.echo(f"the files of version {number} were in force already; nothing changed")


def _diagnostics(refused: WaypostError) -> list[Mapping[str, Any]] | None:
    """The messages where rules were refused for errors in them; None for any other refusal."""
    from api.cli.remote import RemoteProblem
    from api.publishing import RulesRefused
    from api.schemas.problems import DiagnosticSchema

    if isinstance(refused, RulesRefused):
        shown: list[Mapping[str, Any]] = DiagnosticSchema(many=True).dump(refused.diagnostics)
        return shown
    if isinstance(refused, RemoteProblem) and refused.document.get("code") == RulesRefused.code:
        return list(refused.document["diagnostics"])
    return None


def _tell(refused: WaypostError, found: list[Mapping[str, Any]], files: Mapping[str, str], *, as_json: bool) -> None:
    from api.cli.push import messages_of
    from dsl.diagnostics import render

    if as_json:
        click.echo(orjson.dumps({"ok": False, "diagnostics": found}, option=orjson.OPT_INDENT_2))
        return
    for each in messages_of(found):
        click.echo(render(each, files) + "\n")
    click.echo(str(refused))
