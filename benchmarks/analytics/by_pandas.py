"""As somebody writes it in pandas: the files read with the columns and rows that matter, one sort, and no loop over
people. Reading is part of the question, as it is of all the others.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd  # type: ignore[import-untyped]

from benchmarks.analytics.question import (
    BACK,
    FUNNEL,
    GAP,
    PATH,
    QUARTILES,
    SIGNALS,
    WINDOW,
    Answer,
    funnel_answer,
    path_answer,
)
from benchmarks.lakes import NOW
from engine.storage.lake import Lake

_KEPT = [("simulated", "==", False), ("bot", "==", False)]


class ByPandas:
    """Data frames over the lake's files."""

    def __init__(self, folder: Path) -> None:
        lake = Lake(folder)
        self._files = [str(folder / name) for name in lake.manifest().files]
        self._people = [str(folder / part.name) for part in lake.manifest().people]

    def funnel(self) -> Answer:
        """Sorted once, carried forward once a step."""
        rows = self._read(["time", "name"], FUNNEL)
        rows["step"] = rows["name"].map({name: number for number, name in enumerate(FUNNEL)}).astype("int8")
        rows = rows.sort_values(["person", "time", "step"], ignore_index=True)
        entries, counts, times = _chain(rows, len(FUNNEL)), [], []
        for number, entry in enumerate(entries):
            came = pd.DataFrame({"person": rows["person"], "time": rows["time"], "entry": entry})[entry.notna()]
            first = came.groupby("person", sort=False).min()
            counts.append(len(first))
            if number:
                times.append((first["time"] - first["entry"]).quantile(list(QUARTILES)).tolist())
        return funnel_answer(counts, times)

    def paths(self) -> Answer:
        """Who came where, the events of the sessions in which that ended, the last steps of these, counted twice."""
        ends = self._ends()
        rows = self._read(["seq", "time", "kind", "name", "path", "session_id"])
        rows = rows.merge(ends, on="person")
        is_after = rows["came"] & (rows["time"] == rows["end_time"]) & (rows["seq"] > rows["end_seq"])
        rows = rows[(rows["time"] <= rows["until"]) & ~is_after]
        rows = rows.sort_values(["person", "time", "seq"], ignore_index=True)
        steps = _steps(_in_last_session(rows))
        units = steps.groupby("came")["person"].nunique()
        compared = steps[~((steps["kind"] == "event") & steps["name"].isin(PATH))]
        met = (
            compared.drop_duplicates(["person", "kind", "name"]).groupby(["kind", "name"])["came"].agg(["size", "sum"])
        )
        own = steps[(steps["kind"] == "event") & ~steps["came"]].drop_duplicates(["person", "place"]).copy()
        own["to"] = own.groupby("person", sort=False)["name"].shift(-1)
        flows = own.groupby(["place", "name", "to"], dropna=False).size()
        return path_answer(
            units[False],
            units[True],
            [(kind, name, row["size"] - row["sum"], row["sum"]) for (kind, name), row in met.iterrows()],
            [(place, name, None if pd.isna(to) else to, count) for (place, name, to), count in flows.items()],
        )

    def _read(self, columns: list[str], names: tuple[str, ...] | None = None) -> pd.DataFrame:
        """Events with whose they are, of those who count."""
        wanted = [*_KEPT, ("name", "in", list(names))] if names is not None else _KEPT
        rows = pd.read_parquet(self._files, columns=["person_id", *columns], filters=wanted)
        people = pd.read_parquet(self._people, columns=["id", "person"])
        moved = people[people["id"] != people["person"]].set_index("id")["person"]
        known = rows.pop("person_id")
        rows["person"] = known.where(~known.isin(moved.index), known.map(moved)).astype("int64")
        return rows

    def _ends(self) -> pd.DataFrame:
        rows = self._read(["time", "seq", "name"], PATH)
        rows["step"] = rows["name"].map({name: number for number, name in enumerate(PATH)}).astype("int8")
        rows = rows.sort_values(["person", "time", "seq"], ignore_index=True)
        *_, stuck, goal = _chain(rows, len(PATH))
        rows["entry"] = stuck
        latest = (
            rows[stuck.notna()]
            .groupby("person")
            .agg(time=("time", "last"), seq=("seq", "last"), entry=("entry", "max"))
        )
        first = rows[goal.notna()].groupby("person").agg(goal_time=("time", "first"), goal_seq=("seq", "first"))
        found = latest.join(first)
        found["came"] = found["goal_time"].notna()
        until = (found["entry"] + WINDOW).astype("int64")
        found["end_time"] = found["goal_time"].fillna(found["time"]).astype("int64")
        found["end_seq"] = found["goal_seq"].fillna(found["seq"]).astype("int64")
        found["until"] = until.where(~found["came"], found["end_time"])
        found = found[found["came"] | (until <= NOW)]
        return found[["came", "end_time", "end_seq", "until"]].reset_index()


def _chain(rows: pd.DataFrame, steps: int) -> list[pd.Series]:
    """Of each row and step, when the latest chain was entered that comes there. rows: in order, each of one step."""
    entries = [rows["time"].where(rows["step"] == 0)]
    for number in range(1, steps):
        latest = entries[-1].groupby(rows["person"], sort=False).ffill()
        comes = (rows["step"] == number) & (rows["time"] - latest <= WINDOW)
        entries.append(latest.where(comes))
    return entries


def _in_last_session(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the session in which each end lies, without the goal itself. rows: in order, up to the end."""
    person = rows["person"]
    gap = rows["time"].diff()
    begins = (person != person.shift()) | (gap >= GAP)
    begun = rows["time"].where(begins).groupby(person, sort=False).transform("max")
    last = rows["session_id"]
    if last.notna().any():
        last = rows.groupby("person", sort=False)["session_id"].transform(lambda ids: ids.iloc[-1])
    beside = last.isna() & rows["session_id"].isna() & (rows["time"] >= begun)
    is_inside = beside | (rows["session_id"] == last).fillna(False).astype(bool)
    is_goal = rows["came"] & (rows["seq"] == rows["end_seq"])
    return rows[is_inside & ~is_goal]


def _steps(rows: pd.DataFrame) -> pd.DataFrame:
    """The last steps. rows: in order."""
    is_page, is_signal = rows["kind"] == "page", rows["name"].isin(SIGNALS)
    is_event = (rows["kind"] == "track") & ~rows["name"].str.startswith("$")
    shown = pd.DataFrame({"person": rows["person"], "came": rows["came"]})
    shown["kind"] = pd.Series("", rows.index, dtype="str").mask(is_event, "event").mask(is_page, "page")
    shown["kind"] = shown["kind"].mask(is_signal, "friction")
    named = rows["name"].mask(is_signal, rows["name"].str.slice(1))
    shown["name"] = named.mask(is_page, rows["path"].fillna("(no path)"))
    shown = shown[shown["kind"] != ""]
    events = shown[shown["kind"] == "event"]
    begins = (events["person"] != events["person"].shift()) | (events["name"] != events["name"].shift())
    shown["begins"] = begins.reindex(shown.index, fill_value=False).astype("int64")
    runs = shown.groupby("person", sort=False)["begins"]
    shown["place"] = runs.transform("sum") - runs.cumsum() + 1
    return shown[shown["place"] <= BACK]
