"""`waypost plan`: what a project expects its events to look like, and what did not fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import click
import orjson

from api.cli.analyzing import Form, file_options, place_options
from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from
from api.cli.remotes import elsewhere_options, server_of
from api.cli.rules import paths_argument

if TYPE_CHECKING:
    from api.cli.remote import Remote
    from dsl.values import JsonValue
    from engine.service import Service
    from engine.tracking import Observed, TrackingPlan

_file_argument = click.argument("file", metavar="PLAN", type=click.File("rb"))


@click.group("plan")
def command() -> None:
    """Say what events are expected to look like, and see which do not.

    A tracking plan is a JSON document with a JSON Schema for each event. Events that do not fit are kept with a
    warning, or refused, as the plan says.

    \b
    Example:
      waypost plan from rules/ > plan.json
      waypost plan check plan.json history.ndjson
      waypost plan push plan.json
      waypost plan violations
    """


@command.command("push")
@_file_argument
@click.option("--note", default="", metavar="TEXT", help="Why, to be kept with the version.")
@elsewhere_options
@data_option
@project_option
@json_option
def push(
    file: IO[bytes], note: str, url: str | None, key: str | None, data: str | None, slug: str, as_json: bool
) -> None:
    """Put a plan in force, whole or not at all. With a fault in it nothing changes (exit 1).

    \b
    Example:
      waypost plan push plan.json --note "recipients is a number"
      waypost plan push plan.json --url https://waypost.example.com
    """
    document = _read(file)
    faults = _faults(document)
    if faults:
        _tell_faults(faults, as_json=as_json)
        raise click.exceptions.Exit(1)
    with _plans_of(url, key, data, slug, begins=True) as plans:
        answer = plans.push(document, note)
    if as_json:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
    else:
        click.echo(f"version {answer['version']} of the tracking plan is in force, with {_events(answer)}")


@command.command("show")
@elsewhere_options
@data_option
@project_option
@json_option
def show(url: str | None, key: str | None, data: str | None, slug: str, as_json: bool) -> None:
    """Print the plan in force, ready to be changed and pushed again; with --json also its version.

    \b
    Example:
      waypost plan show > plan.json
    """
    with _plans_of(url, key, data, slug) as plans:
        answer = plans.show()
    if as_json:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
    elif answer["version"] is None:
        click.echo("no tracking plan yet: every event is taken; `waypost plan from RULES` makes one", err=True)
        click.echo("{}")
    else:
        click.echo(orjson.dumps(answer["plan"], option=orjson.OPT_INDENT_2))


@command.command("check")
@_file_argument
@click.argument("events", metavar="[EVENTS]", required=False, type=click.File("rb"))
@json_option
def check(file: IO[bytes], events: IO[bytes] | None, as_json: bool) -> None:
    """Find everything that is wrong in a plan; with EVENTS (one message in Segment's form a line) what would not fit.

    Needs no server and no database. Exits with 1 if anything was found.

    \b
    Example:
      waypost plan check plan.json
      waypost plan check plan.json history.ndjson
    """
    from engine.tracking import read_plan

    document = _read(file)
    faults = _faults(document)
    if faults or events is None:
        _tell_faults(faults, as_json=as_json)
        raise click.exceptions.Exit(1 if faults else 0)
    found, refused, read = _judged(read_plan(document), events)
    if as_json:
        click.echo(orjson.dumps({"ok": not found and not refused, "violations": found, "refused": refused}))
    else:
        for each in found:
            click.echo(_line(each))
        for line in refused:
            click.echo(f"line {line['line']}: {line['message']}")
        click.echo(f"{read} messages; {len(found)} ways in which they do not fit the plan")
    if found or refused:
        raise click.exceptions.Exit(1)


@command.command("from")
@paths_argument
@click.option("--block", is_flag=True, help="Refuse events that do not fit, instead of keeping them with a warning.")
def from_rules(paths: tuple[Path, ...], block: bool) -> None:
    """Make a plan from rules: the types that their `event` and `attribute` declarations give.

    \b
    Example:
      waypost plan from rules/ > plan.json
    """
    from dsl.diagnostics import Severity, render
    from dsl.project import load
    from dsl.sources import read_files
    from engine.tracking import Mode, plan_from

    files, unreadable = read_files(paths)
    project = load(files)
    errors = [each for each in (*unreadable, *project.diagnostics) if each.severity is Severity.ERROR]
    if errors:
        for each in errors:
            click.echo(render(each, files) + "\n", err=True)
        click.echo("no plan was made: the rules have errors", err=True)
        raise click.exceptions.Exit(1)
    document = plan_from(project, mode=Mode.BLOCK if block else Mode.WARN)
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))


@command.command("violations")
@click.option("--event", metavar="NAME", help="Only of events of this name.")
@click.option("--clear", is_flag=True, help="Count from nothing again, as after a mistake was put right.")
@elsewhere_options
@file_options
@place_options
def violations(
    *,
    event: str | None,
    clear: bool,
    url: str | None,
    key: str | None,
    data: str | None,
    slug: str,
    form: Form,
) -> None:
    """List what did not fit the plan: where, in which way, how often. Exits with 1 if there is anything.

    Values that were sent are not kept; the samples (--json) say which message it was and what kind of value it had.

    \b
    Example:
      waypost plan violations
      waypost plan violations --clear
    """
    with _plans_of(url, key, data, slug) as plans:
        if clear:
            forgotten = plans.clear()
            click.echo(
                orjson.dumps({"forgotten": forgotten}) if form.as_json else f"forgot what {forgotten} places had"
            )
            return
        found = plans.violations(event)
    from api.schemas.plan import VIOLATION_COLUMNS, violation_rows

    if not form.export(violation_rows(found), VIOLATION_COLUMNS, lambda: found):
        for each in found:
            click.echo(_line(each))
        click.echo(f"{len(found)} ways in which events do not fit the plan" if found else "every event fits the plan")
    if found:
        raise click.exceptions.Exit(1)


class _Plans(Protocol):
    """The plans of one project, here or on a server; documents are those of the HTTP interface."""

    def push(self, document: JsonValue, note: str) -> Mapping[str, Any]: ...
    def show(self) -> Mapping[str, Any]: ...
    def violations(self, event: str | None) -> list[Mapping[str, Any]]: ...
    def clear(self) -> int: ...


@contextmanager
def _plans_of(
    url: str | None, key: str | None, data: str | None, slug: str, *, begins: bool = False
) -> Iterator[_Plans]:
    """The plans that the options name: of a server with `--url`, else of the database here."""
    remote = server_of(url, key, data)
    if remote is not None:
        yield _Remote(remote)
        return
    with opened(settings_from(data), begins=begins) as service:
        yield _Local(service, project_named(service, slug).id)


class _Local:
    def __init__(self, service: Service, project_id: int) -> None:
        self._plans = service.plans
        self._project_id = project_id

    def push(self, document: JsonValue, note: str) -> Mapping[str, Any]:
        from api.schemas.plan import PlanSchema, as_document

        made = self._plans.publish(self._project_id, document, by="command line", note=note)
        shown: Mapping[str, Any] = PlanSchema().dump(as_document(made))
        return shown

    def show(self) -> Mapping[str, Any]:
        from api.schemas.plan import PlanSchema, as_document

        shown: Mapping[str, Any] = PlanSchema().dump(as_document(self._plans.current(self._project_id)))
        return shown

    def violations(self, event: str | None) -> list[Mapping[str, Any]]:
        from api.schemas.plan import ViolationSchema

        found = self._plans.violations(self._project_id, event=event, limit=10_000)
        shown: list[Mapping[str, Any]] = ViolationSchema(many=True).dump(found)
        return shown

    def clear(self) -> int:
        return self._plans.forget_violations(self._project_id)


class _Remote:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def push(self, document: JsonValue, note: str) -> Mapping[str, Any]:
        return self._remote.post("/api/v1/plan", {"plan": document, "note": note})

    def show(self) -> Mapping[str, Any]:
        return self._remote.get("/api/v1/plan")

    def violations(self, event: str | None) -> list[Mapping[str, Any]]:
        from urllib.parse import urlencode

        asked = {"limit": "500", **({"event": event} if event is not None else {})}
        found: list[Mapping[str, Any]] = []
        while True:
            page = self._remote.get(f"/api/v1/plan/violations?{urlencode(asked)}")
            found += page["data"]
            if page["next"] is None:
                return found
            asked["after"] = page["next"]

    def clear(self) -> int:
        return int(self._remote.delete("/api/v1/plan/violations")["forgotten"])


def _read(file: IO[bytes]) -> JsonValue:
    try:
        document: JsonValue = orjson.loads(file.read())
    except orjson.JSONDecodeError as error:
        message = f"{file.name} is not JSON: {error.msg}, at line {error.lineno}, column {error.colno}"
        raise click.UsageError(message) from None
    return document


def _faults(document: JsonValue) -> tuple[Any, ...]:
    from engine.tracking import PlanRefused, read_plan

    try:
        read_plan(document)
    except PlanRefused as refused:
        return refused.faults
    return ()


def _tell_faults(faults: tuple[Any, ...], *, as_json: bool) -> None:
    if as_json:
        errors = [{"path": each.path, "message": each.message} for each in faults]
        click.echo(orjson.dumps({"ok": not faults, "errors": errors}, option=orjson.OPT_INDENT_2))
        return
    for each in faults:
        click.echo(f"{each.path or 'the plan'}: {each.message}")
    click.echo(f"{len(faults)} faults: this plan cannot be used" if faults else "nothing is wrong with this plan")


def _judged(plan: TrackingPlan, lines: Iterable[bytes]) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """What does not fit a plan in some lines, as the server would count it; the lines that are no message; how many."""
    from api.cli.history import NEVER, BadLine, messages_in
    from engine.intake import RejectionCode, take_in

    numbered, bad = messages_in(lines)
    taken = take_in(
        [message for _, message in numbered],
        received=NEVER,
        new_id=lambda: "",
        live=False,
        limit=len(numbered),
        plan=plan,
    )
    for each in taken.rejected:
        if each.code is not RejectionCode.PLAN_VIOLATION:
            bad.append(BadLine(numbered[each.index][0], each.message))
    refused = [{"line": each.line, "message": each.message} for each in sorted(bad, key=lambda each: each.line)]
    return _counted(taken.violations), refused, len(numbered)


def _counted(observed: Iterable[Observed]) -> list[dict[str, Any]]:
    from engine.tracking import Mode

    counts: Counter[tuple[str, str, str, bool]] = Counter()
    for each in observed:
        found = each.violation
        counts[(found.event, found.place, found.rule, found.mode is Mode.BLOCK)] += 1
    places = sorted({place[:3] for place in counts})
    return [
        {
            "event": event,
            "path": path,
            "rule": rule,
            "warned": counts[(event, path, rule, False)],
            "blocked": counts[(event, path, rule, True)],
        }
        for event, path, rule in places
    ]


def _line(found: Mapping[str, Any]) -> str:
    counts = [f"{found[name]} {word}" for name, word in (("warned", "kept"), ("blocked", "refused")) if found[name]]
    return f"{found['event']}  {found['path']}  {found['rule']}  {', '.join(counts)}"


def _events(answer: Mapping[str, Any]) -> str:
    count = len(answer["plan"].get("events", {}))
    return "1 event" if count == 1 else f"{count} events"
