"""What happened over all users: funnels, paths, records, figures. How an analysis is written here:

1. `history.open_history(lake, engine, population)` gives a `History`: `events` (columns of
   `engine.storage.lake_rows.EVENT_COLUMNS`, with `person`, who that is today, instead of `person_id`) and `people`,
   both as tables of Ibis, already without those who do not count (`population`: the one switch). It may be left open
   while the log is copied; files that it reads stay.
2. An analysis is a module of functions from tables to tables: **one** Ibis expression for one question, whatever the
   number of steps. It knows no engine. `engines.DuckDB` runs it in process, `engines.Spark` unchanged on a cluster.
   So that both give the same rows: order every window totally (time, then `seq`); never use `IN (query)` outside a
   filter, join instead; no `bool.any()`, no alias with the name of its input; whole microseconds, never timestamps;
   `get_json_object` of `wheres` to look into JSON, never a cast to JSON (Spark runs Python for it); quantiles only of
   whole numbers. What is random or approximate is not used.
3. What Python has to decide (a condition of the rules, the latest value of a trait) is decided for the distinct values
   or people it concerns, and joined as a table in memory (`ibis.memtable`): exact, and the same on every engine.
4. The answer is a frozen dataclass with n and an interval beside each share, made by pure functions
   (`funnel_answer`), and says who was left out (`History.left_out`) and of what version of the data it is.
5. `engine.analyst.Analyst` is the door: it copies the log, opens the engine, knows the rules in force, and keeps
   answers by (question, version). Commands and routes ask it and nothing else.

An oracle in plain Python in `tests/oracle` says the same slowly; random histories full of equal instants compare them,
on DuckDB every day and on Spark in the long profile.
"""
