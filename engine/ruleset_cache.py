"""What was compiled of rules, kept on disk beside them: a start with the same rules decides at once.

Kept are the outlines over which the index is made, what the rules need of a state, and hashes: plain data, no code. A
guide and its conditions are compiled when they are first asked. How safe that is, see `dsl.stored`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

import dsl.needs
import engine
from dsl.clauses import triggers
from dsl.compiler import Among, Bound, Decides, Term
from dsl.garbage import nothing_collected
from dsl.kept import TREE_KINDS
from dsl.nodes import GuideKind
from dsl.project import RuleProject
from dsl.project_cache import MOST_KEPT, key_of
from dsl.stored import Codec, Plain, fingerprint, kinds_of, packed, read_file, unpacked, write_file
from engine.arbitration import Sort, limits_of
from engine.index import index_of
from engine.kept_guides import Deferred, OnDemand, Ranked
from engine.outline import Outline, Wakes, outline_of
from engine.plan import GuidePlan, PlanContents, contents_of, plan_of
from engine.ruleset import RuleSet, Workshop
from engine.schedule import Schedule

_ENDING: Final = ".compiled"
_CODEC: Final = Codec((*TREE_KINDS, *kinds_of(dsl.needs), Among, Bound, GuidePlan, PlanContents, Schedule, Sort))

Kind = TypeVar("Kind")


def build_kept(project: RuleProject, *, folder: Path, previous: RuleSet | None = None) -> RuleSet:
    """What `RuleSet.build` gives, from the folder if it was stored there, else stored. Raises RulesWithErrors."""
    kept = None if previous is not None else _read(project, folder)
    if kept is not None:
        return kept
    built = RuleSet.build(project, previous=previous)
    keep(built, folder=folder)
    return built


def keep(ruleset: RuleSet, *, folder: Path) -> None:
    """Store a rule set for `build_kept`, unless it is there already."""
    file = _file(ruleset.project, folder)
    if not file.exists():
        write_file(file, _packed(ruleset), most=MOST_KEPT)


def _file(project: RuleProject, folder: Path) -> Path:
    key = key_of(project.sources, project.seen, project.zone)
    return folder / f"{key}-{_fingerprint()[:16]}{_ENDING}"


@cache
def _fingerprint() -> str:
    return fingerprint(each for folder in engine.__path__ for each in Path(folder).rglob("*.py"))


class _Table:
    """Values by number, each once."""

    def __init__(self) -> None:
        self.rows: list[Plain] = []
        self._numbers: dict[object, int] = {}

    def number(self, key: object, row: Plain) -> int:
        """The number of a value; row: what is written of it, if it is new."""
        known = self._numbers.setdefault(key, len(self.rows))
        if known == len(self.rows):
            self.rows.append(row)
        return known


def _packed(ruleset: RuleSet) -> bytes:
    schedules, sorts, wakes, conditions, terms = (_Table() for _ in range(5))

    def numbered(found: Iterable[Term], rank: int, *, of_audience: bool) -> list[int]:
        numbers = []
        for place, term in enumerate(found):
            where = conditions.number(id(term.condition), (rank, of_audience, place))
            row = (where, term.positive, _CODEC.plain(term.lookup))
            numbers.append(terms.number((where, term.positive, term.lookup), row))
        return numbers

    rows = []
    for rank, guide in enumerate(ruleset.guides):
        outline = outline_of(guide)
        flags = (outline.is_anywhere, outline.is_for_testers, outline.is_apart, outline.is_shared_out)
        rows.append(
            (
                outline.name,
                outline.kind.value,
                schedules.number(outline.schedule, _CODEC.plain(outline.schedule)),
                [wakes.number(clause, _CODEC.plain(clause)) for clause in triggers(guide.node)],
                outline.standing,
                numbered(outline.audience, rank, of_audience=True),
                numbered(outline.terms, rank, of_audience=False),
                [sorts.number(each, _CODEC.plain(each)) for each in outline.sorts],
                outline.stop_after,
                (*flags, outline.is_draft, outline.is_paused),
            )
        )
    tables = tuple(each.rows for each in (schedules, sorts, wakes, conditions, terms))
    plan = _CODEC.plain(contents_of(ruleset.plan))
    return packed((ruleset.revision, list(ruleset.prints.items()), plan, tables, rows))


def _read(project: RuleProject, folder: Path) -> RuleSet | None:
    content = read_file(_file(project, folder)) if project.ok else None
    if content is None:
        return None
    try:
        with nothing_collected():
            return _made(project, unpacked(content))
    except Exception:
        return None


def _made(project: RuleProject, plain: Plain) -> RuleSet:
    revision, prints, plan, tables, rows = plain
    workshop = Workshop(project)
    names = tuple(row[0] for row in rows)
    if set(names) != set(project.guides):
        raise ValueError("these are outlines of other guides")
    by_name = OnDemand(names, lambda name: workshop.guide(project.guides[name]))
    guides = Ranked(names, by_name)
    outlines = list(_outlines(rows, tables, guides, workshop))
    return RuleSet(
        project=project,
        plan=plan_of(project, _of(PlanContents, _CODEC.made(plan))),
        revision=revision,
        guides=guides,
        names=names,
        by_name=by_name,
        ranks=MappingProxyType({name: rank for rank, name in enumerate(names)}),
        index=index_of(outlines),
        limits=limits_of(project.limits),
        records=workshop.records(),
        workshop=workshop,
        prints=dict(prints),
    )


def _outlines(rows: Plain, tables: Plain, guides: Ranked, workshop: Workshop) -> Iterable[Outline]:
    schedules = [_of(Schedule, _CODEC.made(each)) for each in tables[0]]
    sorts = [_of(Sort, _CODEC.made(each)) for each in tables[1]]
    wakes = [workshop.wakes(_CODEC.made(each)) for each in tables[2]]
    conditions = [_deferred(guides, *where) for where in tables[3]]
    terms = [Term(conditions[number], positive, _CODEC.made(lookup)) for number, positive, lookup in tables[4]]
    kinds = {each.value: each for each in GuideKind}
    for name, kind, schedule, woken_by, standing, audience, asked, own_sorts, stop_after, flags in rows:
        yield Outline(
            name,
            kinds[kind],
            schedules[schedule],
            _by_event([wakes[each] for each in woken_by]),
            standing,
            tuple([terms[each] for each in audience]),
            tuple([terms[each] for each in asked]),
            frozenset([sorts[each] for each in own_sorts]),
            stop_after,
            *flags,
        )


def _deferred(guides: Ranked, rank: int, of_audience: bool, place: int) -> Deferred:
    def find() -> Decides:
        outline = outline_of(guides[rank])
        return (outline.audience if of_audience else outline.terms)[place].condition

    return Deferred(find)


def _by_event(tests: Iterable[tuple[str, Wakes]]) -> Mapping[str, tuple[Wakes, ...]]:
    found: dict[str, tuple[Wakes, ...]] = {}
    for name, test in tests:
        found[name] = (*found.get(name, ()), test)
    return found


def _of(kind: type[Kind], value: object) -> Kind:
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} was expected")
    return value
