"""What a name or a word means, in plain English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, assert_never

from dsl.complete.cursor import declaration_end, declaration_start
from dsl.complete.names import label_words
from dsl.complete.walk import words_of
from dsl.diagnostics import Span
from dsl.explain import explain_condition, explain_guide, explain_record, write
from dsl.explain.conditions import event_words
from dsl.feelings import FEELINGS
from dsl.formatter.words import operand
from dsl.mistakes import Word
from dsl.navigate.names import Named, Sort, declaration_at, name_at
from dsl.nodes import EventRef, Question, Record
from dsl.operators import OPERATORS
from dsl.project import RuleProject
from dsl.scan import Lines, scan
from dsl.terminals import OPERATOR_SPELLINGS
from dsl.walk import find
from widgets.registry import QUESTION_TYPES, WIDGETS

_RECORD: Final = "record"
MOST_LINES: Final = 40
"""Lines of one explanation; a longer one is cut."""


@dataclass(frozen=True, slots=True)
class Hover:
    """title: what it is. lines: what there is to say of it."""

    span: Span
    title: str
    lines: tuple[str, ...] = ()


def hover(project: RuleProject, file: str, position: int) -> Hover | None:
    """What stands at a position (an offset in characters): a name of the project, an operator, a widget."""
    found = name_at(project, file, position)
    if found is not None:
        title, *lines = _about(project, found.named)
        return Hover(found.span, title, tuple(lines[:MOST_LINES]))
    declaration = declaration_at(project, file, position)
    if isinstance(declaration, Record) and position <= declaration.span.start + len(_RECORD):
        span = replace(declaration.span, end=declaration.span.start + len(_RECORD))
        lines = [line for said in explain_record(declaration, project) for line in write(said)]
        return Hover(span, f"`{_RECORD}`", tuple(lines[:MOST_LINES]))
    text = project.sources.get(file)
    return None if text is None else _word(text, file, position)


def _about(project: RuleProject, named: Named) -> Iterator[str]:  # noqa: C901, PLR0912  (one case a sort)
    match named.sort:
        case Sort.ATTRIBUTE | Sort.ACCOUNT_ATTRIBUTE | Sort.CONTEXT:
            yield from _attribute(project, named)
        case Sort.EVENT:
            yield from _event(project, named.name)
        case Sort.PROPERTY:
            event = project.catalog.event(named.owner)
            type_ = event.properties.get(named.name) if event is not None else None
            yield f"property `{named.name}`: {type_ if type_ is not None else 'not known'}"
            yield f"A property of the event “{named.owner}”."
        case Sort.JOURNEY:
            journey = project.journeys.get(named.name)
            yield f"journey `{named.name}`"
            for stage in journey.stages if journey is not None else ():
                steps = ", ".join(label_words(step.label, step.name.text) for step in stage.steps)
                yield f"{label_words(stage.label, stage.name.text)}: {steps}"
        case Sort.STAGE | Sort.STEP:
            yield from _place(project, named)
        case Sort.SEGMENT:
            segment = project.segments.get(named.name)
            what = "persona" if segment is not None and segment.is_persona else "segment"
            yield f"{what} `{named.name}`"
            if segment is not None:
                yield f"{label_words(segment.label, named.name)}: those of whom this is so:"
                yield from write(explain_condition(segment.where, project))
        case Sort.FEATURE:
            feature = project.features.get(named.name)
            yield f"feature `{named.name}`"
            if feature is not None:
                yield f"Used by {' or '.join(map(event_words, feature.used_by))}."
        case Sort.GUIDE:
            guide = project.guides.get(named.name)
            yield f"{guide.kind.value if guide is not None else 'guide'} `{named.name}`"
            for line in explain_guide(guide, project) if guide is not None else ():
                yield from write(line)
        case Sort.QUESTION:
            yield from _question(project, named)
        case _:
            assert_never(named.sort)


def _attribute(project: RuleProject, named: Named) -> Iterator[str]:
    parts = {
        Sort.ATTRIBUTE: (named.name,),
        Sort.ACCOUNT_ATTRIBUTE: ("account", named.name),
        Sort.CONTEXT: tuple(named.name.split(".")),
    }[named.sort]
    subject = project.catalog.subject(parts)
    if subject is None:
        yield f"{named.sort.value} `{named.name}`: not known"
        return
    yield f"{named.sort.value} `{named.name}`: {subject.type}"
    if subject.key != named.name:
        yield f"Sent as `{subject.key}`."
    if subject.default is not None:
        yield f"Where it is not set, {operand(subject.default)} stands for it."
    if not subject.declared:
        yield "Known from live data; not declared."
    share = project.seen.share_of(subject)
    if share is not None:
        yield f"Set for {share * 100:.0f} % of the users."


def _event(project: RuleProject, name: str) -> Iterator[str]:
    event = project.catalog.event(name)
    yield f"event “{name}”" if event is not None else f"event “{name}”: not known"
    for property_, type_ in event.properties.items() if event is not None else ():
        yield f"`{property_}`: {type_}"
    for journey in project.journeys.values():
        for step in journey.steps:
            words = label_words(step.label, step.name.text)
            for refs, verb in ((step.reached_by, "reaches"), (step.attempted_by, "is an attempt at")):
                if any(ref.name.value == name for ref in refs):
                    yield f"It {verb} the step {words}."


def _place(project: RuleProject, named: Named) -> Iterator[str]:
    journey = project.journeys.get(named.owner)
    yield f"{named.sort.value} `{named.owner}.{named.name}`"
    for stage in journey.stages if journey is not None else ():
        if named.sort is Sort.STAGE and stage.name.text == named.name:
            steps = ", ".join(label_words(step.label, step.name.text) for step in stage.steps)
            yield f"{label_words(stage.label, stage.name.text)}: {steps}"
        for step in stage.steps if named.sort is Sort.STEP else ():
            if step.name.text == named.name:
                yield f"{label_words(step.label, named.name)}, in the stage {label_words(stage.label, stage.name.text)}"
                yield f"Reached by {_listed(step.reached_by)}."
                if step.attempted_by:
                    yield f"Attempted by {_listed(step.attempted_by)}."


def _listed(refs: tuple[EventRef, ...]) -> str:
    return " or ".join(map(event_words, refs)) if refs else "nothing"


def _question(project: RuleProject, named: Named) -> Iterator[str]:
    yield f"question `{named.owner}.{named.name}`"
    guide = project.guides.get(named.owner)
    for question in find(guide, Question) if guide is not None else ():
        if question.id.text == named.name:
            yield question.text.value
            spec = QUESTION_TYPES.get(question.type)
            if spec is not None:
                yield f"{spec.name}: {spec.doc}"
            yield from (f"- {choice.key}" for choice in question.choices)


def _word(text: str, file: str, position: int) -> Hover | None:
    base = declaration_start(text, position)
    words = words_of(scan(text[base : declaration_end(text, position)]).text)
    for index, word in enumerate(words):
        if base + word.start <= position <= base + word.end:
            said = _said_of(word, words[index - 1].type if index else "")
            if said is not None:
                return Hover(Lines(text, file).span(base + word.start, base + word.end), *said)
    return None


def _said_of(word: Word, before: str) -> tuple[str, tuple[str, ...]] | None:
    name = " ".join(word.text.split())
    if word.type.startswith("OP_"):
        operator = OPERATORS[OPERATOR_SPELLINGS[name]]
        return f"`{operator.name}`", (operator.doc, f"Example: `{operator.example}`")
    if word.type != "NAME":
        return None
    if before in {"SHOW", "SHOW_AS"} and name in WIDGETS:
        return f"widget `{name}`", (WIDGETS[name].doc,)
    if before == "ASK" and name in QUESTION_TYPES:
        return f"type of question `{name}`", (QUESTION_TYPES[name].doc,)
    if before in {"FEELS", "FELT", "OR"} and name in FEELINGS:
        return f"feeling `{name}`", (f"Valence {FEELINGS[name]:+g}, from −1 (worst) to +1 (best).",)
    return None
