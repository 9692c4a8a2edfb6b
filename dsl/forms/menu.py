"""What a form offers: the rows, operators and words of the language, and the names of a project.

All of it is read from the registries of the language and the widgets, and from the project at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from dsl.catalog import BUILT_IN_EVENTS
from dsl.checker.guides import CLAUSES_OF_SOME, REPEATED_CLAUSES
from dsl.clauses import trigger_events
from dsl.complete import names
from dsl.complete.completion import Offer
from dsl.feelings import FEELINGS
from dsl.formatter.words import dotted
from dsl.formatter.words import name as written
from dsl.forms.compound import ACTIONS, WINDOWS
from dsl.forms.content_kinds import KINDS
from dsl.forms.kinds import GROUPS, RowKind, Section
from dsl.nodes import ClickSource, CountWord, Guide, GuideKind, Journey, Question, Show, Step, TourStep
from dsl.operators import OPERATORS
from dsl.project import RuleProject
from dsl.transform.guides import WEEKDAYS
from dsl.values import NUMBER, UNITS, Kind, ValueType
from dsl.walk import find
from widgets.registry import QUESTION_TYPES, WIDGETS, Style

MOST_NAMES: Final = 500
"""Names of one kind that are offered; others can be typed."""
Json = dict[str, Any]


@cache
def menu() -> Json:
    """Every row that there is with its fields, and the closed sets that they choose from."""
    return {
        "rows": {place.value: [_row(each) for each in kinds.values()] for place, kinds in KINDS.items()},
        "groups": dict(GROUPS),
        "sections": [each.value for each in Section],
        "operators": [
            {
                "name": each.name,
                "shape": each.shape.name.lower(),
                "wants": each.wants.name.lower(),
                "accepts": sorted(kind.value for kind in each.accepts),
                "suffix": each.suffix,
                "ignores_case": each.can_ignore_case,
                "doc": each.doc,
            }
            for each in OPERATORS.values()
        ],
        "counts": [each.value for each in CountWord],
        "windows": {name: {"word": word, "sort": sort.value} for name, (word, sort) in WINDOWS.items()},
        "actions": {name: None if sort is None else sort.value for name, sort in ACTIONS.items()},
        "units": list(UNITS),
        "days": list(WEEKDAYS),
        "feelings": list(FEELINGS),
        "styles": [each.value for each in Style],
        "widgets": [
            {
                "name": each.name,
                "doc": each.doc,
                "selector": each.selector.value,
                "sides": list(each.sides),
                "items": sorted(item.value for item in each.items),
                "step_items": sorted(item.value for item in each.step_items),
                "in_guides": each.in_guides,
                "frames_surveys": each.frames_surveys,
            }
            for each in WIDGETS.values()
        ],
        "questions": [
            {
                "name": each.name,
                "doc": each.doc,
                "scale": each.scale is not None and not each.scale.fixed,
                "choices": each.accepts_choices,
                "limit": None if each.limits is None else each.limits.value,
            }
            for each in QUESTION_TYPES.values()
        ],
    }


def _row(kind: RowKind) -> Json:
    takers = {each.__name__: kinds for each, kinds in CLAUSES_OF_SOME.items()}.get(
        kind.node.__name__ if kind.section is not None else "", frozenset(GuideKind)
    )
    if kind.name in {"show", "show as"}:
        shows = frozenset({GuideKind.GUIDE})
        takers = shows if kind.name == "show" else frozenset(GuideKind) - shows
    return {
        "kind": kind.name,
        "label": kind.label,
        "section": None if kind.section is None else kind.section.value,
        "holds": None if kind.holds is None else kind.holds.value,
        "negates": kind.negates,
        "repeats": kind.section is None or kind.node in REPEATED_CLAUSES,
        "clause": kind.node.__name__,
        "guides": sorted(each.value for each in takers),
        "starts": dict(kind.starts),
        "fields": [
            {
                "name": each.name,
                "sort": each.sort.value,
                "label": each.label,
                "options": list(each.options),
                "names": each.names or None,
                "optional": each.optional,
                "hint": each.hint or None,
            }
            for each in kind.fields
        ],
    }


def choices(project: RuleProject, guide: Guide | None) -> Json:
    """The names that a guide's form chooses from: what the rules declare and what was really received."""
    triggers = () if guide is None else trigger_events(guide)
    guides = list(names.guides(project))
    journeys = list(names.journeys(project))
    return {
        "attributes": [_attribute(project, each, triggers) for each in _first(names.attributes(project, triggers))],
        "events": [_event(project, each) for each in _first(names.events(project))],
        "places": _named(names.places(project, stages=True)),
        "steps": [_step(journey, step) for journey in project.journeys.values() for step in journey.steps],
        "segments": _named(names.segments(project)),
        "guides": _named(guides),
        "surveys": _named(names.guides(project, surveys_only=True)),
        "journeys": _named(journeys),
        "journeys and guides": _named([*journeys, *guides]),
        "questions": [each for name, other in project.guides.items() for each in _questions(name, other)],
        "own questions": [_question(each, written(each.id.text)) for each in find(guide, Question)] if guide else [],
        "elements": _elements(project),
    }


