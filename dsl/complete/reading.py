"""What the words before a position say about it: whose values are asked for, what is compared, which guide it is.

Everything is read from the words, so that it is known in declarations that cannot be parsed yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from dsl.clauses import PAGE_EVENT, SESSION_START_EVENT, every, trigger_events
from dsl.mistakes import Word
from dsl.nodes import GuideKind, Question
from dsl.project import RuleProject
from dsl.values import NUMBER, TIME, Kind, ValueType
from widgets.registry import QUESTION_TYPES

Words: TypeAlias = Sequence[Word]

VALUES: Final = frozenset({"STRING", "NUMBER", "YES", "NO", "DAY", "TIME", "VERSION", "PATTERN", "PERCENT", "DURATION"})
_COMPARING: Final = VALUES | {
    "OP_NOTHING", "OP_VALUE", "OP_VALUES", "OP_RANGE", "OP_DURATION", "OP_MOMENT", "SUBJECT", "PATH", "OF", "SUFFIX",
    "IGNORING_CASE", "COMMA", "COMMA_TEXT", "AND", "AND_COMPARED", "OR", "NOT", "LPAR", "RPAR", "NAME",
}  # fmt: skip
_TAKING_ONE_EVENT: Final = frozenset(
    {"DID", "DID_NOT", "THEN", "DIRECTLY_THEN", "AND_NOT_TEXT", "FIRST_DID", "LAST_DID", "IN_TEXT"}
)
"""The words before an event whose `where` is ended by `or`, by `not` and by an `and` that compares nothing."""
_TAKING_EVENTS: Final = frozenset({"ON", "ON_FIRST", "GOAL", "REACHED_BY", "ATTEMPTED_BY", "OUTCOME", "USED_BY"})
_AGGREGATIONS: Final = frozenset({"SUM_OF", "HIGHEST_OF", "LOWEST_OF", "AVERAGE_OF", "NUMBER_OF_DIFFERENT"})
_KINDS: Final = {kind.name: kind for kind in GuideKind}


class OfUser:
    """Attributes are asked for."""


class OfAnswers:
    """Answers to questions above are asked for."""


@dataclass(frozen=True, slots=True)
class OfEvent:
    """Properties of an event are asked for."""

    event: str


Scope: TypeAlias = OfUser | OfAnswers | OfEvent


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a survey, with the keys of its choices."""

    id: str
    type: str
    text: str = ""
    choices: tuple[str, ...] = ()

    @property
    def answers(self) -> ValueType | None:
        spec = QUESTION_TYPES.get(self.type)
        return None if spec is None else ValueType(Kind(spec.answers))


@dataclass(frozen=True, slots=True)
class Compared:
    """What stands to the left of an operator. type: None where it is not known. choices: of an answer, by key."""

    name: str = ""
    type: ValueType | None = None
    choices: tuple[str, ...] = field(default=())


def unquoted(word: Word) -> str:
    """A text without its quotes, a name without its backticks."""
    text = word.text
    return text.strip('"').replace('\\"', '"') if word.type == "STRING" else text.strip("`")


def blocks(words: Words) -> list[int]:
    """The indices of the braces that are open, the outermost first."""
    opened: list[int] = []
    for index, word in enumerate(words):
        if word.type == "LBRACE":
            opened.append(index)
        elif word.type == "RBRACE" and opened:
            opened.pop()
    return opened


def guide_kind(words: Words) -> GuideKind | None:
    """The kind of guide that the words are in."""
    opened = blocks(words)
    head = words[: opened[0]] if opened else ()
    return next((_KINDS[word.type] for word in reversed(head) if word.type in _KINDS), None)


def guide_name(words: Words) -> str | None:
    """The name of the guide that the words are in."""
    opened = blocks(words)
    for index in range(opened[0] - 1 if opened else -1, 0, -1):
        if words[index - 1].type in _KINDS and words[index].type == "NAME":
            return unquoted(words[index])
    return None


def triggers(words: Words, project: RuleProject) -> tuple[str, ...]:
    """The events that wake the guide, those after the position too where the guide could be read before."""
    found = []
    for index, word in enumerate(words):
        if word.type in {"ON", "ON_FIRST"} and index + 1 < len(words) and words[index + 1].type == "STRING":
            found.append(unquoted(words[index + 1]))
        elif word.type == "ON_PAGE":
            found.append(PAGE_EVENT)
        elif word.type == "ON_SESSION_START":
            found.append(SESSION_START_EVENT)
    guide = project.guides.get(guide_name(words) or "")
    return tuple(dict.fromkeys([*found, *(trigger_events(guide) if guide is not None else ())]))


def step_before(words: Words) -> str | None:
    """The first place of the guide's `at` clause, as written."""
    depth = 0
    for index, word in enumerate(words):
        depth += {"LBRACE": 1, "RBRACE": -1}.get(word.type, 0)
        if word.type == "PLACE" and depth == 1 and words[index - 1].type == "AT":
            return word.text
    return None


