"""What may stand at a spot, by the terminals that the parser would take there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from dsl.checker.declarations import PHASES
from dsl.complete.completion import Offer, Sort, Weight
from dsl.complete.fitting import clause_order, fits_kind
from dsl.complete.names import (
    answers,
    attributes,
    events,
    events_of_step,
    guides,
    journeys,
    number_attributes,
    places,
    properties,
    properties_anywhere,
    segments,
)
from dsl.complete.phrases import ORDER, PHRASES
from dsl.complete.reading import (
    VALUES,
    Compared,
    OfAnswers,
    OfEvent,
    Words,
    blocks,
    compared,
    guide_name,
    questions,
    questions_of,
    scope,
    step_before,
    triggers,
)
from dsl.complete.walk import Spot, tables
from dsl.feelings import FEELINGS
from dsl.formatter.words import quoted
from dsl.nodes import GuideKind
from dsl.operators import OPERATORS, Shape
from dsl.operators.registry import Operator
from dsl.project import RuleProject
from dsl.terminals import ALTERNATIVES, OPERATOR_SPELLINGS
from dsl.values import Kind
from widgets.registry import QUESTION_TYPES, WIDGETS

_SKIPPED: Final = VALUES | {"NAME", "COMMA", "COMMA_TEXT", "PATH", "PLACE"}
_EVENTS_AFTER: Final = frozenset(
    {"ON", "ON_FIRST", "GOAL", "REACHED_BY", "ATTEMPTED_BY", "OUTCOME", "USED_BY", "DID", "DID_NOT", "THEN",
     "DIRECTLY_THEN", "AND_NOT_TEXT", "FIRST_DID", "LAST_DID", "SINCE", "TRACKS"}
)  # fmt: skip
_EARLIER: Final[Mapping[str, int]] = {"WHERE": 0, "AT_LEAST": 0, "IN_LAST": 0, "OP_NOTHING": 2}
"""What is wanted more often than its place in the grammar says, and less often (`is set`)."""
_WHICH_ONE: Final = ("is", "is not", "is one of", "is none of")
_STAGE_TOO: Final = frozenset({"AT", "REACHED"})
_AGGREGATIONS: Final = frozenset({"SUM_OF", "HIGHEST_OF", "LOWEST_OF", "AVERAGE_OF"})


def offers_at(spot: Spot, project: RuleProject) -> Iterator[Offer]:
    """Everything that may stand at a spot, in no order, perhaps twice."""
    accepts = tables().accepts(spot.states)
    here = fits_kind(spot.words, accepts)
    may_begin_clause = "PRIORITY" in accepts
    declarations = tables().accepts_after() if spot.words else frozenset[str]()
    for terminal in sorted(here, key=lambda each: (_EARLIER.get(each, 1), ORDER.get(each, 0), each)):
        clause = clause_order(terminal) if may_begin_clause else None
        if clause is not None:
            # What goes on with the clause that stands before comes first.
            yield Offer(PHRASES[terminal][0], Sort.KEYWORD, Weight.ELSEWHERE, order=clause)
        elif terminal in declarations and "GUIDE" in accepts:
            yield Offer(PHRASES[terminal][0], Sort.KEYWORD, Weight.ELSEWHERE)
        elif terminal in _NAMED:
            yield from _NAMED[terminal](spot.words, project)
        elif terminal.startswith("OP_"):
            yield from _operators(terminal, spot.words, project)
        elif terminal in PHRASES:
            yield from _words(terminal, spot.words, project)
        elif terminal == "LBRACE":
            yield Offer("{", Sort.KEYWORD, Weight.ELSEWHERE)


def governor(words: Words) -> str:
    """The last word that is no name or value: `for` after `for beta, `."""
    return next((word.type for word in reversed(words) if word.type not in _SKIPPED), "")


def _last_operator(words: Words) -> int | None:
    return next((index for index in range(len(words) - 1, -1, -1) if words[index].type.startswith("OP_")), None)


def _value_of(words: Words, project: RuleProject) -> Compared | None:
    """What the value that may follow these words is compared with."""
    index = _last_operator(words)
    return None if index is None else compared(words[:index], project)


def _takes_value(words: Words, kind: Kind, project: RuleProject) -> bool:
    """Whether a value of that kind may follow; True where it is not known."""
    if words and words[-1].type == "DEFAULT":
        declared = next((word for word in reversed(words) if word.type in {"KIND", "ONE_OF"}), None)
        return declared is not None and " ".join(declared.text.split()) == kind.value
    found = _value_of(words, project)
    return found is None or found.type is None or found.type.kind is kind


# Words of the language


def _words(terminal: str, words: Words, project: RuleProject) -> Iterator[Offer]:
    first = PHRASES[terminal][0]
    match terminal:
        case "YES" | "NO" | "VERSION":
            kind = Kind.VERSION if terminal == "VERSION" else Kind.YES_NO
            if _takes_value(words, kind, project):
                yield Offer(first, Sort.KEYWORD, Weight.FITTING, kind.value)
        case "SUFFIX" | "IGNORING_CASE":
            operator = _operator_before(words)
            if terminal == "SUFFIX" and operator is not None and operator.suffix is not None:
                yield Offer(operator.suffix, Sort.KEYWORD, Weight.FITTING)
            elif terminal == "IGNORING_CASE" and operator is not None and operator.can_ignore_case:
                yield Offer(first, Sort.KEYWORD, Weight.WORD)
        case "TIMES" | "DAYS" | "RESPONSES":
            plural, singular = PHRASES[terminal]
            yield Offer(singular if words and words[-1].text == "1" else plural, Sort.KEYWORD, Weight.FITTING)
        case "KIND" | "ONE_OF":
            yield from (Offer(each, Sort.TYPE, Weight.FITTING, "type") for each in PHRASES[terminal])
        case _ if terminal in ALTERNATIVES:
            yield from (Offer(each, Sort.VALUE, Weight.FITTING) for each in PHRASES[terminal])
        case _:
            yield Offer(first, Sort.KEYWORD, Weight.WORD)


def _operator_before(words: Words) -> Operator | None:
    """The operator of the comparison that the words end with."""
    index = _last_operator(words)
    return None if index is None else OPERATORS.get(OPERATOR_SPELLINGS.get(" ".join(words[index].text.split()), ""))


def _operators(terminal: str, words: Words, project: RuleProject) -> Iterator[Offer]:
    found = compared(words, project)
    shape = Shape[terminal.removeprefix("OP_")]
    for operator in OPERATORS.values():
        fits = found is None or found.type is None or found.type.kind in operator.accepts
        if operator.shape is shape and fits:
            weight = Weight.WORD if found is None else Weight.FITTING
            yield Offer(
                operator.name,
                Sort.OPERATOR,
                weight,
                operator.doc.split("\n")[0],
                order=_operator_order(operator, found),
            )


def _operator_order(operator: Operator, found: Compared | None) -> int:
    """Of values that can be listed it is asked which one it is, rather than what letters are in it."""
    is_listed = found is not None and found.type is not None and found.type.kind is Kind.ONE_OF
    return 1 if is_listed and operator.name not in _WHICH_ONE else 0


# Names


def _subjects(words: Words, project: RuleProject) -> Iterator[Offer]:
    match scope(words):
        case OfEvent(event):
            yield from properties(event, project)
        case OfAnswers():
            yield from answers(questions(words)[:-1])
        case _:
            yield from attributes(project, triggers(words, project))


def _places(words: Words, project: RuleProject) -> Iterator[Offer]:
    yield from places(project, stages=governor(words) in _STAGE_TOO)


def _paths(words: Words, project: RuleProject) -> Iterator[Offer]:
    if words and words[-1].type == "ANSWERED":
        yield from guides(project, surveys_only=True)
        for name, guide in project.guides.items():
            if guide.kind is not GuideKind.GUIDE:
                yield from answers(questions_of(name, project), survey=name)
    elif words and words[-1].type == "OF":
        match scope(words[:-2]):
            case OfEvent(event):
                yield from (each for each in properties(event, project) if each.detail == Kind.NUMBER.value)
            case _:
                yield from number_attributes(project, triggers(words, project))


def _names(words: Words, project: RuleProject) -> Iterator[Offer]:
    after = governor(words)
    if after in _NAMES_AFTER:
        yield from _NAMES_AFTER[after](words, project)
    elif after.startswith("OP_"):
        found = _value_of(words, project)
        in_words = (each for each in found.choices if each.isidentifier()) if found is not None else ()
        yield from (Offer(each, Sort.CHOICE, Weight.FITTING, "choice") for each in in_words)


def _guides(words: Words, project: RuleProject) -> Iterator[Offer]:
    own = guide_name(words)
    return (each for each in guides(project) if each.label != own)


def _completed(_: Words, project: RuleProject) -> Iterator[Offer]:
    yield from journeys(project)
    yield from guides(project)


def _phases(words: Words, _: RuleProject) -> Iterator[Offer]:
    index = next((number for number in range(len(words) - 1, -1, -1) if words[number].type in {"STAGE", "LBRACE"}), -1)
    if index >= 0 and words[index].type == "STAGE":
        yield from (Offer(phase, Sort.VALUE, Weight.FITTING, "phase") for phase in PHASES)


def _feelings(words: Words, _: RuleProject) -> Iterator[Offer]:
    if words[-1].type != "OR" or any(word.type == "FELT" for word in words[-6:]):
        for feeling, valence in FEELINGS.items():
            yield Offer(feeling, Sort.FEELING, Weight.FITTING, f"valence {valence:+g}" if valence else "valence 0")


def _widgets(words: Words, _: RuleProject) -> Iterator[Offer]:
    framing = words[-1].type == "SHOW_AS"
    for spec in WIDGETS.values():
        if spec.frames_surveys if framing else spec.in_guides:
            yield Offer(spec.name, Sort.WIDGET, Weight.FITTING, spec.doc)


def _after_ask(words: Words, project: RuleProject) -> Iterator[Offer]:
    if words[-1].type != "ASK":
        return
    if _in_translation(words):
        own = questions(words) or questions_of(guide_name(words) or "", project)
        yield from (Offer(each.id, Sort.QUESTION, Weight.FITTING, each.text) for each in own)
        return
    for spec in QUESTION_TYPES.values():
        yield Offer(spec.name, Sort.QUESTION_TYPE, Weight.FITTING, spec.doc)


def _in_translation(words: Words) -> bool:
    opened = blocks(words)
    return bool(opened) and _translates(words, opened[-1])


def _in_translated_choices(words: Words) -> bool:
    opened = blocks(words)
    return len(opened) > 1 and _translates(words, opened[-2])


def _translates(words: Words, brace: int) -> bool:
    return brace >= 2 and words[brace - 2].type == "IN_TEXT"


def _later_questions(words: Words, project: RuleProject) -> Iterator[Offer]:
    before = {each.id for each in questions(words)}
    own = questions_of(guide_name(words) or "", project)
    yield from (Offer(each.id, Sort.QUESTION, Weight.FITTING, each.text) for each in own if each.id not in before)


def _limited(words: Words, _: RuleProject) -> Iterator[Offer]:
    if words[-1].type not in {"NUMBER", "BETWEEN"}:
        return
    ending = "" if words[-1].text == "1" else "s"
    for kind in (GuideKind.GUIDE, GuideKind.SURVEY):
        yield Offer(kind.value + ending, Sort.KEYWORD, Weight.FITTING)
    for spec in WIDGETS.values():
        if spec.in_guides:
            yield Offer(spec.name + ending, Sort.WIDGET, Weight.BUILT_IN)


_NAMES_AFTER: Final[Mapping[str, Callable[[Words, RuleProject], Iterable[Offer]]]] = {
    **dict.fromkeys(("FOR", "TESTERS", "IN"), lambda _, project: segments(project)),
    **dict.fromkeys(("SAW", "DISMISSED", "STARTS"), lambda _, project: guides(project)),
    **dict.fromkeys(("SHOW", "SHOW_AS"), _widgets),
    **dict.fromkeys(("FEELS", "FELT", "OR"), _feelings),
    **dict.fromkeys(("AT_MOST", "BETWEEN"), _limited),
    **dict.fromkeys(_AGGREGATIONS, lambda _, project: properties_anywhere(project, Kind.NUMBER)),
    "NUMBER_OF_DIFFERENT": lambda _, project: properties_anywhere(project),
    "NOT_WITH": _guides,
    "COMPLETED": _completed,
    "ASK": _after_ask,
    "THEN_ASK": _later_questions,
    "AS": _phases,
}
"""What a name may be, by the word that it follows."""


# Texts


def _texts(words: Words, project: RuleProject) -> Iterator[Offer]:
    after = governor(words)
    if after == "IN_TEXT" and _is_aggregate(words):
        wanted = unquoted_name(words)
        fitting = [name for name, event in project.catalog.events.items() if wanted in event.properties]
        yield from events(project, fitting)
    elif after in _EVENTS_AFTER or (after == "EVENT" and words[-1].type == "EVENT"):
        place = step_before(words)
        yield from events(project, events_of_step(place, project) if place is not None else ())
    elif after in {"ON_PAGE", "BESIDE", "ELEMENT", "WHEN_CLICKED"}:
        yield from _touchpoints(project, pages=after == "ON_PAGE")
    elif after == "IMPORT":
        yield from (Offer(each, Sort.FILE, Weight.DECLARED, insert=quoted(each)) for each in project.sources)
    elif _in_translated_choices(words):
        question = next((words[i + 1].text for i in range(len(words) - 2, -1, -1) if words[i].type == "ASK"), "")
        own = (*questions(words), *questions_of(guide_name(words) or "", project))
        asked = next((each for each in own if each.id == question.strip("`")), None)
        keys = asked.choices if asked is not None and words[-1].type != "AS" else ()
        yield from (Offer(each, Sort.CHOICE, Weight.FITTING, "choice", quoted(each)) for each in keys)
    elif after == "DEFAULT":
        yield from _allowed(_declared_values(words))
    elif after.startswith("OP_"):
        found = _value_of(words, project)
        if found is not None and found.choices:
            yield from (Offer(each, Sort.CHOICE, Weight.FITTING, "choice", quoted(each)) for each in found.choices)
        elif found is not None and found.type is not None:
            yield from _allowed(found.type.allowed)


def _is_aggregate(words: Words) -> bool:
    return len(words) > 2 and words[-1].type == "IN_TEXT" and words[-3].type in {*_AGGREGATIONS, "NUMBER_OF_DIFFERENT"}


def unquoted_name(words: Words) -> str:
    """The name before the last word, without its backticks."""
    return words[-2].text.strip("`")


def _allowed(values: Iterable[str]) -> Iterator[Offer]:
    return (Offer(value, Sort.VALUE, Weight.FITTING, "value", quoted(value)) for value in values)


def _declared_values(words: Words) -> list[str]:
    start = next((index for index in range(len(words) - 1, -1, -1) if words[index].type == "ONE_OF"), len(words))
    return [word.text.strip('"') for word in words[start:] if word.type == "STRING"]


def _touchpoints(project: RuleProject, *, pages: bool) -> Iterator[Offer]:
    for journey in project.journeys.values():
        for step in journey.steps:
            for each in step.touchpoints:
                text = each.text.value
                if each.channel is None and text.startswith("/") is pages:
                    yield Offer(text, Sort.VALUE, Weight.FITTING, f"touchpoint of {step.name.text}", quoted(text))


_NAMED: Final[Mapping[str, Callable[[Words, RuleProject], Iterable[Offer]]]] = {
    "SUBJECT": _subjects,
    "PLACE": _places,
    "PATH": _paths,
    "NAME": _names,
    "STRING": _texts,
}