def _named(offers: Iterable[Offer]) -> list[Json]:
    return [{"name": each.label, "label": each.detail} for each in _first(offers)]


def _step(journey: Journey, step: Step) -> Json:
    """A step, with the events that reach it and those that are attempts at it."""
    return {
        "name": dotted(journey.name, step.name),
        "label": names.label_words(step.label, step.name.text),
        "reached": [each.name.value for each in step.reached_by],
        "attempted": [each.name.value for each in step.attempted_by],
    }


def _first(offers: Iterable[Offer]) -> list[Offer]:
    return sorted(offers, key=lambda each: each.weight)[:MOST_NAMES]


def _typed(name: str, of: ValueType, label: str = "") -> Json:
    return {"name": name, "label": label or str(of), "kind": of.kind.value, "allowed": list(of.allowed)}


def _attribute(project: RuleProject, offer: Offer, triggers: tuple[str, ...]) -> Json:
    parts = (
        tuple(part.strip("`") for part in offer.label.split(".")) if "`" not in offer.label else (offer.label[1:-1],)
    )
    subject = project.catalog.subject(parts, triggers=triggers)
    return _typed(offer.label, subject.type if subject is not None else ValueType(Kind.TEXT))


def _event(project: RuleProject, offer: Offer) -> Json:
    known = project.catalog.event(offer.label)
    properties = known.properties if known is not None else {}
    return {
        "name": offer.label,
        "label": "of Waypost" if offer.label in BUILT_IN_EVENTS else "",
        "properties": [_typed(written(name), type_) for name, type_ in properties.items()],
    }


def _questions(name: str, guide: Guide) -> Iterator[Json]:
    for each in find(guide, Question):
        yield _question(each, dotted(guide.name, each.id), f"{name}: {each.text.value}")


def _question(question: Question, name: str, label: str = "") -> Json:
    spec = QUESTION_TYPES.get(question.type)
    kind = Kind(spec.answers) if spec is not None else Kind.TEXT
    typed = NUMBER if kind is Kind.NUMBER else ValueType(kind)
    allowed = [each.key for each in question.choices]
    return {**_typed(name, typed, label or question.text.value), "allowed": allowed}


def _elements(project: RuleProject) -> list[Json]:
    """Selectors that the rules name already."""
    found: dict[str, str] = {}
    for program in project.programs.values():
        for declaration in program.declarations:
            for click in find(declaration, ClickSource):
                found.setdefault(click.selector.value, "clicks on it are an event")
            shown = [each.selector for each in find(declaration, Show)]
            shown += [each.selector for each in find(declaration, TourStep)]
            for selector in shown:
                if selector is not None:
                    found.setdefault(selector.value, "a guide stands beside it")
    return [{"name": name, "label": label} for name, label in list(found.items())[:MOST_NAMES]]
