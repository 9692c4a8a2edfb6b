"""What is new in a period and on nobody's map: sources, devices, and pages that no touchpoint names.

Functions from a history to rows (see `engine.analytics`): one expression for each question.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from dsl.checker.declarations import is_page
from dsl.clauses import PAGE_EVENT
from dsl.patterns import glob
from dsl.project import RuleProject
from engine.analytics.history import History
from engine.analytics.wheres import json_text
from engine.roadmap.evidence import Period

if TYPE_CHECKING:
    import ibis

FEWEST: Final = 5
"""People that something must have met before it is told."""
MOST: Final = 20
"""How many of a kind are told."""
_DIRECT: Final = frozenset({"localhost", "127.0.0.1"})


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Something that was not there before the period, with how many people it brought or met."""

    name: str
    people: int


@dataclass(frozen=True, slots=True)
class News:
    """What was new in a period. sources: campaigns (`utm_source`) and sites that people came from. pages: on which
    people were, whether new or not, that are no touchpoint of any step."""

    sources: tuple[Newcomer, ...] = ()
    devices: tuple[Newcomer, ...] = ()
    pages: tuple[Newcomer, ...] = ()


def news_of(history: History, rules: RuleProject, period: Period) -> News:
    """What was new in a period, beside everything before it."""
    pages = history.events.filter(history.events.name == PAGE_EVENT)
    properties = pages.properties
    came = pages.mutate(
        came_from=json_text()(properties, "$.referrer"),
        address=json_text()(properties, "$.url"),
        query=json_text()(properties, "$.search"),
    )
    sources = _people_by(history, came, ["came_from", "address", "query"], period)
    devices = _people_by(history, history.events, ["device", "browser"], period)
    walked = history.engine.rows(_in(pages, period).group_by("path").agg(people=_in(pages, period).person.nunique()))
    return News(
        sources=_new(sources, lambda row: source_of(row["came_from"], row["address"], row["query"])),
        devices=_new(devices, lambda row: " ".join(each for each in (row["device"], row["browser"]) if each)),
        pages=unnamed({row["path"]: row["people"] for row in walked if row["path"]}, rules),
    )


def source_of(came_from: str | None, address: str | None, query: str | None) -> str:
    """Where somebody came from: the campaign's source, else the site before; blank for the site itself and for none."""
    own = _split(address)
    searched = own.query if own is not None and own.query else (query or "").removeprefix("?")
    campaign = parse_qs(searched).get("utm_source", [""])[0].strip()
    if campaign:
        return campaign[:200]
    before = _split(came_from)
    host = (before.hostname or "") if before is not None else ""
    is_own = own is not None and _site(host) == _site(own.hostname or "")
    return "" if is_own or host in _DIRECT else host


def unnamed(pages: Mapping[str, int], rules: RuleProject) -> tuple[Newcomer, ...]:
    """Pages that are no touchpoint, the most visited first; of pages that differ in numbers only, one: `/orders/…`."""
    tests = [
        glob(touchpoint.text.value)
        for journey in rules.journeys.values()
        for step in journey.steps
        for touchpoint in step.touchpoints
        if touchpoint.channel is None and is_page(touchpoint.text.value)
    ]
    found: dict[str, int] = {}
    for path, people in pages.items():
        if not any(fits(path) for fits in tests):
            shape = _shape(path)
            # People of several such pages may be the same ones: the largest is true of one of them.
            found[shape] = max(found.get(shape, 0), people)
    return _most(found)


def _people_by(history: History, events: ibis.Table, columns: Sequence[str], period: Period) -> list[dict[str, Any]]:
    """Rows by columns: of how many people in the period, and whether any event came before it."""
    within = (events.time >= period.begin) & (events.time < period.end)
    grouped = events.filter(events.time < period.end).group_by(list(columns))
    return history.engine.rows(
        grouped.agg(
            people=events.person.nunique(where=within),
            before=events.seq.count(where=events.time < period.begin),
        )
    )


def _in(events: ibis.Table, period: Period) -> ibis.Table:
    return events.filter((events.time >= period.begin) & (events.time < period.end))


def _new(rows: Collection[Mapping[str, Any]], name_of: Any) -> tuple[Newcomer, ...]:
    known = {name_of(row) for row in rows if row["before"]}
    if not known:
        # Before the first event everything is new: that says nothing.
        return ()
    found: dict[str, int] = {}
    for row in rows:
        name = name_of(row)
        if name and name not in known:
            found[name] = found.get(name, 0) + row["people"]
    return _most(found)


def _most(found: Mapping[str, int]) -> tuple[Newcomer, ...]:
    ranked = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Newcomer(name, people) for name, people in ranked[:MOST] if people >= FEWEST)


def _split(address: str | None) -> SplitResult | None:
    if not address:
        return None
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _site(host: str) -> str:
    """The last two labels: `app.example.com` and `www.example.com` are one site."""
    return ".".join(host.lower().split(".")[-2:])


def _shape(path: str) -> str:
    parts = [("…" if any(letter.isdigit() for letter in part) else part) for part in path.partition("?")[0].split("/")]
    return "/".join(parts)[:200]
