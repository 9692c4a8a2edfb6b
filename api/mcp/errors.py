"""What tools refuse that no other door of Waypost refuses in these words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from dsl.diagnostics import Diagnostic, Severity, render
from engine.errors import WaypostError


class RulesFaulty(WaypostError):
    """Rules with errors were to be saved, tried or described. Nothing changed; `diagnostics` has every message."""

    code = "faulty_rules"

    def __init__(self, found: Sequence[Diagnostic], sources: Mapping[str, str]) -> None:
        errors = Counter(each.severity for each in found)[Severity.ERROR]
        noun = "1 error" if errors == 1 else f"{errors} errors"
        super().__init__(f"the rules have {noun}: nothing was done; mend what the messages name, and try again")
        self.diagnostics = tuple(found)
        self.rendered = "\n\n".join(render(each, sources) for each in found)


class NoSuchFile(WaypostError):
    """A rule file was named that is not there."""

    code = "unknown_file"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        there = ", ".join(f"`{each}`" for each in known) or "none"
        super().__init__(f"there is no rule file `{name[:200]}`; there are: {there}")


class UnknownTool(WaypostError):
    """A tool was called that is not offered to this caller."""

    code = "unknown_tool"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no tool `{name[:80]}` here; there are: {', '.join(known)}")
