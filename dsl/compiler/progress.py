"""Code for conditions on journeys, feelings, guides and answers."""

from __future__ import annotations

from dsl.compiler.code import NO, Code, both, either, fill
from dsl.compiler.comparisons import answer, compared, compared_attribute
from dsl.compiler.histories import between, bounds, happened
from dsl.compiler.maker import Maker, decided
from dsl.compiler.names import CompileError, type_for
from dsl.compiler.reading import returns_to
from dsl.needs import Feeling, Shown
from dsl.nodes import (
    Answered,
    AtPlace,
    Completed,
    Dismissed,
    Felt,
    FrictionAt,
    Guide,
    GuideKind,
    PlaceRef,
    Question,
    Reached,
    ReturnedTo,
    Saw,
    StuckAt,
)
from dsl.operators import OPERATORS
from dsl.project import RuleProject
from dsl.values import NUMBER, Kind, ValueType
from widgets.registry import QUESTION_TYPES


def at_place(node: AtPlace, maker: Maker, *, positive: bool) -> Code:
    """`at J.S`. In a rule with `on`: just before the triggering event or just after it."""
    steps = _steps(node.place, maker)
    if maker.edge:
        test = fill(
            "not steps.isdisjoint(stood_around.get(journey, ()))",
            steps=maker.constant(frozenset(steps)),
            journey=_journey(node.place, maker),
        )
        return decided(test, positive=positive)
    first, again = _progress(node.place.journey.text, maker)
    test = both([fill("first is not None", first=first), _stands(again, steps, maker)])
    return decided(test, positive=positive)


def reached(node: Reached, maker: Maker, *, positive: bool) -> Code:
    """`reached J.S`; of a stage: any of its steps."""
    test = _reached(node.place.journey.text, _steps(node.place, maker), maker)
    return decided(test, positive=positive)


def completed(node: Completed, maker: Maker, *, positive: bool) -> Code:
    """`completed X`: a journey, a guide or a survey."""
    name = node.name.text
    journey = _project(maker).journeys.get(name)
    if journey is None:
        first, again = maker.once(fill("guides.get(name)", name=maker.constant(name)))
        test = fill("first is not None and again.completed_at is not None", first=first, again=again)
    elif journey.outcomes:
        first, again = _progress(name, maker)
        test = fill("first is not None and again.outcome_at is not None", first=first, again=again)
    else:
        test = _reached(name, tuple(step.name.text for step in journey.steps[-1:]), maker)
    return decided(test, positive=positive)


def stuck_at(node: StuckAt, maker: Maker, *, positive: bool) -> Code:
    """`stuck at J.S for D`: true from t + D on, t being of the event that put the user there."""
    first, again = _progress(node.place.journey.text, maker)
    test = both(
        [
            fill("first is not None", first=first),
            _stands(again, _steps(node.place, maker), maker),
            fill(
                "again.standing_since is not None and now >= again.standing_since + length",
                again=again,
                length=maker.constant(node.duration.length),
            ),
        ]
    )
    return decided(test, positive=positive)


def returned_to(node: ReturnedTo, maker: Maker, *, positive: bool) -> Code:
    """`returned to J.S at least 2 times`."""
    progress = fill("journeys.get(journey)", journey=_journey(node.place, maker))
    number = maker.apply(returns_to, progress, maker.constant(_steps(node.place, maker)))
    return decided(between(number, *bounds(node.count), maker), positive=positive)


def friction_at(node: FrictionAt, maker: Maker, *, positive: bool) -> Code:
    """`friction at J.S >= 0.5`."""
    figure = fill(
        "facts.friction(journey, steps)",
        journey=_journey(node.place, maker),
        steps=maker.constant(_steps(node.place, maker)),
    )
    return compared(figure, NUMBER, node.operator, node.operands, maker, positive=positive)


def felt(node: Felt, maker: Maker, *, positive: bool) -> Code:
    """`felt confused or doubtful at J.S in last 7 days`."""
    feelings = tuple(sorted({feeling.text for feeling in node.feelings}))
    of = Feeling(feelings, node.place.journey.text, tuple(sorted(_steps(node.place, maker))))
    return happened(of, None, node.window, maker, positive=positive)


