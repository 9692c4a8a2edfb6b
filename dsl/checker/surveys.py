"""What a survey asks: types of questions from `widgets.registry`, scales, choices, jumps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsl.checker.conditions import check_feeling
from dsl.checker.questions import check_question_if
from dsl.checker.report import Report, written
from dsl.checker.scope import Scope
from dsl.checker.texts import check_text
from dsl.checker.translations import check_translations, words_of_survey
from dsl.clauses import every, one
from dsl.codes import content, names, values, warnings
from dsl.nodes import AsksNext, Choice, EndsSurvey, Guide, GuideKind, Jump, Question, Thanks, Translation
from widgets.registry import MOST_POINTS, QUESTION_TYPES, Choosing, Limit, QuestionSpec, Style

_END = -1
"""The place after the last question."""


def check_survey(report: Report, survey: Guide, scope: Scope) -> None:
    """Check the questions of a survey, what leads from one to the next, and their translations."""
    questions = every(survey, Question)
    report.twice((each.id for each in questions), what="question")
    for question in questions:
        check_text(report, question.text, scope, what="the question")
        spec = QUESTION_TYPES.get(question.type)
        if spec is None:
            report.unknown(
                names.UNKNOWN_QUESTION_TYPE,
                report.word_of(question, question.type),
                f"`{question.type}` is no type of question",
                question.type,
                QUESTION_TYPES,
                write=lambda each: each,
                otherwise="there are " + ", ".join(f"`{each}`" for each in QUESTION_TYPES),
            )
        else:
            _check_options(report, question, spec)
            _check_choices(report, question, spec, is_whole=report.is_whole(survey))
        check_question_if(report, survey, question)
    if report.is_whole(survey):
        for number, question in enumerate(questions):
            for jump in _jumps(question):
                _check_jump(report, questions, number, jump)
        _check_all_are_asked(report, questions)
    has_launcher = survey.kind is GuideKind.FEEDBACK and survey.label is not None
    words = words_of_survey(questions, thanks=one(survey, Thanks) is not None, label=has_launcher)
    check_translations(report, every(survey, Translation), words, scope)


def _check_options(report: Report, question: Question, spec: QuestionSpec) -> None:
    if question.scale is not None:
        _check_scale(report, question, spec)
    if question.shuffled and not spec.accepts_choices:
        message = f"`ask {spec.name}` has nothing to shuffle"
        report.add(content.QUESTION_OPTION.at(question.span, message, help="leave `shuffled` out"))
    if question.at_most is None:
        return
    counted = Limit.CHARACTERS if question.counts_characters else Limit.CHOICES
    if spec.limits is not counted:
        message = f"`ask {spec.name}` has no limit on {counted.value}"
        fits = (
            "" if spec.limits is None else f"; it takes `at most N{' characters' if counted is Limit.CHOICES else ''}`"
        )
        report.add(content.QUESTION_OPTION.at(question.span, message, help=f"leave `at most` out{fits}"))
    elif question.at_most < 1:
        message = f"`at most {question.at_most}` leaves no answer"
        report.add(values.OUT_OF_RANGE.at(question.span, message, help="write at least 1"))


def _check_scale(report: Report, question: Question, spec: QuestionSpec) -> None:
    scale = question.scale
    assert scale is not None  # noqa: S101  (asked by the caller)
    if spec.scale is None:
        message = f"`ask {spec.name}` has no scale"
        scored = ", ".join(f"`{each.name}`" for each in QUESTION_TYPES.values() if each.accepts_scale)
        report.add(content.QUESTION_OPTION.at(scale.span, message, help=f"a scale belongs to {scored}"))
        return
    style = Style(scale.style) if scale.style is not None else spec.scale.style
    if spec.scale.fixed and (scale.low, scale.high) != (spec.scale.low, spec.scale.high):
        message = f"`ask {spec.name}` always goes from {spec.scale.low} to {spec.scale.high}"
        report.add(content.SCALE.at(scale.span, message, help="leave the scale out, or write `ask rating`"))
    elif scale.low >= scale.high:
        message = f"a scale from {scale.low} to {scale.high} has no steps"
        report.add(content.SCALE.at(scale.span, message, help="write the lower end first: `1 to 5`"))
    elif scale.high - scale.low + 1 > MOST_POINTS[style]:
        points = scale.high - scale.low + 1
        message = f"{points} {style.value} do not fit on a phone"
        report.add(
            content.SCALE.at(scale.span, message, help=f"{style.value} have at most {MOST_POINTS[style]} points")
        )


def _check_choices(report: Report, question: Question, spec: QuestionSpec, *, is_whole: bool) -> None:
    choices = question.choices
    if not spec.accepts_choices:
        if choices:
            message = f"`ask {spec.name}` has no choices"
            help_ = "write `ask choice` (one of them) or `ask choices` (any of them)"
            report.add(content.CHOICES.at(choices[0].span, message, help=help_))
        return
    if len(choices) < 2 and is_whole:
        message = f"`{question.id.text}` has {'one choice' if choices else 'no choices'}"
        help_ = 'write at least two, in braces: { "Too slow" "Too hard" }'
        report.add(content.CHOICES.at(question.id.span, message, help=help_))
    seen: set[str] = set()
    for choice in choices:
        _check_choice(report, question, spec, choice, seen)
    if question.at_most is not None and question.at_most > len(choices) > 1 and not question.counts_characters:
        message = f"`at most {question.at_most}` of {len(choices)} choices limits nothing"
        report.add(warnings.SAID_TWICE.at(question.span, message, help="leave it out, or write a smaller number"))


def _check_choice(report: Report, question: Question, spec: QuestionSpec, choice: Choice, seen: set[str]) -> None:
    if choice.text is not None and not choice.text.value.strip():
        report.add(values.BLANK.at(choice.text.span, "the choice is blank", help="write at least one letter"))
    if choice.key in seen:
        message = f"choice `{choice.key}` stands twice in `{question.id.text}`"
        help_ = "leave one of the two out, or give it an id of its own with `as`"
        report.add(names.DECLARED_TWICE.at(choice.span, message, help=help_))
    seen.add(choice.key)
    if choice.feels is not None:
        check_feeling(report, choice.feels)
    if choice.then is not None and spec.choices is Choosing.ORDER:
        message = "in a ranking every choice is chosen; none can lead elsewhere"
        report.add(content.QUESTION_OPTION.at(choice.then.span, message, help="put `then` on the question"))


def _jumps(question: Question) -> Iterator[Jump]:
    if question.then is not None:
        yield question.then
    for choice in question.choices:
        if choice.then is not None:
            yield choice.then


def _check_jump(report: Report, questions: Sequence[Question], number: int, jump: Jump) -> None:
    if isinstance(jump, EndsSurvey):
        return
    places = {each.id.text: place for place, each in reversed(list(enumerate(questions)))}
    name = jump.question.text
    if name not in places:
        below = [each.id.text for each in questions[number + 1 :]]
        report.unknown(
            names.UNKNOWN_QUESTION,
            jump.question.span,
            f"there is no question `{name}`",
            name,
            below,
            write=written,
            otherwise="below are " + ", ".join(f"`{each}`" for each in below) if below else "write `then end`",
        )
    elif places[name] <= number:
        message = f"`{name}` stands above: a survey only goes forward"
        report.add(content.JUMP.at(jump.question.span, message, help="jump to a question further down"))


def _check_all_are_asked(report: Report, questions: Sequence[Question]) -> None:
    """Follow every way through the survey; say which questions lie on none."""
    places = {each.id.text: place for place, each in reversed(list(enumerate(questions)))}
    reached = {0}
    for number, question in enumerate(questions):
        if number in reached:
            reached |= _following(question, number, places)
    for number, question in enumerate(questions):
        if number not in reached:
            message = f"`{question.id.text}` is never asked: every way leads past it"
            help_ = "look at the `then …` above it"
            report.add(warnings.NEVER_ASKED.at(question.id.span, message, help=help_))


def _following(question: Question, number: int, places: dict[str, int]) -> set[int]:
    """The numbers of the questions that may come next; _END for none."""
    after = number + 1
    ways = [_target(choice.then, places, after) for choice in question.choices if choice.then is not None]
    # A question that is not asked leads nowhere else, whatever its jump; so does an answer without a jump of its own.
    goes_on = question.condition is not None or question.then is None
    if question.then is None and question.choices and all(choice.then is not None for choice in question.choices):
        goes_on = question.condition is not None or question.optional
    if question.then is not None:
        ways.append(_target(question.then, places, after))
    return {*ways, *([after] if goes_on else [])}


def _target(jump: Jump, places: dict[str, int], after: int) -> int:
    """Where a jump leads; one to nowhere, or back, was reported, and taken to lead to the next."""
    if isinstance(jump, AsksNext):
        return max(places.get(jump.question.text, after), after)
    return _END
