"""Rules that are being written, asked before they are in force: who matches them now, and why one person would not.

Reads only. What a request would tell (the event, the page, the device) nobody knows before it comes: conditions about
it are left out, and named.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from dsl.clauses import every, one, places
from dsl.diagnostics import Severity
from dsl.formatter.conditions import condition_text
from dsl.nodes import Always, And, AtPlace, Condition, For, Guide, InSegment, Not, Or, Path, Unless, When
from dsl.project import RuleProject
from dsl.values import MINUTE, SECOND, Duration, Instant
from dsl.walk import find
from engine.analytics.population import INTERNAL_SEGMENT
from engine.errors import UnknownGuide
from engine.hindsight import situation_at
from engine.membership import RulesNow, members_among
from engine.publications import Publications
from engine.replies import Refused
from engine.ruleset import RuleSet
from engine.storage import tables
from engine.storage.store import Database
from engine.why import Why, why

MOST_LOOKED_AT: Final = 5_000
"""People whose states are looked at for one answer: the latest ones."""
LOOKS_FOR: Final = Duration(3 * SECOND)
"""For how long it looks at the states of more people, while a request waits."""
PART: Final = 200
"""People whose states are looked at before the clock is."""
MOST_NAMED: Final = 20
_KEPT_ANSWERS: Final = 64
_OF_A_REQUEST: Final = frozenset({"event", "page", "device"})
_PERSON = tables.table(tables.Person)


@dataclass(frozen=True, slots=True)
class Matching:
    """Who meets the conditions of a guide now.

    people: the ids of the first of them. looked_at: of how many people, the latest of `all`. left_out: conditions that
    only a request can answer.
    """

    count: int
    people: tuple[str, ...]
    looked_at: int
    all: int
    left_out: tuple[str, ...]
    at: Instant


class Unsaved:
    """Asks rules that are not in force. Instants come from the clock that it is given."""

    def __init__(
        self, database: Database, publications: Publications, *, clock: Callable[[], Instant], part: int = PART
    ) -> None:
        self._part = part
        self._database = database
        self._publications = publications
        self._clock = clock
        self._kept: OrderedDict[tuple[object, ...], Matching] = OrderedDict()
        self._lock = threading.Lock()

    def forget(self, *_: object) -> None:
        """Keep no answer: somebody was erased."""
        with self._lock:
            self._kept.clear()

    def matching(
        self,
        project_id: int,
        files: Mapping[str, str],
        guide: str,
        *,
        everyone: bool = False,
        with_simulated: bool = False,
        in_force: RuleSet,
    ) -> Matching | Refused:
        """Who meets the conditions of a guide now. Raises UnknownProject, UnknownGuide, AsksOthers."""
        checked = self._checked(project_id, files, guide)
        if isinstance(checked, Refused):
            return checked
        condition, left_out = _audience(checked.guides[guide])
        now = self._clock()
        asked = (
            project_id,
            condition_text(condition),
            _around(checked, guide),
            everyone,
            with_simulated,
            now // MINUTE,
        )
        with self._lock:
            known = self._kept.get(asked)
        if known is not None:
            return known
        asks = {"guide": condition}
        internal = checked.segments.get(INTERNAL_SEGMENT)
        if internal is not None and not everyone:
            asks["internal"] = internal.where
        # States know the journeys in force: under others each person's history is read again.
        has_same_journeys = dict(checked.journeys) == dict(in_force.project.journeys)
        rules = RulesNow(in_force if has_same_journeys else RuleSet.build(checked, previous=in_force), now, checked)
        with self._database.reading() as connection:
            own = sa.select(_PERSON.c.id, _PERSON.c.user_id, _PERSON.c.first_id).where(
                _PERSON.c.project_id == project_id, _PERSON.c.merged_into.is_(None)
            )
            own = own if with_simulated or everyone else own.where(sa.not_(_PERSON.c.simulated))
            total = connection.execute(sa.select(sa.func.count()).select_from(own.subquery())).scalar_one()
            people = connection.execute(own.order_by(_PERSON.c.id.desc()).limit(MOST_LOOKED_AT)).all()
            looked: list[int] = []
            parts = self._parts([each.id for each in people], looked, until=Instant(now + LOOKS_FOR))
            found = members_among(connection, project_id, rules, asks, parts)
        chosen = found["guide"] - found.get("internal", frozenset())
        names = [each.user_id or each.first_id for each in people if each.id in chosen]
        answer = Matching(len(names), tuple(names[:MOST_NAMED]), len(looked), int(total), left_out, now)
        with self._lock:
            self._kept[asked] = answer
            while len(self._kept) > _KEPT_ANSWERS:
                self._kept.popitem(last=False)
        return answer

    def explain(
        self,
        project_id: int,
        files: Mapping[str, str],
        guide: str,
        *,
        user: str,
        at: Instant | None = None,
        previous: RuleSet | None = None,
    ) -> Why | Refused | None:
        """Why a guide of these files would be shown to a person at an instant, now without one, or why not; None for an
        id that was never seen. Raises UnknownProject, UnknownGuide, HistoryRemoved.
        """
        checked = self._checked(project_id, files, guide)
        if isinstance(checked, Refused):
            return checked
        ruleset = RuleSet.build(checked, previous=previous)
        then = self._clock() if at is None else at
        with self._database.reading() as connection:
            situation = situation_at(connection, project_id, ruleset, at=then, user_id=user) or situation_at(
                connection, project_id, ruleset, at=then, anonymous_id=user
            )
        return None if situation is None else why(situation, guide)

    def _parts(self, numbers: Sequence[int], looked: list[int], *, until: Instant) -> Iterator[Sequence[int]]:
        """Some people at a time, as long as there is time; at least the first."""
        for at in range(0, len(numbers), self._part):
            if looked and self._clock() > until:
                return
            part = numbers[at : at + self._part]
            looked += part
            yield part

    def _checked(self, project_id: int, files: Mapping[str, str], guide: str) -> RuleProject | Refused:
        checked = self._publications.check(project_id, files)
        if not checked.ok:
            errors = tuple(each for each in checked.diagnostics if each.severity is Severity.ERROR)
            return Refused(errors, checked.sources)
        if guide not in checked.guides:
            raise UnknownGuide(guide, tuple(checked.guides))
        return checked


def _around(project: RuleProject, guide: str) -> str:
    """What the words of a guide's conditions mean, in short: every declaration but the guide itself."""
    own = project.guides[guide]
    told = hashlib.sha256()
    for file, program in project.programs.items():
        for each in program.declarations:
            if each is not own:
                told.update(project.sources[file][each.span.start : each.span.end].encode())
    return told.hexdigest()


