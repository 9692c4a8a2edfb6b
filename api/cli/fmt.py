"""`waypost fmt`: rules in their one form."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import orjson

from dsl.diagnostics import Diagnostic, render
from dsl.formatter import format_program
from dsl.parser import parse
from dsl.sources import read_file, rule_files

STANDARD_INPUT = Path("-")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: its form, and whether that is another; or the messages that leave it as it is."""

    name: str
    text: str
    formatted: str | None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def is_changed(self) -> bool:
        return self.formatted is not None and self.formatted != self.text


@click.command("fmt")
@click.argument(
    "paths",
    metavar="PATH...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, allow_dash=True, path_type=Path),
)
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit with 1 if a file is not in form.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def command(paths: tuple[Path, ...], only_check: bool, as_json: bool) -> None:
    """Write rules in their one form: files, or folders with all `.way` files in them.

    A file with syntax errors is left as it is, and the errors are printed. `-` reads standard input and writes to
    standard output.

    \b
    Example:
      waypost fmt rules/
      waypost fmt rules/ --check
    """
    outcomes = list(_outcomes(paths))
    for each in outcomes:
        if each.name == str(STANDARD_INPUT) and each.formatted is not None and not only_check:
            click.echo(each.formatted, nl=False)
        elif each.is_changed and not only_check:
            _write(Path(each.name), each.formatted or "")
    if as_json:
        click.echo(orjson.dumps(_document(outcomes), option=orjson.OPT_INDENT_2))
    else:
        _tell(outcomes, only_check=only_check)
    if any(each.diagnostics or (only_check and each.is_changed) for each in outcomes):
        raise click.exceptions.Exit(1)


def _outcomes(paths: Sequence[Path]) -> Iterator[Outcome]:
    if STANDARD_INPUT in paths:
        yield _outcome("-", sys.stdin.read())
    files, missing = rule_files([path for path in paths if path != STANDARD_INPUT])
    for diagnostic in missing:
        yield Outcome(diagnostic.span.file, "", None, (diagnostic,))
    for path in files:
        text = read_file(path)
        if isinstance(text, Diagnostic):
            yield Outcome(str(path), "", None, (text,))
        else:
            yield _outcome(str(path), text)


def _outcome(name: str, text: str) -> Outcome:
    parsed = parse(text, file=name)
    if parsed.diagnostics:
        return Outcome(name, text, None, parsed.diagnostics)
    return Outcome(name, text, format_program(parsed.program))


def _tell(outcomes: Sequence[Outcome], *, only_check: bool) -> None:
    for each in outcomes:
        for diagnostic in each.diagnostics:
            click.echo(render(diagnostic, {each.name: each.text}) + "\n", err=True)
        if each.is_changed and (only_check or each.name != str(STANDARD_INPUT)):
            click.echo(f"{each.name} {'is not in form' if only_check else 'was put in form'}", err=True)


def _document(outcomes: Sequence[Outcome]) -> dict[str, object]:
    return {
        "changed": [each.name for each in outcomes if each.is_changed],
        "files": [each.name for each in outcomes],
        "errors": [
            {
                "code": one.code,
                "message": one.message,
                "help": one.help,
                "file": one.span.file,
                "line": one.span.line,
                "column": one.span.column,
            }
            for each in outcomes
            for one in each.diagnostics
        ],
    }


def _write(path: Path, text: str) -> None:
    """Put the text in the place of the file in one step, so that a crash leaves the old one or the new one."""
    target = path.resolve()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", dir=target.parent, delete=False) as file:
        file.write(text)
    shutil.copymode(target, file.name)
    os.replace(file.name, target)  # noqa: PTH105  (a name, not a Path)
