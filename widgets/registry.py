"""Which widgets and question types there are, read from their folders.

A widget is a folder of `widgets/` with a `widget.json`, a question type one of `widgets/survey/questions/` with a
`question.json`. The language checker, the engine, the console and the docs read this registry; none of them keeps a
list of its own. It knows facts only: how a thing looks is in its renderer, what may travel in its `schema.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
QUESTIONS_FOLDER: Final = FOLDER / "survey" / "questions"


class Item(StrEnum):
    """What may stand between the braces of a `show`, by its keyword."""

    TITLE = "title"
    BODY = "body"
    IMAGE = "image"
    VIDEO = "video"
    BUTTON = "button"
    ITEM = "item"
    STEP = "step"


class Selector(StrEnum):
    """Whether `beside "SELECTOR"` stands after a widget's name."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


class Style(StrEnum):
    """How a scale is drawn."""

    NUMBERS = "numbers"
    STARS = "stars"
    FACES = "faces"


class Choosing(StrEnum):
    """What one does with a question's choices."""

    ONE = "one"
    ANY = "any"
    ORDER = "order"


class Limit(StrEnum):
    """What `at most N` after a question counts."""

    CHOICES = "choices"
    CHARACTERS = "characters"


class Score(StrEnum):
    """The published score that answers of a question type add up to."""

    NPS = "nps"
    CES = "ces"
    CSAT = "csat"


MOST_POINTS: Final[Mapping[Style, int]] = MappingProxyType({Style.NUMBERS: 11, Style.STARS: 10, Style.FACES: 7})
"""How many points a scale of that style can have and still be drawn on a phone; the fewest are 2."""


@dataclass(frozen=True, slots=True)
class WidgetSpec:
    """One widget.

    sides: what may follow the name (`show banner top`); the first is the default.
    items: what may stand between its braces; `needs`: at least one of these must. `step_items`: inside a tour's step.
    overlay: it makes the rest of the page wait and takes the focus.
    in_guides: it may stand after `show` in a guide. frames_surveys: it may stand after `show as` in a survey.
    """

    name: str
    doc: str
    selector: Selector
    sides: tuple[str, ...]
    items: frozenset[Item]
    needs: frozenset[Item]
    step_items: frozenset[Item]
    overlay: bool
    in_guides: bool
    frames_surveys: bool

    @property
    def takes_selector(self) -> bool:
        return self.selector is not Selector.NONE

    @property
    def needs_selector(self) -> bool:
        return self.selector is Selector.REQUIRED

    @property
    def default_side(self) -> str | None:
        return self.sides[0] if self.sides else None


@dataclass(frozen=True, slots=True)
class ScaleSpec:
    """The scale that a question has if none is written; a `fixed` one keeps its ends (its style may change)."""

    low: int
    high: int
    style: Style
    fixed: bool


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """One question type.

    answers: the kind of an answer's value, spelled as the language spells kinds (`number`, `list of text`).
    scale: the default scale, None where the type has none. choices: what is done with `{ choices }`, None where the
    type takes none. limits: what `at most N` counts, None where it may not stand.
    """

    name: str
    doc: str
    answers: str
    scale: ScaleSpec | None
    choices: Choosing | None
    limits: Limit | None
    score: Score | None

    @property
    def accepts_scale(self) -> bool:
        return self.scale is not None

    @property
    def accepts_choices(self) -> bool:
        """True where `{ choices }` may stand; where it may, it must. `shuffled` goes with it."""
        return self.choices is not None


def _browser_operators() -> frozenset[str]:
    schema = json.loads((FOLDER / "survey" / "parts.schema.json").read_bytes())
    comparison = next(each for each in schema["$defs"]["expression"]["oneOf"] if each.get("title") == "Comparison")
    return frozenset(comparison["properties"]["op"]["enum"])


BROWSER_OPERATORS: Final = _browser_operators()
"""The comparisons that the `if` of a question may use: those that travel, and that `survey/flow.ts` decides."""

SURVEY_FRAME: Final = "slideout"
"""The widget that a survey is shown in unless it says `show as …`."""


def _read_widget(name: str, facts: dict[str, Any]) -> WidgetSpec:
    return WidgetSpec(
        name=name,
        doc=facts["doc"],
        selector=Selector(facts["selector"]),
        sides=tuple(facts["sides"]),
        items=frozenset(map(Item, facts["items"])),
        needs=frozenset(map(Item, facts["needs"])),
        step_items=frozenset(map(Item, facts.get("step_items", ()))),
        overlay=facts["overlay"],
        in_guides=facts["in_guides"],
        frames_surveys=facts["frames_surveys"],
    )


def _read_question(name: str, facts: dict[str, Any]) -> QuestionSpec:
    scale = facts.get("scale")
    return QuestionSpec(
        name=name,
        doc=facts["doc"],
        answers=facts["answers"],
        scale=ScaleSpec(scale["low"], scale["high"], Style(scale["style"]), scale["fixed"]) if scale else None,
        choices=Choosing(facts["choices"]) if "choices" in facts else None,
        limits=Limit(facts["limits"]) if "limits" in facts else None,
        score=Score(facts["score"]) if "score" in facts else None,
    )


def _facts(folder: Path, file: str) -> dict[str, dict[str, Any]]:
    return {path.parent.name: json.loads(path.read_bytes()) for path in sorted(folder.glob(f"*/{file}"))}


WIDGETS: Final[Mapping[str, WidgetSpec]] = MappingProxyType(
    {name: _read_widget(name, facts) for name, facts in _facts(FOLDER, "widget.json").items()}
)
"""Every widget by its name, in the order of the alphabet."""

QUESTION_TYPES: Final[Mapping[str, QuestionSpec]] = MappingProxyType(
    {name: _read_question(name, facts) for name, facts in _facts(QUESTIONS_FOLDER, "question.json").items()}
)
"""Every question type by the word after `ask`, in the order of the alphabet."""