def _audience(guide: Guide) -> tuple[Condition, tuple[str, ...]]:
    """What has to be so of somebody before any request, and the conditions that only a request can answer."""
    span = guide.span
    terms: list[Condition] = []
    at = tuple(AtPlace(each, span=span) for each in places(guide))
    audience = one(guide, For)
    segments = () if audience is None else tuple(InSegment(each, span=span) for each in audience.segments)
    terms += [each[0] if len(each) == 1 else Or(each, span=span) for each in (at, segments) if each]
    left_out: list[str] = []
    wanted: list[tuple[Condition, Condition]] = []
    for when in every(guide, When):
        wanted += [(each, each) for each in _terms(when.condition)]
    wanted += [(each.condition, Not(each.condition, span=span)) for each in every(guide, Unless)]
    for said, meant in wanted:
        if any(each.parts[0] in _OF_A_REQUEST and len(each.parts) > 1 for each in find(said, Path)):
            left_out.append(condition_text(said))
        else:
            terms.append(meant)
    if not terms:
        return Always(span=span), tuple(left_out)
    flat = tuple(each for term in terms for each in _terms(term))
    return (flat[0] if len(flat) == 1 else And(flat, span=span)), tuple(left_out)


def _terms(condition: Condition) -> Sequence[Condition]:
    return condition.terms if isinstance(condition, And) else (condition,)