def questions(words: Words) -> tuple[Asked, ...]:
    """The questions of the survey that stand before the position."""
    return tuple(_questions(words))


def _questions(words: Words) -> Iterator[Asked]:
    starts = [
        index
        for index, word in enumerate(words[:-2])
        if word.type == "ASK" and words[index + 1].type == words[index + 2].type == "NAME"
    ]
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(words)
        part = words[start:end]
        choices: list[str] = []
        brace = next((index for index, word in enumerate(part) if word.type == "LBRACE"), len(part))
        for index in range(brace + 1, len(part)):
            word = part[index]
            if word.type == "RBRACE":
                break
            if word.type == "STRING":
                choices.append(unquoted(word))
            elif word.type == "OTHER":
                choices.append("other")
            elif word.type == "NAME" and part[index - 1].type == "AS" and choices:
                choices[-1] = unquoted(word)
        text = unquoted(part[3]) if len(part) > 3 and part[3].type == "STRING" else ""
        yield Asked(unquoted(part[2]), part[1].text, text, tuple(choices))


def questions_of(name: str, project: RuleProject) -> tuple[Asked, ...]:
    """The questions of a survey by its name."""
    guide = project.guides.get(name)
    return () if guide is None else tuple(map(as_asked, every(guide, Question)))


def as_asked(question: Question) -> Asked:
    """A question that could be parsed."""
    keys = tuple(choice.key for choice in question.choices)
    return Asked(question.id.text, question.type, question.text.value, keys)


def scope(words: Words) -> Scope:
    """Whose values a comparison asks for that begins after these words."""
    is_ended = False
    depth = 0
    for index in range(len(words) - 1, -1, -1):
        match words[index].type:
            case "RPAR":
                depth += 1
            case "LPAR" if depth:
                depth -= 1
            case "LPAR":
                is_ended = False
            case "AND" if not depth and words[max(0, index - 2)].type != "OP_RANGE":
                is_ended = True
            case "OR" | "NOT" if not depth:
                is_ended = True
            case "IF":
                return OfAnswers()
            case "WHERE":
                return _event_of_where(words[:index], is_ended=is_ended)
            case other if other not in _COMPARING:
                return OfUser()
    return OfUser()


def _event_of_where(before: Words, *, is_ended: bool) -> Scope:
    if len(before) < 2 or before[-1].type != "STRING":
        return OfUser()
    taking = next((word.type for word in reversed(before[:-1]) if word.type not in {"STRING", "COMMA"}), "")
    if taking in _TAKING_EVENTS or (taking in _TAKING_ONE_EVENT and not is_ended):
        return OfEvent(unquoted(before[-1]))
    return OfUser()


def compared(words: Words, project: RuleProject) -> Compared | None:  # noqa: PLR0911  (one a kind of subject)
    """What an operator or a value after these words compares; None where nothing is."""
    is_value_read = False
    for index in range(len(words) - 1, -1, -1):
        word = words[index]
        match word.type:
            case "SUBJECT" if is_value_read:
                continue
            case "SUBJECT":
                return compared_path(words, index, project)
            case "PATH" if words[index - 1].type == "ANSWERED":
                return _answer(word, project)
            case "PLACE" if words[index - 1].type == "FRICTION_AT":
                return Compared("friction", NUMBER)
            case "DAYS_ACTIVE":
                return Compared("days active", NUMBER)
            case "FIRST_DID" | "LAST_DID":
                return Compared("the time of the event", TIME)
            case other if other in _AGGREGATIONS:
                return Compared("the result", NUMBER)
            case "IN_LAST" | "SINCE" | "WHERE" | "IN_TEXT" | "PLACE":
                is_value_read = True
            case other if other in VALUES:
                is_value_read = True
            case other if other not in _COMPARING:
                return None
    return None


def compared_path(words: Words, index: int, project: RuleProject) -> Compared:
    """What the path at an index speaks of."""
    parts = tuple(part.strip().strip("`") for part in words[index].text.split("."))
    name = ".".join(parts)
    match scope(words[:index]):
        case OfEvent(event):
            subject = project.catalog.property(event, name)
        case OfAnswers():
            asked = next((each for each in questions(words[:index]) if each.id == name), None)
            return Compared(name) if asked is None else Compared(name, asked.answers, asked.choices)
        case _:
            subject = project.catalog.subject(parts, triggers=triggers(words, project))
    return Compared(name, subject.type if subject is not None else None)


def _answer(word: Word, project: RuleProject) -> Compared:
    survey, _, question = word.text.partition(".")
    asked = next((each for each in questions_of(survey.strip("` "), project) if each.id == question.strip("` ")), None)
    return Compared(word.text) if asked is None else Compared(word.text, asked.answers, asked.choices)
