"""As somebody writes it who knows the rules, the files and DuckDB: no more columns than needed, `asof` joins for the
chains, sessions found beside the events of one pass.
"""

# All text in these statements is our own: names of events and files, and numbers.
# ruff: noqa: S608

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.analytics.question import (
    BACK,
    FUNNEL,
    GAP,
    PATH,
    QUARTILES,
    SIGNALS,
    SPILL,
    WINDOW,
    Answer,
    funnel_answer,
    path_answer,
)
from benchmarks.lakes import NOW
from engine.storage.lake import Lake

_KEY = 10_000_000_000
"""Above every number of an event: time and number are one key."""


class ByHand:
    """SQL for DuckDB over the lake's files. memory: the most that it may take."""

    def __init__(self, folder: Path, memory: str | None = None) -> None:
        lake = Lake(folder)
        limits = {"memory_limit": memory} if memory is not None else {}
        self._connection = duckdb.connect(config={"temp_directory": str(folder / SPILL), **limits})
        files = [str(folder / name) for name in lake.manifest().files]
        people = [str(folder / part.name) for part in lake.manifest().people]
        self._events = f"""
            moved as (select id, person from read_parquet({people}) where id <> person),
            e as (select seq, coalesce(m.person, r.person_id) p, time t, kind, name, path, session_id
                  from read_parquet({files}) r left join moved m on r.person_id = m.id
                  where not simulated and not bot)"""

    def funnel(self) -> Answer:
        """One statement."""
        levels, joined = [], ""
        for number in range(1, len(FUNNEL)):
            levels.append(
                f"m{number} as materialized (select a.p, a.t, a.position, b.entry from (from k where s = {number}) a "
                f"asof join m{number - 1} b on a.p = b.p and a.position > b.position where a.t - b.entry <= {WINDOW})"
            )
            levels.append(f"f{number} as (select p, min(t) - min(entry) took{number} from m{number} group by p)")
            joined += f" left join f{number} using (p)"
        numbers = range(1, len(FUNNEL))
        quartiles = [f"quantile_cont(took{number}, {list(QUARTILES)})" for number in numbers]
        row = self._connection.execute(f"""
            with {self._events},
            k as materialized (select p, t, {_step(FUNNEL)} s, t * 32 + s position from e where name in {FUNNEL}),
            m0 as (select p, t, position, t entry from k where s = 0),
            f0 as (select distinct p from m0),
            {", ".join(levels)}
            select count(*), {", ".join(f"count(took{number})" for number in numbers)}, {", ".join(quartiles)}
            from f0 {joined}""").fetchone()
        assert row is not None
        return funnel_answer(list(row[: len(FUNNEL)]), list(row[len(FUNNEL) :]))

    def paths(self) -> Answer:
        """Who came where, the events of the sessions in which that ended, the last steps of these, counted twice."""
        run = self._connection.execute
        run(f"create or replace temp table ends as {self._ends()}")
        run(f"create or replace temp table steps as {self._steps()}")
        units = dict(run("select came, count(distinct p) from steps group by came").fetchall())
        met = run(f"""
            select kind, name, count(*) filter (not came), count(*) filter (came)
            from (select distinct p, came, kind, name from steps where not (kind = 'event' and name in {PATH}))
            group by kind, name""").fetchall()
        flows = run("""
            select place, name, following, count(*)
            from (select place, name, lead(name) over (partition by p order by place desc) following
                  from steps where kind = 'event' and not came)
            group by place, name, following""").fetchall()
        return path_answer(units[False], units[True], met, flows)

    def _ends(self) -> str:
        levels = [
            f"m{number} as materialized (select a.p, a.t, a.key, b.entry from (from k where s = {number}) a "
            f"asof join m{number - 1} b on a.p = b.p and a.key > b.key where a.t - b.entry <= {WINDOW})"
            for number in range(1, len(PATH))
        ]
        last = len(PATH) - 1
        return f"""
            with {self._events},
            k as materialized (select p, t, t::hugeint * {_KEY} + seq as key, {_step(PATH)} s
                               from e where name in {PATH}),
            m0 as (select p, t, key, t entry from k where s = 0),
            {", ".join(levels)},
            stuck as (select p, max(key) stuck, max(entry) + {WINDOW} until from m{last - 1} group by p),
            goals as (select p, min(key) goal from m{last} group by p),
            found as (select p, goal is not null came, coalesce(goal, stuck) as key, until
                      from stuck left join goals using (p))
            select p, came, (key // {_KEY})::bigint end_time, (key % {_KEY})::bigint end_seq,
                   case when came then (key // {_KEY})::bigint else until end until
            from found where came or until <= {NOW}"""

    def _steps(self) -> str:
        return f"""
            with {self._events},
            told as (select e.*, came, end_seq from e join ends using (p)
                     where t <= until and not (came and t = end_time and seq > end_seq)),
            gaps as (select *, t - lag(t) over own gap,
                            last(session_id) over (own rows between unbounded preceding and unbounded following) last
                     from told window own as (partition by p order by t, seq)),
            near as (select *, max(t) filter (gap is null or gap >= {GAP}) over (partition by p) begun from gaps),
            shown as (select p, t, seq, came,
                             case when kind = 'page' then 'page' when name in {SIGNALS} then 'friction'
                                  when kind = 'track' and not starts_with(name, '$') then 'event' end kind,
                             case when kind = 'page' then coalesce(path, '(no path)') when name in {SIGNALS}
                                  then substr(name, 2) else name end as name
                      from near
                      where case when last is null then session_id is null and t >= begun else session_id = last end
                      and not (came and seq = end_seq)),
            runs as (select *, case when kind = 'event' and name is distinct from
                                    lag(name) over (partition by p, kind order by t, seq) then 1 else 0 end begins
                     from shown where kind is not null),
            placed as (select *, 1 + coalesce(sum(begins) over (partition by p order by t, seq rows between 1 following
                                              and unbounded following), 0) place
                       from runs)
            select distinct p, came, place, kind, name from placed where place <= {BACK}"""


def _step(names: tuple[str, ...]) -> str:
    return "case name " + " ".join(f"when '{name}' then {number}" for number, name in enumerate(names)) + " end"
