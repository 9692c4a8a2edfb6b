"""A scenario, read and checked: what is given, what happens, what is expected. Everything has its instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dsl.diagnostics import Diagnostic, Span
from dsl.values import Instant, JsonValue
from engine.events import EventKind
from engine.reasons import Reason


@dataclass(frozen=True, slots=True)
class Told:
    """One event, before it belongs to anybody."""

    kind: EventKind
    name: str
    properties: Mapping[str, JsonValue] = field(default_factory=dict)
    traits: Mapping[str, JsonValue] = field(default_factory=dict)
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens to a user; without events, guidance is asked for and nothing else.

    context: as a request or an event tells it. words: what happens, for a report.
    """

    told: tuple[Told, ...]
    at: Instant
    context: Mapping[str, JsonValue]
    from_browser: bool
    words: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a step is to show, or whether the page records.

    guide: None for `nothing`. variant, reason: None where any is right. recorded: None for what is shown.
    """

    span: Span
    text: str
    guide: str | None
    is_shown: bool = False
    variant: str | None = None
    reason: Reason | None = None
    recorded: bool | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One round trip: what happens, then guidance is asked for, unless all of it comes from a server.

    is_seen: what is shown is also seen, and so counts for frequency and `limits`.
    """

    span: Span
    happenings: tuple[Happening, ...]
    expected: tuple[Expectation, ...]
    is_seen: bool = True

    @property
    def at(self) -> Instant:
        """The instant of the decision."""
        return self.happenings[-1].at

    @property
    def asks(self) -> bool:
        """True if guidance is asked for."""
        return any(each.from_browser for each in self.happenings)

    @property
    def words(self) -> str:
        """What happens."""
        return ", then ".join(each.words for each in self.happenings)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story.

    user: the id that shares are drawn by; None for somebody who is drawn as the story needs it.
    before: the history, in its order. colleagues: histories of other users of the account.
    responses: by survey, how many submissions it has from others.
    """

    name: str
    span: Span
    user: str | None
    user_span: Span
    before: tuple[Happening, ...]
    colleagues: tuple[tuple[Happening, ...], ...]
    responses: Mapping[str, int]
    has_consent: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """The scenarios of one file; where there are diagnostics, only those that could be read."""

    file: str
    scenarios: tuple[Scenario, ...]
    diagnostics: tuple[Diagnostic, ...]
