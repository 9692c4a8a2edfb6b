"""What a guide or a survey shows and asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from dsl.nodes.conditions import Condition
from dsl.nodes.literals import DurationLiteral, Name, Node, TextLiteral


@dataclass(frozen=True, slots=True)
class OpensUrl(Node):
    url: TextLiteral


@dataclass(frozen=True, slots=True)
class Completes(Node):
    pass


@dataclass(frozen=True, slots=True)
class Dismisses(Node):
    pass


@dataclass(frozen=True, slots=True)
class Snoozes(Node):
    duration: DurationLiteral


@dataclass(frozen=True, slots=True)
class StartsGuide(Node):
    guide: Name


@dataclass(frozen=True, slots=True)
class TracksEvent(Node):
    event: TextLiteral


Action: TypeAlias = OpensUrl | Completes | Dismisses | Snoozes | StartsGuide | TracksEvent


@dataclass(frozen=True, slots=True)
class Title(Node):
    text: TextLiteral


@dataclass(frozen=True, slots=True)
class Body(Node):
    """Markdown with `{{ name | "fallback" }}`; the common indentation of a `\"\"\"` text is already taken off."""

    text: TextLiteral


@dataclass(frozen=True, slots=True)
class Image(Node):
    url: TextLiteral
    alt: TextLiteral


@dataclass(frozen=True, slots=True)
class Video(Node):
    url: TextLiteral


@dataclass(frozen=True, slots=True)
class Button(Node):
    text: TextLiteral
    action: Action


@dataclass(frozen=True, slots=True)
class ChecklistItem(Node):
    """`item "Connect a domain" done when COND [opens "/domains/new"]`."""

    text: TextLiteral
    done_when: Condition
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class TourStep(Node):
    """`step beside "#a" [on page "/x"] { … }`; without a selector it stands in the middle."""

    selector: TextLiteral | None
    page: TextLiteral | None
    content: tuple[ContentItem, ...]


@dataclass(frozen=True, slots=True)
class TranslatedButton(Node):
    """`button 1 "…"`, from 1."""

    number: int
    text: TextLiteral


@dataclass(frozen=True, slots=True)
class TranslatedItem(Node):
    """`item 1 "…"`, from 1."""

    number: int
    text: TextLiteral


@dataclass(frozen=True, slots=True)
class TranslatedQuestion(Node):
    """`ask cause "…" { "unclear" as "…" }`: choice ids (or source texts) to their words."""

    question: Name
    text: TextLiteral | None
    choices: tuple[tuple[TextLiteral, TextLiteral], ...] = ()


@dataclass(frozen=True, slots=True)
class TranslatedOther(Node):
    text: TextLiteral


@dataclass(frozen=True, slots=True)
class TranslatedAlt(Node):
    text: TextLiteral


@dataclass(frozen=True, slots=True)
class Thanks(Node):
    text: TextLiteral


@dataclass(frozen=True, slots=True)
class Translation(Node):
    """`in "de" { … }`."""

    language: TextLiteral
    entries: tuple[
        Title
        | Body
        | Thanks
        | TranslatedButton
        | TranslatedItem
        | TranslatedQuestion
        | TranslatedOther
        | TranslatedAlt,
        ...,
    ]


ContentItem: TypeAlias = Title | Body | Image | Video | Button | ChecklistItem | TourStep | Translation


@dataclass(frozen=True, slots=True)
class Show(Node):
    """`show tooltip beside "#x" { … }`: `widget` is the name of a folder of `widgets/`.

    `side` is top or bottom of a banner. `show as modal` of a survey is the frame its questions stand in, and has no
    content of its own.
    """

    widget: str
    selector: TextLiteral | None = None
    side: str | None = None
    content: tuple[ContentItem, ...] = ()
    is_frame: bool = False


@dataclass(frozen=True, slots=True)
class Variant(Node):
    """`variant plain 50% { show … }`."""

    name: Name
    percent: int | float
    show: Show


@dataclass(frozen=True, slots=True)
class EndsSurvey(Node):
    """`then end`."""


@dataclass(frozen=True, slots=True)
class AsksNext(Node):
    """`then ask detail`."""

    question: Name


Jump: TypeAlias = EndsSurvey | AsksNext


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """`"I was not sure" [as unsure] [feels doubtful] [then …]`; `other` has `is_other` and no text of its own."""

    text: TextLiteral | None
    id: Name | None = None
    feels: Name | None = None
    then: Jump | None = None
    is_other: bool = False

    @property
    def key(self) -> str:
        """The id that answers are stored by: given, or the source text, or `other`."""
        if self.id is not None:
            return self.id.text
        return self.text.value if self.text is not None else "other"


@dataclass(frozen=True, slots=True)
class Scale(Node):
    """`1 to 5 stars|numbers|faces`."""

    low: int
    high: int
    style: str | None = None


@dataclass(frozen=True, slots=True)
class Question(Node):
    """`ask effort ease "How easy …?" …`: `type` is the name of a folder of `widgets/survey/questions/`."""

    type: str
    id: Name
    text: TextLiteral
    scale: Scale | None = None
    at_most: int | None = None
    """`at most 3` choices, or `at most 500 characters` where `counts_characters`."""
    counts_characters: bool = False
    optional: bool = False
    shuffled: bool = False
    condition: Condition | None = None
    """Sees earlier answers by their question's id, as a Comparison whose subject is that id."""
    then: Jump | None = None
    choices: tuple[Choice, ...] = ()
