"""The lake for tools of one's own: views in SQL, data frames, rules put in force without a server."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from api.frames import QUESTIONS, BadQuestion, frame, query
from engine.lake_views import reference, views

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "lake.md"
RULES = """
event "Signup"
event "Paid" { amount: number, note: text }

journey way "The way" {
  stage s "Sight" {
    step begin "Begin" reached by "Signup"
    step pay "Pay" reached by "Paid" where amount >= 10
    step note "Note" reached by "Paid" where note contains "thanks"
  }
}

guide help "Help" {
  on "Signup"
  show modal { title "T" }
  goal "Paid" within 1 day
  expires 2099-12-31
}
"""
LOG: list[tuple[Any, ...]] = [
    # minute, who, name, properties
    (0, "anon-1", "Signup", {}),
    (1, "ada", "Paid", {"amount": 12, "note": "thanks a lot"}),
    (2, "ada", "$shown", {"guide": "help"}),
    (3, "ada", "$answered", {"guide": "ask", "question": "why", "submission": "s1", "value": 2}),
    (4, "ada", "$answered", {"guide": "ask", "question": "why", "submission": "s1", "value": 7, "text": "it's ok"}),
    (60, "bob", "Signup", {}),
    (61, "bob", "$rage_click", {"selector": "#pay", "path": "/pay"}),
    (62, "bob", "Paid", {"amount": 3}),
    (100, "bob", "Paid", {"amount": 30}),
    (120, "cy", "$release", {"version": "2.1"}),
]


def waypost(*words: str | Path) -> Result:
    ran = CliRunner().invoke(cli, [str(word) for word in words], env={"COLUMNS": "140"})
    assert ran.exit_code == 0, ran.output
    return ran


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people, one of whom began as a visitor, and a robot that does not count."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "rules.way").write_text(RULES)
    lines = [
        {"type": "track", "event": name, "properties": properties, **_who(who), "timestamp": _at(minute)}
        for minute, who, name, properties in LOG
    ]
    lines += [
        {
            "type": "identify",
            "userId": "ada",
            "anonymousId": "anon-1",
            "traits": {"plan": "pro", "$add": {"n": 1}},
            "timestamp": _at(1),
        },
        {"type": "identify", "userId": "ada", "traits": {"plan": "team", 'odd "name"': [1]}, "timestamp": _at(5)},
        {"type": "group", "userId": "ada", "groupId": "acme", "timestamp": _at(6)},
        {
            "type": "track",
            "event": "Signup",
            "userId": "bot",
            "timestamp": _at(7),
            "context": {"userAgent": "Googlebot/2.1"},
        },
    ]
    (folder / "log.jsonl").write_text(
        "".join(json.dumps({"messageId": f"m{n}", **line}) + "\n" for n, line in enumerate(lines))
    )
    waypost("rules", "publish", folder / "rules.way", "--data", folder / "data")
    waypost("import", "segment", folder / "log.jsonl", "--data", folder / "data")
    return folder / "data"


def _who(who: str) -> dict[str, str]:
    return {"anonymousId": who} if who.startswith("anon") else {"userId": who}


def _at(minute: int) -> str:
    return f"2026-03-02T{9 + minute // 60:02}:{minute % 60:02}:00Z"


@pytest.fixture(scope="module")
def analyst(data: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB as an analyst has it, with the script read in and nothing of ours."""
    connection = duckdb.connect()
    connection.execute(waypost("lake", "views", "--data", data).stdout)
    return connection


def rows(analyst: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return analyst.execute(sql).fetchall()


@pytest.mark.parametrize("view", views(), ids=lambda view: view.name)
def test_a_view_has_the_columns_that_are_documented(analyst: duckdb.DuckDBPyConnection, view: Any) -> None:
    found = analyst.table(view.name)
    assert found.columns == list(view.columns)
    assert found.fetchall(), "every view has something to show here"


def test_the_page_of_the_views_is_what_the_command_says() -> None:
    assert DOCS.read_text().endswith(reference())
    assert waypost("lake", "views", "--define").stdout.rstrip() == reference().rstrip()


def test_the_script_opens_parquet_and_the_manifest_and_nothing_else(data: Path) -> None:
    sql = waypost("lake", "views", "--data", data).stdout
    code = "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--"))
    assert "sqlite" not in code.lower()
    assert not {"ATTACH", "INSTALL", "LOAD", "COPY"} & set(code.upper().split())
    assert str(data / "lake") in sql


