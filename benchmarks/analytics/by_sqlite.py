"""As somebody writes it in plain SQLite: the same rows in a table, with an index by person and time, filled before."""

# All text in these statements is our own: names of events, and numbers.
# ruff: noqa: S608

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pyarrow.parquet as pq

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

_COLUMNS = ("seq", "person_id", "time", "kind", "name", "path", "session_id", "simulated", "bot")
_EVENTS = """
    e as (select e.seq, coalesce(m.person, e.person_id) p, e.time t, e.kind, e.name, e.path, e.session_id
          from events e left join moved m on m.id = e.person_id where not simulated and not bot)"""
_BEFORE = "(partition by p order by {} rows between unbounded preceding and 1 preceding)"


class BySqlite:
    """SQL for SQLite."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(database_of(folder))

    def funnel(self) -> Answer:
        """Running maxima, a step at a time; quartiles by rank, for want of a function."""
        numbers = range(1, len(FUNNEL))
        firsts = ", ".join(f"min(t) filter (where e{n} is not null) - min(e{n}) took{n}" for n in numbers)
        self._connection.execute("drop table if exists temp.found")
        self._connection.execute(f"""
            create temp table found as
            with {_EVENTS},
            k as (select p, t, {_step(FUNNEL)} s from e where name in {FUNNEL}),
            {_levels(FUNNEL, "t, s")}
            select p, {firsts} from m{len(FUNNEL) - 1} group by p having count(e0) > 0""")
        counts = self._connection.execute(
            f"select count(*), {', '.join(f'count(took{n})' for n in numbers)} from found"
        ).fetchone()
        return funnel_answer(list(counts), [self._quartiles(f"took{number}") for number in numbers])

    def paths(self) -> Answer:
        """Who came where, the events of the sessions in which that ended, the last steps of these, counted twice."""
        run = self._connection.execute
        for name, statement in (("ends", _ends()), ("steps", _steps())):
            run(f"drop table if exists temp.{name}")
            run(f"create temp table {name} as {statement}")
            if name == "ends":
                run("create index temp.by_person on ends (p)")
        units = dict(run("select came, count(distinct p) from steps group by came").fetchall())
        met = run(f"""
            select kind, name, sum(not came), sum(came)
            from (select distinct p, came, kind, name from steps where not (kind = 'event' and name in {PATH}))
            group by kind, name""").fetchall()
        flows = run("""
            select place, name, following, count(*)
            from (select place, name, lead(name) over (partition by p order by place desc) following
                  from steps where kind = 'event' and not came)
            group by place, name, following""").fetchall()
        return path_answer(units[0], units[1], met, flows)

    def _quartiles(self, column: str) -> list[float]:
        """Between the two values next to each rank, as everywhere else."""
        ranked = f"select {column} v, row_number() over (order by {column}) - 1 r from found where {column} is not null"
        (count,) = self._connection.execute(f"select count({column}) from found").fetchone()
        wanted = sorted(
            {place for share in QUARTILES for place in (int((count - 1) * share), int((count - 1) * share) + 1)}
        )
        known = dict(
            self._connection.execute(
                f"select r, v from ({ranked}) where r in ({', '.join(map(str, wanted))})"
            ).fetchall()
        )
        found = []
        for share in QUARTILES:
            place, part = int((count - 1) * share), (count - 1) * share % 1
            found.append(known[place] + part * (known.get(place + 1, known[place]) - known[place]))
        return found


def database_of(folder: Path) -> Path:
    """The file with the same rows."""
    return folder / "events.sqlite"


def fill(folder: Path) -> None:
    """Write the same rows into a table."""
    lake = Lake(folder)
    connection = sqlite3.connect(database_of(folder))
    connection.execute("pragma journal_mode = off")
    connection.execute(f"create table events ({', '.join(_COLUMNS)})")
    connection.execute("create table moved (id integer primary key, person)")
    marks = ", ".join("?" for _ in _COLUMNS)
    for name in lake.manifest().files:
        for batch in pq.ParquetFile(folder / name).iter_batches(100_000, columns=list(_COLUMNS)):
            values = zip(*(batch.column(column).to_pylist() for column in _COLUMNS), strict=True)
            connection.executemany(f"insert into events values ({marks})", values)
    for part in lake.manifest().people:
        rows = pq.read_table(folder / part.name, columns=["id", "person"]).to_pylist()
        moved = [(row["id"], row["person"]) for row in rows if row["id"] != row["person"]]
        connection.executemany("insert into moved values (?, ?)", moved)
    connection.execute("create index by_person on events (person_id, time, seq)")
    connection.execute("analyze")
    connection.commit()
    connection.close()


def _levels(names: tuple[str, ...], order: str) -> str:
    levels, before = ["m0 as (select *, case when s = 0 then t end e0 from k)"], "m0"
    for number in range(1, len(names)):
        own = _BEFORE.format(order)
        levels.append(f"l{number} as (select *, max(e{number - 1}) over {own} l{number} from {before})")
        comes = f"s = {number} and t - l{number} <= {WINDOW}"
        levels.append(f"m{number} as (select *, case when {comes} then l{number} end e{number} from l{number})")
        before = f"m{number}"
    return ", ".join(levels)


def _ends() -> str:
    last = len(PATH) - 1
    return f"""
        with {_EVENTS}, k as (select p, t, seq, {_step(PATH)} s from e where name in {PATH}), {_levels(PATH, "t, seq")},
        ranked as (select *, row_number() over (partition by p order by e{last} is null, t, seq) goal,
                          row_number() over (partition by p order by e{last - 1} is null, t desc, seq desc) stuck,
                          max(e{last - 1}) over (partition by p) latest
                   from m{last} where e{last} is not null or e{last - 1} is not null),
        found as (select p, max(e{last}) is not null came, max(latest) + {WINDOW} until,
                         max(case when goal = 1 and e{last} is not null then t end) goal_time,
                         max(case when goal = 1 and e{last} is not null then seq end) goal_seq,
                         max(case when stuck = 1 then t end) stuck_time, max(case when stuck = 1 then seq end) stuck_seq
                  from ranked group by p)
        select p, came, coalesce(goal_time, stuck_time) end_time, coalesce(goal_seq, stuck_seq) end_seq,
               case when came then goal_time else until end until
        from found where came or until <= {NOW}"""


def _steps() -> str:
    return f"""
        with {_EVENTS},
        told as (select e.*, came, end_seq from e join ends on ends.p = e.p
                 where t <= until and not (came and t = end_time and seq > end_seq)),
        gaps as (select *, t - lag(t) over own gap,
                        last_value(session_id) over (partition by p order by t, seq rows between unbounded preceding
                                                     and unbounded following) last
                 from told window own as (partition by p order by t, seq)),
        near as (select *, max(t) filter (where gap is null or gap >= {GAP}) over (partition by p) begun from gaps),
        shown as (select p, t, seq, came,
                         case when kind = 'page' then 'page' when name in {SIGNALS} then 'friction'
                              when kind = 'track' and name not like '$%' then 'event' end kind,
                         case when kind = 'page' then coalesce(path, '(no path)') when name in {SIGNALS}
                              then substr(name, 2) else name end name
                  from near
                  where case when last is null then session_id is null and t >= begun else session_id = last end
                  and not (came and seq = end_seq)),
        runs as (select *, kind = 'event' and name is not lag(name) over (partition by p, kind order by t, seq) begins
                 from shown where kind is not null),
        placed as (select *, 1 + coalesce(sum(begins) over (partition by p order by t, seq rows between 1 following
                                          and unbounded following), 0) place
                   from runs)
        select distinct p, came, place, kind, name from placed where place <= {BACK}"""


def _step(names: tuple[str, ...]) -> str:
    return "case name " + " ".join(f"when '{name}' then {number}" for number, name in enumerate(names)) + " end"


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
