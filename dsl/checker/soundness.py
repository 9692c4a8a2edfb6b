"""Which parts of a text have no errors: nothing is said about the meaning of the others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from dsl.diagnostics import Diagnostic, Severity
from dsl.nodes import Node


class Soundness:
    """Made from the errors that were found."""

    def __init__(self, found: Iterable[Diagnostic]) -> None:
        self._errors: dict[str, list[int]] = {}
        for each in found:
            if each.severity is Severity.ERROR:
                self._errors.setdefault(each.span.file, []).append(each.span.start)
        for starts in self._errors.values():
            starts.sort()

    def of(self, node: Node) -> bool:
        """True when no error begins in the node."""
        starts = self._errors.get(node.span.file, [])
        at = bisect_left(starts, node.span.start)
        return at == len(starts) or starts[at] >= max(node.span.end, node.span.start + 1)
