"""Every message that a scenario file can give, each declared once. Rules have codes of their own, in `dsl.codes`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dsl.diagnostics import Diagnostic, Severity, Span


@dataclass(frozen=True, slots=True)
class ScenarioCode:
    """One kind of message. id: `WS003`; never given to another kind once it was released."""

    id: str
    title: str

    def at(self, span: Span, message: str, *, help: str | None = None) -> Diagnostic:  # noqa: A002
        """A message of this kind at a place."""
        return Diagnostic(self.id, Severity.ERROR, message, span, help)


NOT_YAML: Final = ScenarioCode("WS001", "the file is not YAML")
NOT_PLAIN: Final = ScenarioCode("WS002", "a part of YAML that scenarios do without")
UNKNOWN_MEMBER: Final = ScenarioCode("WS003", "a word that may not stand there")
MISSING_MEMBER: Final = ScenarioCode("WS004", "something is missing")
WRONG_SHAPE: Final = ScenarioCode("WS005", "a list, a group or a value where another of them belongs")
TOO_MANY: Final = ScenarioCode("WS006", "two things where one may stand")
NOT_A_TIME: Final = ScenarioCode("WS007", "a time that cannot be read, or that runs backwards")
UNKNOWN_NAME: Final = ScenarioCode("WS008", "a name that the rules do not know")
WRONG_VALUE: Final = ScenarioCode("WS009", "a value that does not fit what the rules declare")
NOT_AN_EXPECTATION: Final = ScenarioCode("WS010", "an expectation that cannot be read")
NOTHING_EXPECTED: Final = ScenarioCode("WS011", "a scenario that expects nothing in particular")
NO_RULES: Final = ScenarioCode("WS012", "the rules of a scenario cannot be found")
UNREADABLE: Final = ScenarioCode("WS013", "a scenario file that cannot be read")

SCENARIO_CODES: Final[Mapping[str, ScenarioCode]] = MappingProxyType(
    {
        code.id: code
        for code in (
            NOT_YAML,
            NOT_PLAIN,
            UNKNOWN_MEMBER,
            MISSING_MEMBER,
            WRONG_SHAPE,
            TOO_MANY,
            NOT_A_TIME,
            UNKNOWN_NAME,
            WRONG_VALUE,
            NOT_AN_EXPECTATION,
            NOTHING_EXPECTED,
            NO_RULES,
            UNREADABLE,
        )
    }
)
"""Every code by its id; the table in `docs/how-to/test-rules.md` is checked against it."""
