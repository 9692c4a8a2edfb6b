"""`waypost eval`: is a condition true of somebody? One question a line in, one answer a line out."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

import click
import orjson

from api.cli.history import read_messages
from dsl.checker import check_condition
from dsl.compiler import compile_condition
from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.moments import start_of
from dsl.nodes import DayLiteral
from dsl.parser import parse_condition
from dsl.project import RuleProject, load
from dsl.values import Instant, JsonValue, read_instant
from engine.events import Event, in_history_order
from engine.facts import facts_of
from engine.intake import Defaults
from engine.state import fold, plan_for

_SOMEBODY: Final = Defaults(anonymous_id="somebody")
DECLARATIONS: Final = "declare"


@click.command("eval")
def command() -> None:
    """Evaluate conditions: one JSON object a line on standard input, one answer a line on standard output.

    An object has a "condition" and, where they matter, "traits", "account", "context", "events" (in Segment's form),
    "at" (the instant; now without it) and "declare" (`.way` text that declares what the condition names). The answer
    is {"value": true}, false, or null for unknown; or {"error": {...}} with a code, a message and its place.

    \b
    Example:
      echo '{"condition": "seats >= 5", "traits": {"seats": 7}, "declare": "attribute seats: number"}' | waypost eval
    """
    for line in sys.stdin.buffer:
        if line.strip():
            click.echo(orjson.dumps(answer_to(line, now=Instant(time.time_ns() // 1_000))))


@dataclass(frozen=True, slots=True)
class Question:
    """One line, read."""

    condition: str
    declare: str
    at: Instant
    traits: Mapping[str, JsonValue]
    account: Mapping[str, JsonValue]
    context: Mapping[str, JsonValue]
    events: Sequence[Event]


class BadQuestion(Exception):
    """A line that asks nothing that can be answered; `answer` is what is told instead."""

    def __init__(self, code: str, message: str, found: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.answer: dict[str, JsonValue] = {"code": code, "message": message}
        if found:
            self.answer |= _place(found[0])
            self.answer["diagnostics"] = [
                {"code": each.code, "message": each.message, **_place(each)} for each in found
            ]


def answer_to(line: bytes, *, now: Instant) -> dict[str, JsonValue]:
    """`{"value": …}` or `{"error": …}`; never raises on any line."""
    try:
        return {"value": value_of(read_question(line, now=now))}
    except BadQuestion as bad:
        return {"error": bad.answer}


def read_question(line: bytes, *, now: Instant) -> Question:
    """A line as a question. Raises BadQuestion."""
    try:
        read: JsonValue = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadQuestion("not_json", f"not JSON: {error}") from None
    if not isinstance(read, dict):
        raise BadQuestion("not_an_object", "a question is an object with a `condition`")
    at = _instant(read.get("at"), now)
    return Question(
        condition=_text(read, "condition") or _missing("condition"),
        declare=_text(read, "declare"),
        at=at,
        traits=_object(read, "traits"),
        account=_object(read, "account"),
        context=_object(read, "context"),
        events=_events(read.get("events"), at),
    )


def value_of(question: Question) -> bool | None:
    """True, false, or None for unknown. Raises BadQuestion for a condition with errors."""
    project = _project(question.declare)
    parsed = parse_condition(question.condition)
    _refuse(parsed.diagnostics)
    if parsed.condition is None:
        raise BadQuestion("no_condition", "there is no condition")
    _refuse(check_condition(parsed.condition, project))
    compiled = compile_condition(parsed.condition, project)
    plan = plan_for(project, compiled.needs)
    events = in_history_order(each for each in question.events if each.time <= question.at)
    state = fold(plan, None, events).state
    state.traits.update(question.traits)
    state.account.update(question.account)
    state.read = None
    facts = facts_of(plan, state, now=question.at, context=question.context, log=lambda: events)
    return True if compiled.holds(facts) else False if compiled.fails(facts) else None


@lru_cache(maxsize=64)
def _project(declare: str) -> RuleProject:
    project = load({DECLARATIONS: declare} if declare.strip() else {})
    _refuse(project.diagnostics)
    return project


def _refuse(found: Sequence[Diagnostic]) -> None:
    errors = [each for each in found if each.severity is Severity.ERROR]
    if errors:
        raise BadQuestion(errors[0].code, errors[0].message, errors)


def _place(found: Diagnostic) -> dict[str, JsonValue]:
    span = found.span
    return {"help": found.help, "file": span.file, "line": span.line, "column": span.column}


def _instant(raw: JsonValue, now: Instant) -> Instant:
    if raw is None:
        return now
    instant = read_instant(raw) if isinstance(raw, str) else None
    if instant is not None:
        return instant
    try:
        day = date.fromisoformat(raw if isinstance(raw, str) else "")
    except ValueError:
        raise BadQuestion("bad_time", "`at` is a time such as 2026-03-01T12:00:00Z") from None
    return start_of(DayLiteral(day.year, day.month, day.day, span=Span("at", 0, 0, 1, 1)), "UTC")


def _events(raw: JsonValue, at: Instant) -> Sequence[Event]:
    if raw is None:
        return ()
    if not isinstance(raw, list):
        raise BadQuestion("bad_events", "`events` is a list of events in Segment's form")
    events, bad = read_messages(raw, defaults=_SOMEBODY, untimed=at)
    if bad:
        raise BadQuestion("bad_event", f"event {bad[0].line}: {bad[0].message}")
    return events


def _object(read: Mapping[str, JsonValue], name: str) -> Mapping[str, JsonValue]:
    found = read.get(name)
    if found is not None and not isinstance(found, dict):
        raise BadQuestion("wrong_type", f"`{name}` is an object")
    return found or {}


def _text(read: Mapping[str, JsonValue], name: str) -> str:
    found = read.get(name)
    if found is not None and not isinstance(found, str):
        raise BadQuestion("wrong_type", f"`{name}` is a text")
    return found or ""


def _missing(name: str) -> str:
    raise BadQuestion("missing_member", f"a question needs a `{name}`")
