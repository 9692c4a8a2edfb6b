"""The questions of a survey: how they travel, which is asked after which, and what an `if` says of earlier answers.

One expression, evaluated here and in the browser alike: `if` becomes a small JSON tree (`expression_of`), and both
sides read the tree (`truth`). An earlier question that was skipped or not asked makes a comparison unknown, and a
question whose `if` is unknown is not asked. Which words a user reads is decided by `engine.content`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, assert_never

from dsl.moments import start_of
from dsl.nodes import (
    Always,
    And,
    AsksNext,
    Comparison,
    Condition,
    DayLiteral,
    EndsSurvey,
    Jump,
    NoneOf,
    Not,
    NumberLiteral,
    Or,
    OtherChoice,
    Question,
    TextLiteral,
    TimeLiteral,
    YesNoLiteral,
)
from dsl.nodes.literals import Operand
from dsl.operators import OPERATORS, Operator, Shape, Wants
from dsl.values import (
    UNSET,
    JsonValue,
    Kind,
    Missing,
    Value,
    ValueType,
    format_instant,
    read_instant,
    read_value,
)
from engine.errors import WaypostError
from widgets.registry import QUESTION_TYPES

Expression: TypeAlias = dict[str, JsonValue]
"""`{"all": […]}`, `{"any": […]}`, `{"not": …}`, or `{"question", "op", "value"}` with `ignore_case` where it is meant.

The value is a list where the operator takes several or a range, null where it takes none, RFC 3339 for a day.
"""

Answers: TypeAlias = Mapping[str, JsonValue]
"""What was answered so far, by the question's id; a question that was skipped or not asked is absent."""

UTC: Final = "UTC"


class NotForQuestions(WaypostError):
    """An `if` after a question asks what the browser cannot answer from earlier questions alone."""

    code = "not_for_questions"

    def __init__(self, question: str, what: str) -> None:
        super().__init__(f"the `if` of question `{question}` cannot use {what}; it may compare earlier answers only")


def expression_of(question: Question, earlier: Sequence[Question]) -> Expression | None:
    """The `if` of a question as a tree, or None where the question is always asked.

    Raises NotForQuestions for what speaks of anything but earlier answers; the checker reports it before.
    """
    if question.condition is None:
        return None
    tree = _Conversion(question.id.text, earlier).tree(question.condition)
    if tree is True:
        return None
    # A question has no answer before it is asked, so this is the tree that is false.
    return {"question": question.id.text, "op": "is set", "value": None} if tree is False else tree


class _Conversion:
    """From the `if` of one question to its tree; constants are folded, so that no list in the tree is empty."""

    def __init__(self, name: str, earlier: Sequence[Question]) -> None:
        self._name = name
        self._earlier = {each.id.text: each for each in earlier}

    def tree(self, condition: Condition) -> Expression | bool:
        match condition:
            case Always():
                return True
            case And():
                return _gathered("all", [self.tree(term) for term in condition.terms])
            case Or():
                return _gathered("any", [self.tree(term) for term in condition.terms])
            case Not():
                return _negated(self.tree(condition.term))
            case NoneOf():
                return _negated(_gathered("any", [self.tree(term) for term in condition.terms]))
            case Comparison():
                return self._comparison(condition)
            case _:
                raise NotForQuestions(self._name, "what the user did or where the user is")

    def _comparison(self, condition: Comparison) -> Expression:
        name = ".".join(condition.subject.parts)
        asked = self._earlier.get(name)
        if asked is None:
            raise NotForQuestions(self._name, f"`{name}`, which is no question before it")
        operator = OPERATORS[condition.operator]
        if not operator.is_for_browsers:
            raise NotForQuestions(self._name, f"`{operator.name}`")
        values = [self._value(each, asked) for each in condition.operands]
        tree: Expression = {"question": name, "op": operator.name, "value": _operand(operator, values)}
        return {**tree, "ignore_case": True} if condition.ignoring_case else tree

    def _value(self, operand: Operand | OtherChoice, asked: Question) -> JsonValue:
        match operand:
            case TextLiteral():
                return choice_id(asked, operand.value)
            case OtherChoice():
                return operand.name
            case NumberLiteral() | YesNoLiteral():
                return operand.value
            case DayLiteral():
                # A day is answered as 00:00 UTC of that day, so whole days are compared with whole days.
                return format_instant(start_of(operand, UTC))
            case TimeLiteral():
                return format_instant(operand.instant)
            case _:
                raise NotForQuestions(self._name, "a value of this kind")


def choice_id(question: Question, words: str) -> str:
    """The id of the choice with these words, or with this id; other words are left as they are."""
    keys = {choice.text.value: choice.key for choice in question.choices if choice.text is not None}
    return words if words in {choice.key for choice in question.choices} else keys.get(words, words)


def _gathered(word: str, trees: Sequence[Expression | bool]) -> Expression | bool:
    absorbing = word == "any"
    if absorbing in trees:
        return absorbing
    kept: list[JsonValue] = [tree for tree in trees if not isinstance(tree, bool)]
    if not kept:
        return not absorbing
    only = kept[0]
    return only if len(kept) == 1 and isinstance(only, dict) else {word: kept}


