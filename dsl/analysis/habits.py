"""Smaller things that are hardly meant: no expiry, a negative under `or`, a name that is nearly another, and so on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

from dsl.checker.memory import Memory
from dsl.checker.report import Report
from dsl.clauses import every, one
from dsl.codes import warnings
from dsl.moments import end_of, start_of
from dsl.nodes import (
    And,
    Comparison,
    Condition,
    Declaration,
    Did,
    EventRef,
    Expires,
    Feature,
    For,
    From,
    Guide,
    GuideKind,
    Holdout,
    Node,
    NoneOf,
    Not,
    OnlyBetween,
    Or,
    Rollout,
    Sample,
    Show,
    SinceEvent,
    TextLiteral,
    TracksEvent,
    Translation,
    Variant,
)
from dsl.suggest import distance_within
from dsl.values import format_instant
from dsl.walk import find

SHORTEST_ALIKE: Final = 4
"""Letters of a name below which one letter more or less is another name."""

MOST_EVENTS: Final = 2_000
"""Events beyond which their names are not compared with one another."""

_NEGATIVE: Final = frozenset({"is not", "is none of", "does not contain", "include none of"})


def check_schedule(report: Report, guide: Guide) -> None:
    """A guide ends some day, and not before it begins; some share of the users sees it."""
    expires, begins, zone = one(guide, Expires), one(guide, From), report.project.zone
    if expires is None:
        if guide.kind is not GuideKind.FEEDBACK and report.is_whole(guide):
            message = f"`{guide.name.text}` never expires"
            help_ = "write `expires` with the day on which it is to be looked at again"
            report.add(warnings.NO_EXPIRY.at(guide.name.span, message, help=help_))
    elif begins is not None and start_of(begins.moment, zone) >= end_of(expires.moment, zone):
        message = f"`{guide.name.text}` expires before it begins"
        report.add(warnings.NEVER_SHOWN.at(expires.span, message, help="turn `from` and `expires` round"))
    hours = one(guide, OnlyBetween)
    if hours is not None and hours.start == hours.end:
        message = "no time lies between these two"
        help_ = "the end is not included; for the whole day leave `only between` out"
        report.add(warnings.NEVER_SHOWN.at(hours.span, message, help=help_))
    _check_shares(report, guide)


def check_expired(report: Report, guide: Guide) -> None:
    """A guide that has expired, at the instant for which the project is checked, can go."""
    expires, at = one(guide, Expires), report.project.at
    if expires is not None and at is not None and (end := end_of(expires.moment, report.project.zone)) <= at:
        message = f"`{guide.name.text}` expired at {format_instant(end)}"
        report.add(warnings.EXPIRED.at(expires.span, message, help="remove the guide, or give it a later day"))


def _check_shares(report: Report, guide: Guide) -> None:
    shares: list[Rollout | Sample] = [*every(guide, Rollout), *every(guide, Sample)]
    for share in shares:
        if share.percent == 0:
            report.add(
                warnings.NEVER_SHOWN.at(share.span, "0 % is nobody", help="to switch a guide off write `paused`")
            )
    for holdout in every(guide, Holdout):
        if holdout.percent == 100:
            message = "100 % are held out: nobody sees it"
            report.add(warnings.NEVER_SHOWN.at(holdout.span, message, help="hold out 10% to 50%"))


def check_terms(report: Report, declaration: Declaration) -> None:
    """Terms that stand twice beside one another, and negatives under `or`."""
    for node in report.nodes(declaration):
        if isinstance(node, And | Or | NoneOf):
            report.said_twice(node.terms)
        # What is always true because of its negatives was said to be so.
        if isinstance(node, Or) and not report.has_said(warnings.ALWAYS_TRUE, node.span):
            _check_negatives(report, node)


def _check_negatives(report: Report, condition: Or) -> None:
    negative = next((term for term in condition.terms if _is_negative(term)), None)
    if negative is not None:
        message = "a negative under `or`: one of the two is enough"
        help_ = "for neither of them write `none of { … }`, or join them with `and`"
        report.add(warnings.NEGATIVE_UNDER_OR.at(negative.span, message, help=help_))


def _is_negative(condition: Condition) -> bool:
    match condition:
        case Not() | NoneOf():
            return True
        case Did():
            return condition.negated
        case Comparison():
            return condition.operator in _NEGATIVE
        case _:
            return False


def check_events(report: Report, memory: Memory) -> None:
    """Events that were never received, and names that are nearly others."""
    project = report.project
    declared = [declaration for program in project.programs.values() for declaration in program.declarations]
    mentions = [name for each in declared for name in memory.of("mentions", each, partial(_mentions_of, report, each))]
    first = {name.value: name for name in reversed(mentions)}
    uses = Counter(name.value for name in mentions)
    for text, place in sorted(first.items(), key=lambda each: each[1].span.start):
        if project.seen.events and text not in project.seen.events and _is_own(report, text):
            message = f"`{text}` was never received"
            report.add(warnings.NEVER_SEEN.at(place.span, message, help="look up under which name it is sent"))
        if text in project.only_mentioned and len(uses) <= MOST_EVENTS:
            _check_lookalike(report, place, uses)


def _is_own(report: Report, name: str) -> bool:
    return name in report.project.catalog.events and not name.startswith("$")


def _check_lookalike(report: Report, place: TextLiteral, uses: Counter[str]) -> None:
    name, only_mentioned = place.value, report.project.only_mentioned
    for other in report.project.catalog.events:
        if other == name or not _is_own(report, other) or len(name) < SHORTEST_ALIKE:
            continue
        # Of two that are both only mentioned, the one that is mentioned more often is taken to be right.
        is_right = other not in only_mentioned or uses[other] > uses[name]
        if is_right and distance_within(name, other, 1) is not None:
            message = f"`{name}` is declared by this mention only, and is nearly `{other}`"
            help_ = f'did you mean "{other}"? If not, declare it: event "{name}"'
            report.add(warnings.LOOKALIKE.at(place.span, message, help=help_, fix=f'"{other}"'))
            return


def _mentions_of(report: Report, declaration: Declaration) -> tuple[TextLiteral, ...]:
    return tuple(_mentions(report.nodes(declaration)))


def _mentions(nodes: Iterable[Node]) -> Iterator[TextLiteral]:
    for node in nodes:
        if isinstance(node, EventRef):
            yield node.name
        elif isinstance(node, SinceEvent | TracksEvent):
            yield node.event


def check_translated(report: Report, memory: Memory) -> None:
    """Every guide speaks the languages that the others speak."""
    spoken: dict[str, dict[str, str]] = {}
    for guide in report.project.guides.values():
        spoken[guide.name.text] = memory.of("languages", guide, partial(_languages, report, guide))
    everywhere: dict[str, tuple[str, str]] = {}
    for name, languages in spoken.items():
        for folded, tag in languages.items():
            everywhere.setdefault(folded, (tag, name))
    for guide in report.project.guides.values():
        mine = spoken[guide.name.text]
        for folded, (tag, other) in everywhere.items():
            # The base language serves its regions.
            if folded not in mine and folded.partition("-")[0] not in mine:
                message = f"`{guide.name.text}` has no translation into `{tag}`, which `{other}` has"
                help_ = f'add `in "{tag}" {{ … }}`'
                report.add(warnings.TRANSLATION_MISSING.at(guide.name.span, message, help=help_))


def _languages(report: Report, guide: Guide) -> dict[str, str]:
    tags = (each.language.value for each in report.nodes(guide) if isinstance(each, Translation))
    return {tag.casefold(): tag for tag in tags}


def check_features(report: Report, guide: Guide) -> None:
    """What the texts speak of is there for those who read them."""
    audience = one(guide, For)
    if audience is None:
        return
    readers = {name.text for name in audience.segments}
    for feature in report.project.features.values():
        owners = {name.text for name in feature.audience}
        if not owners or owners & readers:
            continue
        word = re.compile(rf"(?<!\w){re.escape(_called(feature))}(?!\w)", re.IGNORECASE)
        place = next((text.span for text in _texts(guide) if word.search(text.value)), None)
        if place is not None:
            message = f"this speaks of `{_called(feature)}`, which is not for {_listed(readers)}"
            help_ = f"the feature is for {_listed(owners)}"
            report.add(warnings.FEATURE_NOT_FOR_AUDIENCE.at(place, message, help=help_))


def _called(feature: Feature) -> str:
    return feature.label.value if feature.label is not None else feature.name.text.replace("_", " ")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _texts(guide: Guide) -> Iterator[TextLiteral]:
    """The texts of what is shown."""
    for clause in guide.clauses:
        if isinstance(clause, Show | Variant):
            yield from find(clause, TextLiteral)
