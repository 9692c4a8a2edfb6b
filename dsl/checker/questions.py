"""Answers: which question is meant, of what type its answers are, what its choices are called."""

from __future__ import annotations

from collections.abc import Iterable

from dsl.checker.comparisons import Asked, Test, check_test, no_share
from dsl.checker.report import Report, written
from dsl.clauses import every
from dsl.codes import content, names
from dsl.diagnostics import Span
from dsl.nodes import And, Answered, Comparison, Condition, Guide, NoneOf, Not, Or, Question, ShareOf
from dsl.operators import OPERATORS
from dsl.values import Kind, ValueType
from widgets.registry import QUESTION_TYPES


def answer_type(question: Question) -> ValueType | None:
    """Of what type the answers are; None for a type of question that does not exist."""
    spec = QUESTION_TYPES.get(question.type)
    return None if spec is None else ValueType(Kind(spec.answers))


def asked_of(question: Question, span: Span, words: str) -> Asked | None:
    """The answer to a question, as something that is compared."""
    type_ = answer_type(question)
    if type_ is None:
        return None
    keys = tuple(choice.key for choice in question.choices) if question.choices else None
    texts = {
        choice.text.value: choice.id.text
        for choice in question.choices
        if choice.id is not None and choice.text is not None
    }
    return Asked(words, type_, span, choices=keys, texts=texts)


def check_answered(report: Report, condition: Answered) -> None:
    """`answered SURVEY.QUESTION …`: both exist, and what is compared is an answer that can be given."""
    survey = report.survey(condition.survey)
    if survey is None or condition.question is None:
        return
    question = _question(every(survey, Question), condition.question.text)
    if question is None and not report.is_whole(survey):
        return
    if question is None:
        known = [each.id.text for each in every(survey, Question)]
        listed = ", ".join(f"`{each}`" for each in known)
        report.unknown(
            names.UNKNOWN_QUESTION,
            condition.question.span,
            f"survey `{survey.name.text}` has no question `{condition.question.text}`",
            condition.question.text,
            known,
            write=written,
            otherwise=f"its questions are {listed}" if listed else None,
        )
        return
    if condition.operator is None:
        return
    asked = asked_of(question, condition.question.span, f"`{survey.name.text}.{question.id.text}`")
    if asked is not None:
        test = Test(condition.operator, condition.operands, condition.span, condition.ignoring_case)
        check_test(report, asked, test, no_share)


def check_question_if(report: Report, survey: Guide, question: Question) -> None:
    """The `if` of a question asks of answers to questions above it."""
    asked_before: list[Question] = []
    for each in every(survey, Question):
        if each is question:
            break
        asked_before.append(each)
    if question.condition is not None:
        _check_if(report, survey, asked_before, question.condition)


def _check_if(report: Report, survey: Guide, before: list[Question], condition: Condition) -> None:
    match condition:
        case And() | Or() | NoneOf():
            for term in condition.terms:
                _check_if(report, survey, before, term)
        case Not():
            _check_if(report, survey, before, condition.term)
        case Comparison():
            _check_earlier_answer(report, survey, before, condition)
        case _:
            report.add(content.ONLY_ANSWERS.at(condition.span, "here only answers to questions above can be asked"))


def _check_earlier_answer(report: Report, survey: Guide, before: list[Question], condition: Comparison) -> None:
    path = condition.subject
    name = ".".join(path.parts)
    question = _question(before, name)
    if question is not None:
        asked = asked_of(question, path.span, f"`{name}`")
        if not _is_for_browsers(condition):
            message = f"the `if` of a question cannot use `{condition.operator}` in this way: the browser decides it"
            help_ = "compare the answer with a value: `is`, `is one of`, `contains`, `starts with`, `>=`, `between`"
            report.add(content.ONLY_ANSWERS.at(condition.span, message, help=help_))
        elif asked is not None:
            test = Test(condition.operator, condition.operands, condition.span, condition.ignoring_case)
            check_test(report, asked, test, no_share)
    elif _question(every(survey, Question), name) is not None:
        message = f"`{name}` is not answered yet when this is asked"
        help_ = "move this question below it, or ask of a question above"
        report.add(content.LATER_QUESTION.at(path.span, message, help=help_))
    elif report.project.catalog.subject(path.parts) is not None or path.parts[0] == "event":
        message = f"`{name}` is known of the user; here only answers to questions above can be asked"
        report.add(content.ONLY_ANSWERS.at(path.span, message, help="ask it in `when` of the survey"))
    elif report.is_whole(survey):
        known = [each.id.text for each in before]
        listed = ", ".join(f"`{each}`" for each in known)
        report.unknown(
            names.UNKNOWN_QUESTION,
            path.span,
            f"there is no question `{name}` above",
            name,
            known,
            write=written,
            otherwise=f"above are {listed}" if listed else "no question stands above this one",
        )


def _is_for_browsers(condition: Comparison) -> bool:
    has_share = any(isinstance(operand, ShareOf) for operand in condition.operands)
    return OPERATORS[condition.operator].is_for_browsers and not has_share


def _question(questions: Iterable[Question], name: str) -> Question | None:
    return next((each for each in questions if each.id.text == name), None)
