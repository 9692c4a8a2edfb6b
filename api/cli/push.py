"""`waypost push`: put the rules of a folder in force on a server, for those who keep them in git."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from api.cli.check import summary
from api.cli.options import json_option
from api.cli.remotes import Pulled, key_option, url_option
from dsl.diagnostics import Diagnostic, Severity, Span, render


@click.command("push")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@url_option
@key_option
@click.option("--note", default="", metavar="TEXT", help="Why, for the list of versions.")
@click.option("--dry-run", is_flag=True, help="Only check the rules against what the server has really received.")
@click.option("--force", is_flag=True, help="Also over what somebody else published since the last pull.")
@json_option
def command(path: Path, url: str, key: str, note: str, dry_run: bool, force: bool, as_json: bool) -> None:
    """Publish a folder of `.way` files, or one file, whole or not at all.

    The server checks them first; with an error in them nothing changes, and every message is printed (exit 1). After
    `waypost pull`, a push is refused if somebody published since: pull again, or say --force.

    \b
    Example:
      waypost push rules/ --url https://waypost.example.com --note "Shorter words at Verify"
      waypost push rules/ --dry-run
    """
    from api.cli.remote import Remote, RemoteProblem
    from api.publishing import files_in

    files, unreadable = files_in(path)
    if any(each.severity is Severity.ERROR for each in unreadable):
        _tell(unreadable, files, as_json=as_json)
        raise click.exceptions.Exit(1)
    remote = Remote(url, key)
    if dry_run:
        checked = remote.post("/api/v1/rules/check", {"files": files})
        _tell(messages_of(checked["diagnostics"]), files, as_json=as_json)
        raise click.exceptions.Exit(0 if checked["ok"] else 1)
    pulled = Pulled.of(path)
    expected = None if force or pulled is None or pulled.url != url else pulled.version
    try:
        answer = remote.post("/api/v1/rules", {"files": files, "note": note, "expected": expected})
    except RemoteProblem as refused:
        if refused.document.get("code") != "invalid_rules":
            raise
        _tell(messages_of(refused.document["diagnostics"]), files, as_json=as_json)
        raise click.exceptions.Exit(1) from None
    if pulled is not None:
        Pulled(url, answer["version"]).keep(path)
    _report(answer, files, url=url, as_json=as_json)


def _report(answer: Mapping[str, Any], files: Mapping[str, str], *, url: str, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
        return
    for warning in messages_of(answer["warnings"]):
        click.echo(render(warning, files) + "\n")
    state = "is in force now" if answer["changed"] else "was in force already; nothing changed"
    click.echo(f"version {answer['version']} ({answer['revision']}) {state} at {url}")


def _tell(found: tuple[Diagnostic, ...], files: Mapping[str, str], *, as_json: bool) -> None:
    from api.cli.check import as_document

    if as_json:
        click.echo(orjson.dumps(as_document(found, files), option=orjson.OPT_INDENT_2))
        return
    for each in found:
        click.echo(render(each, files) + "\n")
    click.echo(summary(found, len(files)))


def messages_of(messages: Iterable[Mapping[str, Any]]) -> tuple[Diagnostic, ...]:
    """The messages of a server as those of this machine, to be shown with their lines."""
    return tuple(
        Diagnostic(
            code=each["code"],
            severity=Severity(each["severity"]),
            message=each["message"],
            span=Span(each["file"], each["start"], each["end"], each["line"], each["column"]),
            help=each["help"],
            fix=each["fix"],
        )
        for each in messages
    )