def test_somebody_who_turned_out_to_be_somebody_else_is_one_person(analyst: duckdb.DuckDBPyConnection) -> None:
    assert rows(analyst, 'SELECT "user", account, events FROM people ORDER BY 1') == [
        ("ada", "acme", 8),
        ("bob", None, 4),
        ("cy", None, 1),
    ]


def test_what_does_not_count_is_in_events_and_nowhere_else(analyst: duckdb.DuckDBPyConnection) -> None:
    assert rows(analyst, 'SELECT "user", name FROM events WHERE NOT counts') == [("bot", "Signup")]
    assert rows(analyst, "SELECT count(*) FROM sessions WHERE \"user\" = 'bot'") == [(0,)]


def test_steps_are_those_of_the_rules_with_their_conditions(analyst: duckdb.DuckDBPyConnection) -> None:
    found = rows(analyst, "SELECT stage, step, place, \"user\", strftime(time, '%H:%M') FROM steps ORDER BY 3, 4")
    assert found == [
        ("s", "begin", 1, "ada", "09:00"),
        ("s", "begin", 1, "bob", "10:00"),
        ("s", "pay", 2, "ada", "09:01"),
        ("s", "pay", 2, "bob", "10:40"),
    ]


def test_a_step_whose_condition_sql_cannot_say_is_named(data: Path) -> None:
    assert "lacks events of `way.note`" in waypost("lake", "views", "--data", data).stderr


def test_an_answer_that_was_changed_counts_once(analyst: duckdb.DuckDBPyConnection) -> None:
    assert rows(analyst, "SELECT guide, question, value, text FROM responses") == [("ask", "why", "7", "it's ok")]


def test_traits_are_what_was_said_last_and_operations_are_left_out(analyst: duckdb.DuckDBPyConnection) -> None:
    assert rows(analyst, "SELECT name, value FROM traits ORDER BY 1") == [('odd "name"', "[1]"), ("plan", '"team"')]


def test_guides_friction_and_releases_stand_in_views_of_their_own(analyst: duckdb.DuckDBPyConnection) -> None:
    assert rows(analyst, "SELECT guide, what FROM guides") == [("help", "shown")]
    assert rows(analyst, "SELECT signal, selector, path FROM friction") == [("rage_click", "#pay", "/pay")]
    assert rows(analyst, "SELECT version FROM releases") == [("2.1",)]


def test_sessions_are_those_that_funnels_count(data: Path, analyst: duckdb.DuckDBPyConnection) -> None:
    told = json.loads(waypost("funnel", "--steps", "Paid,Paid", "--by", "session", "--json", "--data", data).stdout)
    sql = """SELECT count(DISTINCT session) FROM sessions AS s JOIN events AS e
             ON e.person = s.person AND e.name = 'Paid' AND e.time BETWEEN s.began AND s.ended"""
    assert rows(analyst, sql) == [(told["steps"][0]["count"],)] == [(3,)]


COMMANDS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "funnel": (
        ["funnel", "way", "--window", "7d", "--order", "any"],
        {"journey": "way", "window": "7d", "order": "any"},
    ),
    "paths": (
        ["paths", "--steps", "Signup,Paid", "--part", "matrix"],
        {"step": ["Signup", "Paid"], "part": "matrix"},
    ),
    "kpis": (["kpis", "--from", "2026-03-01"], {"from_": "2026-03-01T00:00:00Z"}),
    "health": (["health", "--all", "--outcome", "Paid"], {"outcome": "Paid"}),
    "effect": (["effect", "help"], {"guide": "help"}),
    "opportunities": (["opportunities", "way"], {"journey": "way"}),
    "records": (["records", "way"], {"journey": "way"}),
    "transitions": (["records", "way", "--transitions"], {"journey": "way"}),
    "curve": (["records", "way", "--curve"], {"journey": "way"}),
    "asked": (["records", "way", "--asked"], {"journey": "way"}),
    "terms": (["records", "way", "--terms"], {"journey": "way"}),
    "disagreements": (["records", "way", "--disagreements"], {"journey": "way"}),
    "evidence": (["evidence", "list"], {}),
    "alerts": (["alerts"], {}),
}


