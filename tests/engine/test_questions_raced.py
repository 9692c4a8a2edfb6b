"""The contenders of the benchmark say the same, so what is raced is one question; and its page of results is whole."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pytest

from benchmarks import lakes, scale
from benchmarks.analytics import by_sqlite
from benchmarks.analytics.by_engine import ByEngine
from benchmarks.analytics.by_hand import ByHand
from benchmarks.analytics.by_pandas import ByPandas
from benchmarks.scale import Measured, Size, page
from engine.storage.lake import Lake
from engine.storage.lake_files import read_files

HOW = (ByHand, ByPandas, by_sqlite.BySqlite)


def with_sessions(folder: Path, source: Lake) -> Lake:
    """The same events, many of which bring a session of their own, on whole minutes, so that most instants are tied."""
    draw, manifest = random.Random(4), source.manifest()  # noqa: S311  (a history, no secret)
    lake = Lake(folder)
    people = read_files(source.folder, [part.name for part in manifest.people])
    for name in manifest.files:
        rows = read_files(source.folder, [name])
        ids = pa.array([draw.choice([None, None, "s", "t"]) for _ in range(rows.num_rows)], pa.string())
        minute = 60_000_000
        times = pa.array([time // minute * minute for time in rows["time"].to_pylist()], pa.int64())
        rows = rows.set_column(rows.column_names.index("session_id"), "session_id", ids)
        rows = rows.set_column(rows.column_names.index("time"), "time", times)
        lake.append(rows, people)
        people = people.slice(0, 0)
    return lake


@pytest.mark.thorough
@pytest.mark.parametrize("brings_sessions", [False, True], ids=["gaps", "sessions of their own"])
def test_all_contenders_answer_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brings_sessions: bool) -> None:
    monkeypatch.setattr(lakes, "DAYS", 6)
    folder = tmp_path / "lake"
    lakes.build(folder, 18_000)
    if brings_sessions:
        folder = with_sessions(tmp_path / "other", Lake(folder)).folder
    by_sqlite.fill(folder)
    ours = ByEngine(folder)
    funnel, paths = ours.funnel(), ours.paths()
    assert funnel["counts"][0] > funnel["counts"][-1] > 5
    assert min(paths["left"], paths["went"]) > 20
    for how in HOW:
        theirs = how(folder)
        assert theirs.funnel() == funnel, how
        assert theirs.paths() == paths, how


def test_the_results_say_what_was_measured_and_how_it_grew() -> None:
    sizes = [
        Size(
            events,
            files=events * 10,
            load=2.0,
            found={
                (question, way): Measured(seconds, 2 * seconds, memory=10**9, spilled=3 * 10**9)
                for question in ("funnel", "paths")
                for way, seconds in (("engine", events / 10**6), ("by hand", events / 2 / 10**6))
            },
        )
        for events in (10**6, 10**7)
    ]
    written = page(sizes, "4GB")
    assert "| 10,000,000 | 10.0 | 5.0 | 20.0 | 10.0 | 2.00 | 1.00 | 3.00 | 0.10 | 2 |" in written
    assert "the funnel took 10.0 times the work and 1.0 times the memory" in written


def test_the_docs_on_scale_quote_the_results_and_type_no_figure_of_their_own() -> None:
    said = scale.DOCS.read_text(encoding="utf-8")
    assert said == scale.quoted(said, scale.RESULTS.read_text(encoding="utf-8")), "python -m benchmarks.scale --docs"
