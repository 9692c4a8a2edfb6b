"""The catalog as people look at it: what the rules declare and what was really sent, beside each other.

Decides what is shown of a name and which line of the rules declares one that is not declared yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from dsl.catalog import BUILT_IN_EVENTS, FIXED, Catalog, Owner, Seen, Subject
from dsl.formatter.words import name as written
from dsl.formatter.words import quoted, value_type
from dsl.parser import parse
from dsl.values import ValueType, format_instant
from engine.analytics.history import History, NothingRecorded
from engine.analytics.seen_counts import Count, SeenCounts, SourceCount, seen_counts
from engine.seen_values import Values, values_of
from engine.storage import versions
from engine.storage.shares import with_shares

if TYPE_CHECKING:
    from engine.analyst import Analyst
    from engine.membership import RulesNow


@dataclass(frozen=True, slots=True)
class ShownByData:
    """What was sent: names, how often, and values of users and of accounts."""

    seen: Seen
    counts: SeenCounts
    values: tuple[Values, Values]


NOTHING: Final = ShownByData(Seen(), SeenCounts({}, {}, {}, ()), ({}, {}))


@dataclass(frozen=True, slots=True)
class CatalogEvent:
    """An event. properties: by name their types as rules write them. line: what would declare it; None where it is."""

    name: str
    declared: bool
    built_in: bool
    properties: Mapping[str, str]
    stated: frozenset[str]
    count: Count | None
    line: str | None


@dataclass(frozen=True, slots=True)
class CatalogAttribute:
    """An attribute. name: in rules; key: as it is sent. share: of users who have it, 0 to 1; None: not measured.

    values: where they are few, each with how many of those looked at have it.
    """

    name: str
    key: str
    of_account: bool
    type: str
    declared: bool
    built_in: bool
    share: float | None
    count: Count | None
    values: tuple[tuple[str, int], ...]
    line: str | None


@dataclass(frozen=True, slots=True)
class CatalogView:
    """The whole catalog. Undeclared names first, then the most frequent."""

    events: tuple[CatalogEvent, ...]
    attributes: tuple[CatalogAttribute, ...]
    sources: tuple[SourceCount, ...] = field(default=())


def catalog_view(
    analyst: Analyst, project_id: int, rules: RulesNow, *, everyone: bool, with_simulated: bool
) -> CatalogView:
    """The catalog of a project, with counts of those who count."""
    shown = shown_by_data(analyst, project_id, rules, everyone=everyone, with_simulated=with_simulated)
    declared = rules.ruleset.project.catalog
    return CatalogView(
        tuple(sorted(_events(declared, shown.seen, shown.counts), key=_order)),
        tuple(sorted(_attributes(declared, shown.seen, shown.counts, shown.values), key=_order)),
        shown.counts.sources,
    )


def shown_by_data(
    analyst: Analyst, project_id: int, rules: RulesNow, *, everyone: bool, with_simulated: bool
) -> ShownByData:
    """What was sent; kept until something new is. Nothing where nothing is recorded."""

    def read(history: History) -> ShownByData:
        with analyst.database.reading() as connection:
            seen = with_shares(connection, project_id, versions.seen(connection, project_id))
            values = values_of(connection, project_id)
        return ShownByData(seen, seen_counts(history, sorted(seen.attributes), sorted(seen.account_attributes)), values)

    key = ("catalog", everyone, with_simulated)
    try:
        return analyst.answer(project_id, key, rules, read, everyone=everyone, with_simulated=with_simulated)
    except NothingRecorded:
        return NOTHING


def event_line(name: str, properties: Mapping[str, ValueType]) -> str | None:
    """The text that declares an event; None for a name that no text can say."""
    inner = [f"  {written(each)}: {value_type(type_)}\n" for each, type_ in sorted(properties.items())]
    text = f"event {quoted(name)}" + (f" {{\n{''.join(inner)}}}" if inner else "")
    return text if _is_sound(text) else (f"event {quoted(name)}" if _is_sound(f"event {quoted(name)}") else None)


def attribute_line(key: str, type_: ValueType, *, of_account: bool) -> str | None:
    """The text that declares an attribute; None for a name that no text can say.

    Never as `one of`, though few values were seen: one that comes later could not be read.
    """
    text = f"{'account ' if of_account else ''}attribute {written(key)}: {value_type(type_)}"
    return text if _is_sound(text) else None


EVENT_COLUMNS: Final[Mapping[str, str]] = {
    "kind": "event, attribute or account attribute",
    "name": "as it is sent",
    "declared": "whether the rules in force declare it",
    "type": "of an attribute; of an event its properties",
    "times": "how often it was sent",
    "people": "by how many",
    "first": "when it was sent first",
    "last": "when it was sent last",
}
"""The columns of the catalog, with what they mean."""


def catalog_rows(view: CatalogView) -> list[dict[str, Any]]:
    """The rows of the catalog, with the keys of EVENT_COLUMNS."""
    rows = [
        ("event", each.name, each.declared, ", ".join(f"{n}: {t}" for n, t in each.properties.items()), each.count)
        for each in view.events
    ]
    rows += [
        ("account attribute" if each.of_account else "attribute", each.key, each.declared, each.type, each.count)
        for each in view.attributes
    ]
    return [
        {
            "kind": kind,
            "name": name,
            "declared": "yes" if declared else "no",
            "type": type_,
            "times": 0 if count is None else count.events,
            "people": 0 if count is None else count.people,
            "first": None if count is None else format_instant(count.first),
            "last": None if count is None else format_instant(count.last),
        }
        for kind, name, declared, type_, count in rows
    ]


def _events(declared: Catalog, seen: Seen, counts: SeenCounts) -> Iterator[CatalogEvent]:
    for name in sorted({*declared.events, *seen.events, *counts.events}):
        known, count = declared.event(name), counts.events.get(name)
        built_in = name in BUILT_IN_EVENTS
        if built_in and count is None:
            continue
        is_declared = known is not None and known.declared
        types = {**seen.events.get(name, {}), **(known.properties if known is not None else {})}
        yield CatalogEvent(
            name=name,
            declared=is_declared,
            built_in=built_in,
            properties={each: value_type(type_) for each, type_ in sorted(types.items())},
            stated=known.stated if known is not None else frozenset(),
            count=count,
            line=None if is_declared else event_line(name, types),
        )


def _attributes(
    declared: Catalog, seen: Seen, counts: SeenCounts, values: tuple[Values, Values]
) -> Iterator[CatalogAttribute]:
    for of_account, subjects, types, counted, shares, few in (
        (False, declared.user, seen.attributes, counts.user, seen.shares, values[0]),
        (True, declared.account, seen.account_attributes, counts.account, seen.account_shares, values[1]),
    ):
        by_key = {each.key: (name, each) for name, each in subjects.items() if each.owner in _OWNERS}
        for key in sorted({*by_key, *types}):
            name, subject = by_key.get(key, (key, None))
            built_in = _is_built_in(subject, of_account=of_account)
            if built_in and key not in types:
                continue
            is_declared = subject is not None and subject.declared and not built_in
            type_ = subject.type if subject is not None else types[key]
            yield CatalogAttribute(
                name=name,
                key=key,
                of_account=of_account,
                type=value_type(type_),
                declared=is_declared,
                built_in=built_in,
                share=shares.get(key, 0.0) if seen.users else None,
                count=counted.get(key),
                values=few.get(key, ()),
                line=None if is_declared or built_in else attribute_line(key, type_, of_account=of_account),
            )


_OWNERS: Final = frozenset({Owner.USER, Owner.ACCOUNT})
_KNOWN: Final = FIXED | {"email", "name", "language", "locale", "timezone", "country", "app_version"}


def _is_built_in(subject: Subject | None, *, of_account: bool) -> bool:
    return subject is not None and not of_account and subject.key in _KNOWN


def _order(each: CatalogEvent | CatalogAttribute) -> tuple[bool, int, str]:
    count = 0 if each.count is None else each.count.events
    name = each.name if isinstance(each, CatalogEvent) else each.key
    return each.declared or each.built_in, -count, name


def _is_sound(text: str) -> bool:
    """True for a text that reads without an error: names that users sent may hold anything."""
    try:
        return not parse(text + "\n", file="catalog.way").diagnostics
    except UnicodeError:
        return False
