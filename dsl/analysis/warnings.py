"""All warnings about a project that was checked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dsl.analysis import habits
from dsl.analysis.recording import check_covered
from dsl.analysis.rivals import check_rivals
from dsl.analysis.truth import Truth
from dsl.checker.memory import Memory
from dsl.checker.report import Report
from dsl.checker.soundness import Soundness
from dsl.diagnostics import Diagnostic
from dsl.nodes import Declaration, Guide, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsl.project import RuleProject


def analyse(project: RuleProject, errors: Iterable[Diagnostic], memory: Memory | None = None) -> tuple[Diagnostic, ...]:
    """The warnings. errors: what was found before; nothing is said about the meaning of what has an error.

    memory: of the last time.
    """
    errors = list(errors)
    report, sound = Report(project, errors), Soundness(errors)
    truth = Truth(report, sound)
    memory = Memory(lasts=False) if memory is None else memory
    unsound = frozenset(name for name, segment in project.segments.items() if not sound.of(segment))
    memory.begin(project, report.salvaged, unsound)
    for program in project.programs.values():
        for declaration in program.declarations:
            if isinstance(declaration, Guide):
                habits.check_expired(report, declaration)
            look = partial(report.about, partial(_look, report, truth, declaration))
            for message in memory.says(declaration, look) if sound.of(declaration) else look():
                report.add(message)
    habits.check_events(report, memory)
    habits.check_translated(report, memory)
    check_rivals(report, truth, sound, memory)
    check_covered(report, sound)
    return report.found


def _look(report: Report, truth: Truth, declaration: Declaration) -> None:
    """All that is said of one declaration, whatever the day and the others."""
    if isinstance(declaration, Segment):
        truth.check_segment(declaration)
    elif isinstance(declaration, Guide):
        habits.check_schedule(report, declaration)
        habits.check_features(report, declaration)
        truth.check_guide(declaration)
    habits.check_terms(report, declaration)
