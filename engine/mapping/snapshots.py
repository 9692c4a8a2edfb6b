"""Maps as they were: written once as JSON, never changed, and read back into the same facts.

Words of users are not among them: of lines of the kind `said` only their number is kept, and of what people typed not
which answers it linked, so that nothing of a person who is erased later is left in a snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

import orjson

from dsl.values import Duration, Instant
from engine.analytics.intervals import Interval
from engine.analytics.releases import Release
from engine.errors import WaypostError
from engine.mapping.model import JourneyMap, LineKind, Lines, MapLine, Publication, StageOnMap, StepOnMap, Within
from engine.mapping.releases import Look
from engine.mapping.rows import Row
from engine.mapping.targets import Future
from engine.roadmap.evidence import Period
from engine.roadmap.metrics import Measured, Metric
from engine.stages import StageMark

FORMAT: Final = 1
"""Of the document."""
BY_ITSELF: Final = "background work"
"""Who takes the snapshots of quarters."""

Fact = TypeVar("Fact")


class NoSuchSnapshot(WaypostError):
    """There is no snapshot of that number of the journey."""

    code = "no_such_snapshot"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no snapshot {number} of this journey")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotDraft:
    """A snapshot about to be kept. quarter: of one that is taken by itself. document: JSON; blank in lists."""

    journey: str
    persona: str
    period: Period
    quarter: str | None
    note: str
    document: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot as it is kept."""

    id: int
    draft: SnapshotDraft
    taken: Instant
    by: str


def to_document(drawn: JourneyMap) -> str:
    """A map as a snapshot keeps it."""
    kept = {
        "format": FORMAT,
        "journey": drawn.journey,
        "label": drawn.label,
        "persona": drawn.persona,
        "persona_label": drawn.persona_label,
        "period": drawn.period,
        "made": drawn.made,
        "left_out": drawn.left_out,
        "releases": drawn.releases,
        "publications": drawn.publications,
        "path": drawn.path,
        "worst": drawn.worst,
        "lines": _without_words(drawn.lines),
        "stages": [
            {"mark": each.mark, "steps": each.steps, "lines": _without_words(each.lines)} for each in drawn.stages
        ],
        "steps": [_written(step) for step in drawn.steps],
    }
    return orjson.dumps(kept).decode()


def from_document(text: str) -> JourneyMap:
    """The map of a snapshot."""
    read = orjson.loads(text)
    return JourneyMap(
        journey=read["journey"],
        label=read["label"],
        persona=read["persona"],
        persona_label=read["persona_label"],
        period=_fact(Period, read["period"]),
        made=Instant(read["made"]),
        stages=tuple(
            StageOnMap(_fact(StageMark, each["mark"]), tuple(each["steps"]), _lines(each["lines"]))
            for each in read["stages"]
        ),
        steps=tuple(map(_step, read["steps"])),
        releases=_releases(read["releases"]),
        # Not in the snapshots of earlier times.
        publications=tuple(_fact(Publication, each) for each in read.get("publications", ())),
        lines=_lines(read["lines"]),
        left_out=tuple(read["left_out"]),
        path=tuple(read.get("path", ())) or tuple(each["step"] for each in read["steps"]),
        worst=read.get("worst", ""),
    )


def _written(step: StepOnMap) -> dict[str, Any]:
    own = {each.name: getattr(step, each.name) for each in fields(step)}
    return {**own, "feelings": dict(step.feelings), "lines": _without_words(step.lines)}


def _without_words(lines: Lines) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row, told in lines.items():
        kept = [_bare(line) for line in told if line.kind is not LineKind.SAID]
        said = sum(line.kind is LineKind.SAID for line in told)
        if said:
            text = f"{said} quoted then; words of users are not kept in snapshots"
            kept.append(_bare(MapLine(LineKind.MEASURED, text, n=said)))
        found[row.value] = kept
    return found


def _bare(line: MapLine) -> dict[str, Any]:
    own = {each.name: getattr(line, each.name) for each in fields(line)}
    # Which answers were linked would tell who said something, for as long as the snapshot stays.
    links = [each for each in line.evidence if not each.startswith("response:")]
    return {**own, "evidence": links, "missing": []}


def _step(read: Mapping[str, Any]) -> StepOnMap:
    return StepOnMap(
        step=read["step"],
        label=read["label"],
        stage=read["stage"],
        name=read["name"],
        entered=read["entered"],
        went_on=read["went_on"],
        lost=read["lost"],
        figures=tuple(map(_measured, read["figures"])),
        within=_maybe(_within, read["within"]),
        feelings=read["feelings"],
        futures=tuple(map(_future, read["futures"])),
        releases=tuple(read["releases"]),
        stale=_releases(read["stale"]),
        look=_maybe(lambda told: _fact(Look, told), read["look"]),
        lines=_lines(read["lines"]),
    )


def _measured(read: Mapping[str, Any]) -> Measured:
    return Measured(Metric(read["metric"]), read["value"], read["n"], _interval(read["interval"]))


def _within(read: Mapping[str, Any]) -> Within:
    return Within(Duration(read["expected"]), read["n"], read["share"], _interval(read["interval"]))


def _future(read: Mapping[str, Any]) -> Future:
    return _fact(Future, {**read, "metric": Metric(read["metric"]), "present": _measured(read["present"])})


def _interval(read: Mapping[str, Any] | None) -> Interval | None:
    return _maybe(lambda told: _fact(Interval, told), read)


def _releases(read: Iterable[Mapping[str, Any]]) -> tuple[Release, ...]:
    return tuple(
        Release(
            each["version"],
            Instant(each["at"]),
            tuple(each["steps"]),
            tuple(each["pages"]),
            tuple(each["touchpoints"]),
        )
        for each in read
    )


def _lines(read: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[Row, tuple[MapLine, ...]]:
    return {Row(row): tuple(map(_line, told)) for row, told in read.items()}


def _line(read: Mapping[str, Any]) -> MapLine:
    lists = {name: tuple(read[name]) for name in ("evidence", "missing")}
    return _fact(MapLine, {**read, **lists, "kind": LineKind(read["kind"])})


def _fact(kind: type[Fact], read: Mapping[str, Any]) -> Fact:
    return kind(**read)


def _maybe(make: Callable[[Any], Fact], read: Any) -> Fact | None:
    return None if read is None else make(read)
