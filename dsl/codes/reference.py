"""The reference page of all messages: `python -m dsl.codes.reference > docs/reference/errors.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

from dsl.catalog import Seen
from dsl.codes.registry import CODES, Code
from dsl.diagnostics import Severity, render
from dsl.project import RuleProject, load
from dsl.values import TEXT, Instant, read_instant

EXAMPLE_FILE: Final = "example.way"
EXAMPLE_AT: Final[Instant | None] = read_instant("2026-07-01T00:00:00Z")
"""The instant at which the examples are checked: what expires before it has expired."""

_LIVE: Final = Seen(
    attributes={"rarely_set": TEXT, "often_set": TEXT},
    shares={"rarely_set": 0.01, "often_set": 0.9},
    events={"Often Sent": {}},
)
_NEED_LIVE_DATA: Final = frozenset({"WP506", "WP510"})
"""Codes of what only live data can show; their examples are checked against a few received names."""

_LONGEST_LINE: Final = 160

_INTRODUCTION: Final = """# Messages

Every message that `waypost check` can give, by its code. An error stops publishing; a warning does not, except under
`--strict`. Made from `dsl/codes/` by `python -m dsl.codes.reference`; a test keeps it up to date.
"""


def checked(code: Code, text: str) -> RuleProject:
    """The example of a code, or its mended form, checked as the page shows it."""
    seen = _LIVE if code.id in _NEED_LIVE_DATA else Seen()
    return load({EXAMPLE_FILE: text}, at=EXAMPLE_AT, seen=seen)


def reference_page() -> str:
    """The page as Markdown."""
    parts = [_INTRODUCTION]
    in_order = sorted(CODES.values(), key=lambda code: code.id)
    for severity in Severity:
        parts.append(f"## {severity.value.capitalize()}s\n")
        parts += [_section(code) for code in in_order if code.severity is severity]
    return "\n".join(parts)


def _section(code: Code) -> str:
    lines = [f"### {code.id}: {code.title}\n", code.doc, ""]
    if code.example:
        lines += _fenced("way", code.example)
        project = checked(code, code.example)
        shown = [each for each in project.diagnostics if each.code == code.id]
        lines += _fenced("text", render(shown[0], project.sources)) if shown else []
        lines += ["Put right:", ""]
        lines += _fenced("way", code.mend)
    return "\n".join(lines)


def _fenced(language: str, text: str) -> Iterator[str]:
    yield f"```{language}"
    for line in text.rstrip("\n").split("\n"):
        yield line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE // 2]} … {line[-_LONGEST_LINE // 4 :]}"
    yield "```"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(reference_page())
