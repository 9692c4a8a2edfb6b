"""The answer to "why, or why not" as JSON."""

from __future__ import annotations

from typing import assert_never

from dsl.values import JsonValue, format_instant
from engine.why.saying import step_words
from engine.why.tree import Asks, Becomes, Change, Gate, Happens, Part, Step, Waits, Why


def document(why: Why) -> dict[str, JsonValue]:
    """Everything of the answer, as the HTTP interface and `--json` give it."""
    stopped = why.stopped_by
    return {
        "guide": why.guide,
        "label": why.label,
        "user": why.user,
        "at": format_instant(why.at),
        "shown": why.is_shown,
        "reason": why.reason.value,
        "meaning": why.reason.meaning,
        "stopped_by": None if stopped is None else stopped.name.value,
        "gates": [_gate(gate) for gate in why.gates],
        "changes": [_change(change, why.zone) for change in why.changes],
        "blocked": why.blocked,
        "survey": None
        if why.survey is None
        else {"version": why.survey.version, "since": format_instant(why.survey.since)},
    }


def _gate(gate: Gate) -> JsonValue:
    return {
        "gate": gate.name.value,
        "open": gate.is_open,
        "reason": None if gate.reason is None else gate.reason.value,
        "text": gate.text,
        "found": gate.found,
        "parts": [_part(part) for part in gate.parts],
    }


def _part(part: Part) -> JsonValue:
    span = None if part.about is None else part.about.span
    return {
        "text": part.text,
        "truth": part.truth.value,
        "found": part.found,
        "joined": part.joined.value,
        "condition": None if part.about is None else type(part.about).__name__,
        "file": None if span is None else span.file,
        "line": None if span is None else span.line,
        "parts": [_part(each) for each in part.below],
    }


def _change(change: Change, zone: str) -> JsonValue:
    return {
        "text": change.text,
        "at": format_instant(change.at),
        "until": None if change.until is None else format_instant(change.until),
        "steps": [{**_step(step), "text": step_words(step, zone)} for step in change.steps],
    }


def _step(step: Step) -> dict[str, JsonValue]:
    match step:
        case Happens():
            properties = dict(step.event.properties)
            return {"do": "event", "event": step.event.name, "times": step.times, "properties": properties}
        case Becomes():
            return {"do": "attribute", "name": step.words, "value": step.value}
        case Asks():
            return {"do": "context", "name": step.name, "value": step.value}
        case Waits():
            return {"do": "wait", "until": format_instant(step.until), "because": step.because}
        case _:
            assert_never(step)