def saw(node: Saw, maker: Maker, *, positive: bool) -> Code:
    """`saw verify_help at least 2 times in last 2 days`, `saw any survey`: `$shown` alone counts."""
    if node.name is not None:
        of = Shown((node.name.text,))
    else:
        kinds = _project(maker).kinds
        of = Shown(tuple(sorted(name for name, kind in kinds.items() if kind is GuideKind.SURVEY)))
    return happened(of, node.count, node.window, maker, positive=positive)


def dismissed(node: Dismissed, maker: Maker, *, positive: bool) -> Code:
    """`dismissed verify_help`."""
    first, again = maker.once(fill("guides.get(name)", name=maker.constant(node.name.text)))
    test = fill("first is not None and len(again.dismissed) > 0", first=first, again=again)
    return decided(test, positive=positive)


def answered(node: Answered, maker: Maker, *, positive: bool) -> Code:
    """`answered S`, `answered S.q`, `answered S.q <= 3`."""
    survey = node.survey.text
    if node.question is not None and node.operator is not None:
        question = node.question.text
        declared = question_of(_project(maker).guides.get(survey), question)
        guess = type_for(OPERATORS[node.operator], node.operands)
        type_ = guess if declared is None else type_of_answer(declared, guess)
        attribute = answer(survey, question, type_)
        return compared_attribute(
            attribute, node.operator, node.operands, maker, ignoring_case=node.ignoring_case, positive=positive
        )
    first, again = maker.once(fill("guides.get(name)", name=maker.constant(survey)))
    if node.question is None:
        test = fill("first is not None and again.first_answered_at is not None", first=first, again=again)
    else:
        question_id = maker.constant(node.question.text)
        test = fill("first is not None and question in again.answers", first=first, again=again, question=question_id)
    return decided(test, positive=positive)


def question_of(guide: Guide | None, question: str) -> Question | None:
    """The question of a survey by its id."""
    clauses = () if guide is None else guide.clauses
    for clause in clauses:
        if isinstance(clause, Question) and clause.id.text == question:
            return clause
    return None


def type_of_answer(question: Question, guess: ValueType) -> ValueType:
    """The type of a question's answers; a score outside of the question's scale is none."""
    spec = QUESTION_TYPES.get(question.type)
    if spec is None:
        return guess
    scale = None if spec.scale is None else question.scale or spec.scale
    return ValueType(Kind(spec.answers), scale=None if scale is None else (scale.low, scale.high))


def _project(maker: Maker) -> RuleProject:
    if maker.project is None:
        raise CompileError("inside a `where` only properties of the event can be asked for")
    return maker.project


def _steps(place: PlaceRef, maker: Maker) -> tuple[str, ...]:
    steps = _project(maker).steps_at(place)
    if not steps:
        raise CompileError(f"there is no `{place.journey.text}.{place.place.text}`")
    return tuple(step.name.text for step in steps)


def _journey(place: PlaceRef, maker: Maker) -> Code:
    return maker.constant(place.journey.text)


def _progress(journey: str, maker: Maker) -> tuple[Code, Code]:
    return maker.once(fill("journeys.get(journey)", journey=maker.constant(journey)))


def _stands(progress: Code, steps: tuple[str, ...], maker: Maker) -> Code:
    if len(steps) == 1:
        return fill("progress.standing == step", progress=progress, step=maker.constant(steps[0]))
    return fill("progress.standing in steps", progress=progress, steps=maker.constant(frozenset(steps)))


def _reached(journey: str, steps: tuple[str, ...], maker: Maker) -> Code:
    if not steps:
        return NO
    first, again = _progress(journey, maker)
    tests = []
    for name in steps:
        step, step_again = maker.once(fill("again.steps.get(name)", again=again, name=maker.constant(name)))
        tests.append(fill("step is not None and again.reached_at is not None", step=step, again=step_again))
    return both([fill("first is not None", first=first), either(tests)])
