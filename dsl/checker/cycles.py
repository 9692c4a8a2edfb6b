"""Segments that depend on themselves."""

from __future__ import annotations

from collections.abc import Mapping

from dsl.checker.report import Report
from dsl.codes import names
from dsl.nodes import InSegment, Name, Segment
from dsl.walk import find


def check_cycles(report: Report) -> frozenset[str]:
    """Report every circle of segments once; give the names of the segments in one."""
    segments = report.project.segments
    uses = {name: tuple(each.name for each in find(segment, InSegment)) for name, segment in segments.items()}
    in_circle: set[str] = set()
    done: set[str] = set()
    for name in segments:
        if name not in done:
            _follow(report, segments, uses, name, done, in_circle)
    return frozenset(in_circle)


def _follow(
    report: Report,
    segments: Mapping[str, Segment],
    uses: Mapping[str, tuple[Name, ...]],
    start: str,
    done: set[str],
    in_circle: set[str],
) -> None:
    # Depth first with a stack of its own: a chain of segments may be longer than Python's.
    path = [start]
    waiting = [list(uses[start])]
    while path:
        if not waiting[-1]:
            done.add(path.pop())
            waiting.pop()
            continue
        used = waiting[-1].pop(0)
        if used.text in path:
            circle = path[path.index(used.text) :]
            if not in_circle.issuperset(circle):
                shown = " → ".join(f"`{each}`" for each in [*circle, used.text])
                help_ = "say at least one of them without the others"
                report.add(names.CYCLE.at(used.span, f"a circle of segments: {shown}", help=help_))
            in_circle.update(circle)
        elif used.text in segments and used.text not in done:
            path.append(used.text)
            waiting.append(list(uses[used.text]))
