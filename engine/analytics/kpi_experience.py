"""What it was like at the steps of a journey, person by person, for the figures of a product: friction and feelings.

Both as the records of steps have them: a sign of friction belongs to the step whose page it happened on, else to the
one where the person stood; an answer to the step that the fold has given it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.analytics.heard import Heard
from engine.analytics.standings import Standings, any_of
from engine.analytics.step_counts import signals_at
from engine.friction import WEIGHTS

if TYPE_CHECKING:
    import ibis

    Table: TypeAlias = ibis.Table


def experience(found: Standings, told: Iterable[Heard]) -> Table:
    """One row a person, `member`; of each step, by number: `met_N`, whether they met a sign of friction there,
    `said_N`, whether they said anything of feelings, and `bad_N`, whether that was bad on average.

    told: what was said at the steps.
    """
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)
    import pyarrow as pa  # noqa: PLC0415

    numbers = found.walk.numbers
    signals = signals_at(found)
    is_any = any_of([signals[name] > 0 for name in WEIGHTS])
    met = signals.filter(is_any).group_by("who").agg(**{f"times_{k}": _times(signals, k) for k in numbers})
    feelings = _feelings(told, found.walk.asked.steps)
    columns: dict[str, Any] = {"speaker": pa.array(sorted(feelings), pa.int64())}
    for k in numbers:
        own = [feelings[person].get(k) for person in sorted(feelings)]
        columns[f"felt_{k}"] = pa.array([None if each is None else each < 0 for each in own], pa.bool_())
    people = found.people.select(member="person").left_join(met, [("member", "who")]).drop("who")
    people = people.left_join(ibis.memtable(pa.table(columns)), [("member", "speaker")]).drop("speaker")
    marks = {f"met_{k}": (people[f"times_{k}"] > 0).fill_null(False) for k in numbers}
    marks |= {f"said_{k}": people[f"felt_{k}"].notnull() for k in numbers}
    marks |= {f"bad_{k}": people[f"felt_{k}"].fill_null(False) for k in numbers}
    return people.select("member", **marks)


def _times(signals: Table, step: int) -> Any:
    import ibis  # noqa: PLC0415

    return ibis.ifelse(signals["at"] == step, 1, 0).sum()


def _feelings(told: Iterable[Heard], steps: tuple[str, ...]) -> Mapping[int, Mapping[int, float]]:
    """The mean valence of what each person said, by the number of the step."""
    said: dict[tuple[int, int], list[float]] = {}
    for each in told:
        if each.given.valence is not None and each.step in steps:
            said.setdefault((each.person, steps.index(each.step)), []).append(each.given.valence)
    found: dict[int, dict[int, float]] = {}
    for (person, step), valences in said.items():
        found.setdefault(person, {})[step] = fmean(valences)
    return found
