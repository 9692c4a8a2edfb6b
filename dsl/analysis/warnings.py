"""All warnings about a project that was checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsl.analysis import habits
from dsl.analysis.rivals import check_rivals
from dsl.analysis.truth import Truth
from dsl.checker.report import Report
from dsl.checker.soundness import Soundness
from dsl.diagnostics import Diagnostic
from dsl.nodes import Guide, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsl.project import RuleProject


def analyse(project: RuleProject, errors: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The warnings. errors: what was found before; nothing is said about the meaning of what has an error."""
    errors = list(errors)
    report, sound = Report(project, errors), Soundness(errors)
    truth = Truth(report, sound)
    for program in project.programs.values():
        for declaration in program.declarations:
            if isinstance(declaration, Segment):
                truth.check_segment(declaration)
            elif isinstance(declaration, Guide):
                habits.check_schedule(report, declaration)
                habits.check_expired(report, declaration)
                habits.check_features(report, declaration)
                truth.check_guide(declaration)
            habits.check_terms(report, declaration)
    habits.check_events(report)
    habits.check_translated(report)
    check_rivals(report, truth, sound)
    return report.found