def _negated(tree: Expression | bool) -> Expression | bool:
    return not tree if isinstance(tree, bool) else {"not": tree}


def _operand(operator: Operator, values: list[JsonValue]) -> JsonValue:
    match operator.shape:
        case Shape.NOTHING:
            return None
        case Shape.VALUE | Shape.MOMENT | Shape.DURATION:
            return values[0]
        case Shape.VALUES | Shape.RANGE:
            return values
        case _:
            assert_never(operator.shape)


def truth(expression: Expression, answers: Answers, questions: Mapping[str, Question]) -> bool | None:
    """Whether a tree holds for some answers: true, false, or None for unknown."""
    match expression:
        case {"all": list(trees)}:
            return _all([truth(each, answers, questions) for each in trees if isinstance(each, dict)])
        case {"any": list(trees)}:
            negated = [_not(truth(each, answers, questions)) for each in trees if isinstance(each, dict)]
            return _not(_all(negated))
        case {"not": dict(tree)}:
            return _not(truth(tree, answers, questions))
        case {"question": str(name), "op": str(op), "value": operand}:
            value = _answer(questions.get(name), answers.get(name))
            return _compare(OPERATORS[op], value, operand, ignoring_case=expression.get("ignore_case") is True)
        case _:
            return None


def _all(truths: Sequence[bool | None]) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _answer(question: Question | None, raw: JsonValue) -> Value | Missing:
    if question is None or question.type not in QUESTION_TYPES:
        return UNSET
    return read_value(raw, ValueType(Kind(QUESTION_TYPES[question.type].answers)))


def _compare(operator: Operator, value: Value | Missing, operand: JsonValue, *, ignoring_case: bool) -> bool | None:
    if operator.decided:
        return bool(operator.body(value))
    if isinstance(value, Missing):
        return None
    wanted = [_wanted(each, operator) for each in (operand if isinstance(operand, list) else [operand])]
    if ignoring_case:
        value, wanted = _folded(value), [_folded(each) for each in wanted]
    try:
        return bool(operator.body(value, *wanted if operator.shape is Shape.RANGE else _packed(operator, wanted)))
    except TypeError:
        # An answer of another kind than the tree expects (a text where it compares numbers) decides nothing.
        return None


def _wanted(operand: JsonValue, operator: Operator) -> Value:
    if operator.wants is Wants.MOMENT and isinstance(operand, str):
        instant = read_instant(operand)
        return operand if instant is None else instant
    return operand if isinstance(operand, bool | int | float | str) else ""


def _packed(operator: Operator, wanted: list[Value]) -> tuple[object, ...]:
    return (tuple(wanted),) if operator.shape is Shape.VALUES else tuple(wanted[:1])


def _folded(value: Value) -> Value:
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, tuple):
        return tuple(each.casefold() if isinstance(each, str) else str(each) for each in value)
    return value


def asked(questions: Sequence[Question], answers: Answers) -> tuple[str, ...]:
    """The ids of the questions that a user with these answers met, in order, up to the first without an answer.

    A question that may be skipped is passed when it has no answer and a later one has; the order of the text decides,
    whatever `shuffled` did to choices.
    """
    by_id = {question.id.text: question for question in questions}
    last = max((number for number, each in enumerate(questions) if each.id.text in answers), default=-1)
    met: list[str] = []
    number = 0
    while number < len(questions):
        question = questions[number]
        name = question.id.text
        tree = expression_of(question, questions[:number])
        if tree is not None and truth(tree, answers, by_id) is not True:
            number += 1
            continue
        met.append(name)
        if name not in answers and not (question.optional and number < last):
            break
        jump = jump_after(question, answers.get(name))
        if isinstance(jump, EndsSurvey):
            break
        number = _place_of(jump, questions, number) if jump is not None else number + 1
    return tuple(met)


def jump_after(question: Question, value: JsonValue) -> Jump | None:
    """Where an answer leads: a chosen choice's jump before the question's own; of several choices, in the text's order.

    None: to the next question.
    """
    chosen = value if isinstance(value, list) else [value]
    for choice in question.choices:
        if choice.then is not None and choice.key in chosen:
            return choice.then
    return question.then


def _place_of(jump: AsksNext, questions: Sequence[Question], number: int) -> int:
    later = range(number + 1, len(questions))
    return next((place for place in later if questions[place].id.text == jump.question.text), len(questions))


def jump_to_wire(jump: Jump | None) -> JsonValue:
    """`{"end": true}`, `{"ask": "detail"}`, or null."""
    match jump:
        case None:
            return None
        case EndsSurvey():
            return {"end": True}
        case AsksNext():
            return {"ask": jump.question.text}
        case _:
            assert_never(jump)


def scale_to_wire(question: Question) -> JsonValue:
    """`{"low", "high", "style"}` as written, else the type's own; null for a question without a scale."""
    spec = QUESTION_TYPES[question.type].scale
    if spec is None:
        return None
    written = question.scale
    low, high = (spec.low, spec.high) if written is None or spec.fixed else (written.low, written.high)
    style = written.style if written is not None and written.style is not None else spec.style.value
    return {"low": low, "high": high, "style": style}
