"""Does a project mean something? Names, types, clauses, content; and warnings about what is hardly meant.

Finds everything in one run. Text that could not be parsed was reported by the parser; what stands in its place is not
taken for missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, assert_never

from dsl.checker import conditions, declarations
from dsl.checker.cycles import check_cycles
from dsl.checker.guides import check_guide
from dsl.checker.memory import Memory
from dsl.checker.questions import answer_type
from dsl.checker.recording import check_record
from dsl.checker.report import Report
from dsl.checker.scope import Scope, Standing
from dsl.diagnostics import Diagnostic
from dsl.nodes import (
    Attribute,
    Condition,
    Declaration,
    EventDeclaration,
    Feature,
    Guide,
    Import,
    Journey,
    Limits,
    Record,
    Segment,
)

if TYPE_CHECKING:
    from dsl.project import RuleProject

__all__ = ["Memory", "Scope", "Standing", "answer_type", "check", "check_condition"]


ALONE = Scope()


def check(
    project: RuleProject, unread: Sequence[Diagnostic] = (), memory: Memory | None = None
) -> tuple[Diagnostic, ...]:
    """All errors of a project, and the warnings that its names and types give.

    unread: what the parser found. Nothing is said to be missing from what it could not read. memory: of the last time.
    """
    report = Report(project, unread)
    memory = Memory(lasts=False) if memory is None else memory
    memory.begin(project, report.salvaged)
    declared = [each for program in project.programs.values() for each in program.declarations]
    named = [each for each in declared if isinstance(each, Journey | Segment | Feature | Guide)]
    declarations.check_namespace(report, named)
    declarations.check_attributes_once(report, [each for each in declared if isinstance(each, Attribute)])
    declarations.check_events_once(report, [each for each in declared if isinstance(each, EventDeclaration)])
    for each in declared:
        look = partial(_check_declaration, report, each)
        for message in memory.says(each, partial(report.about, look)):
            report.add(message)
    check_cycles(report)
    return report.found


def check_condition(condition: Condition, project: RuleProject, scope: Scope = ALONE) -> tuple[Diagnostic, ...]:
    """All errors of one condition that stands by itself, asked against a project's names."""
    report = Report(project)
    conditions.check(report, condition, scope)
    return report.found


def _check_declaration(report: Report, declaration: Declaration) -> None:
    match declaration:
        case Attribute():
            declarations.check_attribute(report, declaration)
        case EventDeclaration():
            declarations.check_event_declaration(report, declaration)
        case Journey():
            declarations.check_journey(report, declaration)
        case Feature():
            declarations.check_feature(report, declaration)
        case Segment():
            declarations.check_segment(report, declaration)
        case Limits():
            declarations.check_limits(report, declaration)
        case Record():
            check_record(report, declaration)
        case Guide():
            check_guide(report, declaration)
        case Import():
            declarations.check_import(report, declaration, report.project.programs)
        case _:
            assert_never(declaration)
