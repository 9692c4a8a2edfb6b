"""`waypost doctor`: what is wrong with an installation, and what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import click
import orjson

from api.cli.options import data_option, json_option, settings_from
from api.config import unknown_variables

if TYPE_CHECKING:
    from api.config import Settings
    from engine.doctor.findings import Finding

_MARKS: Final = {"good": ("✓", "green"), "warning": ("!", "yellow"), "fault": ("✗", "red")}


@click.command("doctor")
@data_option
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@json_option
def command(data: str | None, strict: bool, as_json: bool) -> None:
    """Look at the whole installation: settings, disk, database, jobs, backups, keys, rules, values, guides.

    Only reads, and may run beside a server. Exits with 1 if something is at fault.

    \b
    Example:
      waypost doctor --data data
    """
    findings = []
    for finding in _findings(settings_from(data)):
        findings.append(finding)
        if not as_json:
            _print(finding)
    bad = [each for each in findings if each.grade == "fault" or (strict and each.grade == "warning")]
    if as_json:
        click.echo(orjson.dumps({"findings": [asdict(each) for each in findings]}, option=orjson.OPT_INDENT_2))
    else:
        faults, warnings = (sum(each.grade == grade for each in findings) for grade in ("fault", "warning"))
        click.echo(f"\n{len(findings)} looked at: {faults} at fault, {warnings} to look at")
    if bad:
        raise click.exceptions.Exit(1)


def _findings(settings: Settings) -> Iterator[Finding]:
    from api.serving import system_clock
    from engine.doctor.checks import Patient, examine
    from engine.doctor.findings import fault, good, warning
    from engine.errors import WaypostError
    from engine.service import Service
    from engine.storage.store import Database, file_of

    strangers = list(unknown_variables(os.environ))
    for variable, meant in strangers:
        hint = f"did you mean {meant}?" if meant else "remove it, or see `waypost config`"
        yield warning("settings", f"{variable} is not a setting", hint)
    if not strangers:
        yield good("settings", "every variable is a setting")
    try:
        file = file_of(settings.url)
        if file is not None and not file.is_file():
            yield fault("database", f"there is no database at {file}", "`waypost serve` makes one; or give --data")
            return
        database = Database(settings.url)
        try:
            behind = database.is_behind()
        finally:
            database.close()
        if behind:
            yield fault("database", "the schema is that of an earlier release", "`waypost db upgrade`")
            return
        service = Service.open(settings.url, clock=system_clock)
    except WaypostError as error:
        yield fault("database", str(error), "see that it runs, and that the address and the release are right")
        return
    try:
        yield from examine(Patient(service, settings.data_dir, file, system_clock()))
    finally:
        service.close()


def _print(finding: Finding) -> None:
    mark, colour = _MARKS[finding.grade]
    where = f" [{finding.project}]" if finding.project is not None else ""
    click.echo(f"{click.style(mark, fg=colour)} {finding.check}{where}: {finding.message}")
    if finding.advice is not None:
        click.echo(f"    {finding.advice}")