QUICK = {"funnel", "evidence", "alerts"}


@pytest.mark.parametrize(
    "question", [one if one in QUICK else pytest.param(one, marks=pytest.mark.thorough) for one in QUESTIONS]
)
def test_a_data_frame_says_what_the_command_says(data: Path, question: str) -> None:
    words, asked = COMMANDS[question]
    told = list(csv.DictReader(io.StringIO(waypost(*words, "--csv", "--data", data).stdout)))
    found = frame(question, data=str(data), **asked)
    # The command prints the guide's name too: it may be asked of a whole journey.
    columns = [name for name in told[0] if name in found.columns] if told else list(found.columns)
    assert columns == list(found.columns)
    assert len(found) == len(told)
    for mine, theirs in zip(found.to_dict("records"), told, strict=True):
        for name in columns:
            value = None if mine[name] != mine[name] else mine[name]
            if isinstance(value, float):
                assert value == pytest.approx(float(theirs[name])), name
            else:
                assert theirs[name].removeprefix("'") == ("" if value is None else str(value)), name


def test_a_view_is_a_data_frame_and_sql_is_one_too(data: Path) -> None:
    assert list(frame("steps", data=str(data)).columns) == list(next(v for v in views() if v.name == "steps").columns)
    counted = query(
        "SELECT name, count(*) AS times FROM events WHERE counts GROUP BY name ORDER BY name", data=str(data)
    )
    assert dict(zip(counted["name"], counted["times"], strict=True))["Paid"] == 3


WRONG = [
    ("funel", {}, "there is no question `funel`; there are `funnel`"),
    ("funnel", {"journey": "way", "window": "a week"}, "window: a length is a number and s, m, h, d or w"),
    ("funnel", {"journey": "way", "windw": "7d"}, "windw: unknown field"),
    ("effect", {}, "say of which guide"),
    ("steps", {"journey": "way"}, "`steps` is a view and takes no journey"),
]


@pytest.mark.parametrize(("question", "asked", "message"), WRONG, ids=[each[2][:30] for each in WRONG])
def test_a_question_that_there_is_not_says_which_there_are(
    data: Path, question: str, asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadQuestion) as refused:
        frame(question, data=str(data), **asked)
    assert message in str(refused.value)


def test_the_script_finds_what_was_copied_after_it_was_written(data: Path, tmp_path: Path) -> None:
    script = tmp_path / "views.sql"
    waypost("lake", "views", "--out", script, "--data", data)
    late = {"messageId": "late", "type": "track", "event": "Late", "userId": "ada", "timestamp": _at(200)}
    (tmp_path / "late.jsonl").write_text(json.dumps(late) + "\n")
    waypost("import", "segment", tmp_path / "late.jsonl", "--data", data)
    assert json.loads(waypost("lake", "sync", "--json", "--data", data).stdout)["copied"] == 1
    connection = duckdb.connect()
    connection.execute(script.read_text())
    assert rows(connection, "SELECT \"user\" FROM events WHERE name = 'Late'") == [("ada",)]
    waypost("person", "erase", "ada", "--yes", "--data", data)
    connection.execute(script.read_text())
    assert rows(connection, "SELECT count(*) FROM events WHERE \"user\" = 'ada'") == [(0,)]


def test_rules_with_an_error_are_not_put_in_force(tmp_path: Path) -> None:
    (tmp_path / "bad.way").write_text("journey {")
    ran = CliRunner().invoke(cli, ["rules", "publish", str(tmp_path / "bad.way"), "--data", str(tmp_path / "data")])
    assert ran.exit_code == 1
    assert "nothing was published" in ran.output


def test_rules_that_are_published_again_change_nothing(data: Path) -> None:
    told = json.loads(waypost("rules", "publish", data.parent / "rules.way", "--json", "--data", data).stdout)
    assert (told["version"], told["changed"]) == (1, False)
